import { expect, test } from '@jest/globals';
import { TEXTS_REACH, textsNear } from '../../src/search/secrets/hmac/texts-near-tokens.js';

const textsOf = (memory: Buffer) => {
  const tokens = { covers: () => false, isNear: () => false };
  return [...textsNear(memory, 0, tokens)].map(({ from, to, offset }) => [
    memory.toString('utf8', from, to),
    offset,
  ]);
};

test('a value goes to the end of its line, without blanks on either side', () => {
  const memory = Buffer.alloc(2 * TEXTS_REACH);
  memory.write('name:  a value  \t \n', 100);
  expect(textsOf(memory)).toEqual([['a value', 107]]);
});

// Quadratic time on such a line shows in bench/hostile.js ("signs and blanks beside a token").
test('a line of signs followed by as many blanks ends at its last sign', () => {
  const memory = Buffer.concat([Buffer.alloc(TEXTS_REACH, ':'), Buffer.alloc(TEXTS_REACH, ' ')]);
  const ends = textsOf(memory).map(([text, offset]) => Number(offset) + String(text).length);
  expect(ends.length).toBeGreaterThan(0);
  expect(new Set(ends)).toEqual(new Set([TEXTS_REACH]));
});

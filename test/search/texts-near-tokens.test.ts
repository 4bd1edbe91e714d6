import { expect, test } from '@jest/globals';
import { bufferReader } from '../../src/base/bytes/storage.js';
import { Kernel } from '../../src/search/core/kernel.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { delimitedTexts, TEXTS_REACH } from '../../src/search/hmac/texts-near-tokens.js';

const textsOf = (memory: Buffer) => {
  const token = { offset: TEXTS_REACH, hash: 'sha256', signed: Buffer.alloc(0), signature: Buffer.alloc(0) };
  const texts = delimitedTexts(token, new RunBytes(bufferReader(memory), new Kernel()));
  return [...texts].map(({ key, offset }) => [key.toString(), offset]);
};

test('a value goes to the end of its line, without blanks on either side', () => {
  const memory = Buffer.alloc(2 * TEXTS_REACH);
  memory.write('name:  a value  \t \n', 100);
  expect(textsOf(memory)).toEqual([['a value', 107]]);
});

test('a line of signs followed by as many blanks is read in linear time', () => {
  const memory = Buffer.concat([Buffer.alloc(TEXTS_REACH, ':'), Buffer.alloc(TEXTS_REACH, ' ')]);
  const start = performance.now();
  for (let i = 0; i < 16; i++) textsOf(memory);
  // Quadratic time would take 5 s and more.
  expect(performance.now() - start).toBeLessThan(2000);
});

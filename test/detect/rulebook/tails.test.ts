import { expect, test } from '@jest/globals';
import { isBeginning } from '../../../src/detect/rulebook/tails.js';
import type { Rule } from '../../../src/rules/types.js';
import fc from '../../support/property.js';

const PREFIX = Buffer.from('ab-');

/** Every text of the form, for a pattern with few. */
const FORMS: readonly [pattern: string, texts: readonly string[]][] = [
  ['(?P<secret>ab-[01]{2})', ['00', '01', '10', '11']],
  ['(?P<secret>ab-[01]{1,2}x?)', ['0', '1', '00', '01', '10', '11'].flatMap((text) => [text, `${text}x`])],
  ['key (?P<secret>ab-(?:0|1x){2})', ['00', '01x', '1x0', '1x1x']],
  ['(?P<secret>ab-(?:01|0(?:x|10))1)', ['011', '0x1', '0101']],
];

test.each(FORMS)('a beginning of a token of the form %s', (pattern, texts) => {
  const rule = { pattern } as Rule;
  const isOne = (rest: string): boolean => texts.some((text) => text.startsWith(rest));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('0', '1', 'x'), maxLength: 6 }), (rest) => {
      expect([rest, isBeginning(rule, PREFIX, rest)]).toEqual([rest, isOne(rest)]);
    }),
  );
});

test('the time is linear in the repetitions of a pattern', () => {
  const rule = { pattern: '(?P<secret>ab-(?:(?:0?1?){1,40}){1,40}y)' } as Rule;
  expect(isBeginning(rule, PREFIX, `${'01'.repeat(200)}x`)).toBe(false);
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { literalId } from '../../../src/core/base/bytes/literal-id.js';
import { shortPrefixes } from '../../../src/detect/rulebook/mask-spans.js';
import type { Rulebook } from '../../../src/detect/rulebook/rulebook.js';

/** The last one is a literal, but no prefix of values. */
const LITERALS = ['ab_', 'ab_c', 'abc', 'b-c', 'xab'];
const PREFIXES = LITERALS.slice(0, -1);

const BOOK = {
  rules: { literals: LITERALS.map((text) => ({ bytes: Buffer.from(text, 'latin1') })) },
  net: { values: { prefixed: Uint8Array.from(LITERALS, (text) => (PREFIXES.includes(text) ? 1 : 0)) } },
} as unknown as Rulebook;

const found = (text: string): string[] =>
  [...shortPrefixes(text, BOOK)].map(({ offset, id }) => `${offset}:${id}`).sort();

/** Each prefix at each place, by the definition. */
function naive(text: string): string[] {
  const isDigit = (at: number): boolean => /[A-Za-z0-9+/_-]/.test(text.charAt(at));
  const places: string[] = [];
  for (let at = 0; at < text.length; at++) {
    if (!isDigit(at)) continue;
    let [start, end] = [at, at];
    while (isDigit(start - 1)) start--;
    while (isDigit(end)) end++;
    const begins = at === start || /[+/_-]/.test(text.charAt(at - 1));
    if (!begins || end - start < 4 || end - start > 15) continue;
    for (const [index, prefix] of PREFIXES.entries())
      if (text.slice(at, end).startsWith(prefix)) places.push(`${at}:${literalId(index)}`);
  }
  return places.sort();
}

describe('prefixes in runs that are too short for the value net', () => {
  test.each([
    ['at the start of a run', 'x ab_1 y', 1],
    ['behind a sign in a run', '1-ab_1', 1],
    ['in the middle of a word', '1ab_1', 0],
    ['in a run of three characters', 'ab_', 0],
    ['of two lengths at one place', 'ab_c1', 2],
    ['in a run of 15 characters', `ab_${'1'.repeat(12)}`, 1],
    ['in a run of 16 characters', `ab_${'1'.repeat(13)}`, 0],
    ['of a literal that begins no value', 'xab1', 0],
  ])('%s', (_, text, count) => {
    expect(found(text)).toHaveLength(count);
    expect(found(text)).toEqual(naive(text));
  });

  test('agrees with the definition', () => {
    const texts = fc.array(fc.constantFrom(...'abc_-/+x1 .'), { maxLength: 60 });
    fc.assert(fc.property(texts, (signs) => expect(found(signs.join(''))).toEqual(naive(signs.join('')))));
  });
});

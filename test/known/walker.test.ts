import { describe, expect, test } from '@jest/globals';
import { Walker } from '../../src/known/walker.js';
import fc from '../support/property.js';

const VALUE = 'n0AbrC+dEfnGh/iJtLmNtOr';

interface Reading {
  isWide?: boolean;
  anyBackslash?: boolean;
}

/** What a text has of the value around the character at `at`, and its bytes. `pieces`: by character. */
function extended(pieces: readonly string[], at: number, { isWide = false, anyBackslash = false }: Reading) {
  const text = `..${pieces.join('')}..`;
  const stride = isWide ? 2 : 1;
  const start = stride * (2 + pieces.slice(0, at).join('').length + pieces[at]!.length - 1);
  const match = { from: at, to: at + 1, start, end: start + 1 };
  const walker = new Walker(Buffer.from(text, isWide ? 'utf16le' : 'latin1'), { anyBackslash });
  walker.extend(match, Buffer.from(VALUE), 0, VALUE.length, stride, true);
  const { from, to, end } = match;
  return { found: VALUE.slice(from, to), bytes: [match.start / stride - 2, (end - 1) / stride - 1] };
}

/** The value with something before some of its characters. */
const broken = (between: string, before: readonly number[]): string[] =>
  [...VALUE].map((character, i) => (before.includes(i) ? between + character : character));

describe('a match', () => {
  const at = fc.nat({ max: VALUE.length - 1 });
  const reading = fc.record({ isWide: fc.boolean(), anyBackslash: fc.boolean() });

  test('goes on over line breaks, in both directions', () => {
    const places = fc.uniqueArray(fc.integer({ min: 1, max: VALUE.length - 1 }), { maxLength: 6 });
    const breaks = fc.constantFrom('\n', '\r\n    ', '\\n', '\\r\\n', '"\n"', "'\n\t'", ' '.repeat(128));
    fc.assert(
      fc.property(places, at, breaks, reading, (before, one, between, how) => {
        const pieces = broken(between, before);
        const { length } = pieces.join('');
        expect(extended(pieces, one, how)).toEqual({ found: VALUE, bytes: [0, length] });
      }),
      { numRuns: 500 },
    );
  });

  test('goes on over an escaped slash', () => {
    const pieces = broken('\\', [VALUE.indexOf('/')]);
    for (const one of [0, VALUE.length - 1]) expect(extended(pieces, one, {}).found).toBe(VALUE);
  });

  test.each([
    ['another character', 'x'],
    ['a backslash that escapes nothing', '\\'],
    ['an escaped line break that is escaped', '\\\\n'],
    ['too long an indentation', ' '.repeat(129)],
  ])('ends at %s', (_, between) => {
    const pieces = broken(between, [8]);
    expect(extended(pieces, 3, {}).found).toBe(VALUE.slice(0, 8));
    expect(extended(pieces, 12, {}).found).toBe(VALUE.slice(8));
  });

  test.each(['\\', '\\\\n'])('goes on over %j if backslashes are skipped', (between) => {
    for (const one of [3, 12])
      expect(extended(broken(between, [8]), one, { anyBackslash: true }).found).toBe(VALUE);
  });

  test('has the escaped character of a value that has the backslash too', () => {
    const value = 'before\\nafter';
    const match = { from: 8, to: 9, start: 8, end: 9 };
    new Walker(Buffer.from(value)).extend(match, Buffer.from(value), 0, value.length, 1, true);
    expect(match).toEqual({ from: 0, to: value.length, start: 0, end: value.length });
  });
});

import { expect, test } from '@jest/globals';
import { Base64Run, base64Value, concatenationEnd } from '../../src/detect/core/base64-run.js';
import { Characters } from '../../src/detect/core/characters.js';
import fc from '../support/property.js';
import { viewOf } from './harness.js';

/** Reference implementation, character by character. */
function naive(text: Characters, start: number, end: number) {
  const characters: { value: number; begin: number; end: number; code: number }[] = [];
  let at = start;
  let lineBegan = false;
  while (at < end && !text.has('-----', at)) {
    const code = text.read(at);
    const value = base64Value(code);
    if (value >= 0) {
      characters.push({ value, begin: at, end: text.next, code });
      lineBegan = false;
    } else if (value === -2) lineBegan ||= code === 10;
    else {
      const next = lineBegan ? concatenationEnd(text, at) : undefined;
      if (next === undefined) break;
      text.next = next;
    }
    at = text.next;
  }
  let stop = characters.at(-1)?.end ?? start;
  let padding = 0;
  while (padding < 2 && at < end && text.read(at) === 0x3d) {
    padding++;
    at = stop = text.next;
  }
  return { characters, stop, padding };
}

/** The floor(6 n / 8) bytes of n characters, bit by bit. */
function decoded(values: readonly number[]): number[] {
  const bits = values.map((value) => value.toString(2).padStart(6, '0')).join('');
  return Array.from({ length: Math.floor(bits.length / 8) }, (_, i) =>
    Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2),
  );
}

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[A-Za-z0-9+/]{1,40}$/) },
  ...[
    '-',
    '_',
    '\n',
    '\r\n',
    ' ',
    '\\n',
    '\\/',
    '\\u002b',
    '%2B',
    '&#10;',
    '"\n"',
    '\\n" + "',
    '=',
    '==',
    '\u0000',
    'é',
    '-----',
    '\\',
  ].map((text) => fc.constant(text)),
);

test('equals the reference implementation', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 14 }),
      fc.constantFrom(undefined, 'le' as const, 'be' as const),
      fc.nat(6),
      fc.nat(400),
      (pieces, wide, from, to) => {
        const written = pieces.join('');
        const bytes = Buffer.from(written, wide === undefined ? 'latin1' : 'utf16le');
        const text = new Characters(
          viewOf(wide === 'be' ? bytes.swap16() : bytes).window(0, 0, bytes.length),
          0,
          wide,
        );
        const start = Math.min(from, written.length);
        const end = Math.min(Math.max(start, to), written.length);
        const { characters, stop, padding } = naive(text, start, end);
        const run = new Base64Run(text, start, end);
        expect(run).toMatchObject({
          start: characters[0]?.begin ?? start,
          stop,
          padding,
          length: characters.length,
          url: characters.some(({ code }) => code === 0x2d || code === 0x5f),
        });
        for (let index = 0; index <= written.length; index++) {
          const first = characters.findIndex(({ begin }) => begin >= index);
          expect(run.ordinal(index)).toBe(first < 0 ? characters.length : first);
        }
        for (const [i, { begin, value }] of characters.entries()) {
          expect(run.startOf(i)).toBe(begin);
          expect(run.mayStartKey(i)).toBe(value === 12 || value === 27);
          const rest = decoded(characters.slice(i).map((each) => each.value));
          expect([...run.decode(i)]).toEqual(rest);
          for (const bytes of [1, 2, 3, Math.max(1, rest.length)]) {
            const last = i + Math.ceil((bytes * 4) / 3) - 1;
            expect(run.endOf(i, bytes)).toBe(last + 1 >= characters.length ? stop : characters[last]!.end);
          }
        }
        expect(run.startOf(characters.length)).toBe(stop);
      },
    ),
    { numRuns: 600 },
  );
});

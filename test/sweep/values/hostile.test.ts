import { describe, expect, test } from '@jest/globals';
import { loadBuiltin } from '../../../src/rules/builtin.js';
import { NarrowedRun } from '../../../src/sweep/values/narrow.js';
import { compileTables } from '../../../src/sweep/values/tables.js';
import { ValueJoin } from '../../../src/sweep/values/value-join.js';
import { CONTEXT } from '../../../src/sweep/values/value-run.js';
import fc from '../../support/property.js';
import { randomValue, seeded } from './rows.js';

const valueJoin = new ValueJoin();

const rules = loadBuiltin().filter(({ value }) => value !== undefined);
const tables = compileTables(rules);

const PIECES = [
  ...[
    'token',
    'SECRET',
    'api_key',
    '"',
    "'",
    '\\',
    '\\"',
    '%22',
    '\\u0022',
    '&quot;',
    '&',
    '=',
    ': ',
    ':',
    ',',
  ],
  ...[
    '<',
    '>',
    '<key>',
    '</key>',
    '<string>',
    '<![CDATA[',
    '(',
    '[',
    '{',
    '\0',
    '\n',
    '\r\n',
    ' ',
    '\t',
    '-',
    '--',
  ],
  ...[
    'Bearer ',
    'name',
    'value',
    '.',
    '~',
    '$',
    '@',
    '://',
    'is ',
    '||',
    '?',
    ';',
    '\x01',
    '\xff',
    "b'",
    'x',
    '9',
  ],
];

const context = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3, unit: 'binary-ascii' })), {
    maxLength: 40,
  })
  .map((pieces) => pieces.join(''));
const value = fc
  .tuple(
    fc.constantFrom('hex', 'base62', 'base64url', 'base64', 'uuid'),
    fc.integer({ min: 16, max: 80 }),
    fc.integer(),
  )
  .map(([kind, length, seed]) => randomValue(kind as 'hex', length, seeded(seed)));

const isRun = (byte: number | undefined): boolean =>
  byte !== undefined && /[A-Za-z0-9+/_-]/.test(String.fromCharCode(byte));

/** The run around the value that is at `at`. */
function runAt(bytes: Uint8Array, at: number): [start: number, end: number] {
  let [start, end] = [at, at];
  while (isRun(bytes[start - 1])) start--;
  while (isRun(bytes[end])) end++;
  return [start, end];
}

const wide = (bytes: Uint8Array, order: 'le' | 'be'): Buffer => {
  const all = Buffer.alloc(2 * bytes.length);
  for (const [i, byte] of bytes.entries()) all[2 * i + (order === 'be' ? 1 : 0)] = byte;
  return all;
};

describe('any text', () => {
  test('what is joined does not depend on bytes outside the context, nor on the encoding', () => {
    fc.assert(
      fc.property(context, value, context, (before, secret, after) => {
        const text = Buffer.from(before + secret + after, 'latin1');
        const [start, end] = runAt(text, before.length);
        const joined = valueJoin.join(text, start, end, tables);
        if (joined !== undefined) {
          expect(joined.start).toBeGreaterThanOrEqual(Math.max(0, start - CONTEXT));
          expect(joined.end).toBeLessThanOrEqual(Math.min(text.length, end + CONTEXT));
          expect(joined.end - joined.start).toBeGreaterThanOrEqual(16);
          expect(joined.name).toMatch(/^[A-Za-z0-9_.-]{0,64}$/);
        }
        const around = Buffer.concat([Buffer.alloc(200, 0x61), text, Buffer.alloc(200, 0x61)]);
        const from = Math.max(0, start - CONTEXT);
        const part = text.subarray(from, end + CONTEXT);
        const again = valueJoin.join(Uint8Array.from(part), start - from, end - from, tables);
        expect(again && { ...again, start: again.start + from, end: again.end + from }).toEqual(joined);
        if (before.length > CONTEXT && after.length > CONTEXT)
          expect(valueJoin.joins(around, 200 + start, end - start, 1, tables)).toBe(joined !== undefined);
        expect(valueJoin.joins(text, start, end - start, 1, tables)).toBe(joined !== undefined);
        if (text.includes(0)) return;
        for (const order of ['le', 'be'] as const) {
          const bytes = wide(text, order);
          const offset = 2 * start + (order === 'be' ? 1 : 0);
          expect(valueJoin.joins(bytes, offset, end - start, 2, tables)).toBe(joined !== undefined);
        }
      }),
      { numRuns: 250 },
    );
  });

  test('narrowing reads nothing outside the bytes', () => {
    const narrowed = new NarrowedRun();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 40, maxLength: 700 }), fc.nat(), fc.nat(), (bytes, a, b) => {
        const offset = a % (bytes.length - 34);
        const length = 16 + (b % (Math.floor((bytes.length - offset - 33) / 2) + 1));
        narrowed.read(bytes, offset, length);
        const { text, start, end, length: all } = narrowed;
        expect(end - start).toBe(length);
        const expected = [];
        for (let i = -start; i < all - start; i++) {
          const at = offset + 2 * i;
          const inside = i >= 0 && i < length;
          expected.push(inside || bytes[i < 0 ? at + 1 : at - 1] === 0 ? bytes[at] : 0);
        }
        expect(Array.from(text.subarray(0, all))).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});

describe('floods', () => {
  const secret = randomValue('base62', 24, seeded(3));
  test.each([
    ['quotes', '"'],
    ['backslashes', '\\'],
    ['blanks', ' '],
    ['names', 'token'],
    ['separators', '='],
    ['tags', '<a '],
    ['front pieces', 'a.'],
    ['escapes', '\\u0022'],
    ['entities', '&quot;'],
    ['services', 'acme '],
  ])('no more is read of %s than the context', (_what, piece) => {
    const text = Buffer.from(
      piece.repeat(400).slice(0, 1000) + secret + piece.repeat(400).slice(0, 1000),
      'latin1',
    );
    const [start, end] = runAt(text, text.indexOf(secret));
    const from = Math.max(0, start - CONTEXT);
    const other = Buffer.alloc(text.length, '\n');
    other.set(text.subarray(from, end + CONTEXT), from);
    const flooded = valueJoin.joins(text, start, end - start, 1, tables);
    expect(flooded).toBe(valueJoin.joins(other, start, end - start, 1, tables));
  });

  test('a longer value than any is refused', () => {
    const long = Buffer.from(`token="${secret.repeat(100)}"`);
    expect(valueJoin.joins(long, 7, secret.length * 100, 1, tables)).toBe(false);
    expect(valueJoin.joins(long, 7, 15, 1, tables)).toBe(false);
  });
});

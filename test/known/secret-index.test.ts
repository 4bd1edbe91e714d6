import { describe, expect, test } from '@jest/globals';
import { SecretIndex } from '../../src/known/secret-index.js';
import fc from '../support/property.js';
import { isLinear } from '../support/work.js';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

function indexOf(secrets: readonly string[], text = true): SecretIndex {
  const index = new SecretIndex();
  for (const each of secrets) index.add(bytesOf(each), 'rule', text);
  return index;
}

/** Marks the bytes of `text` that a match covers. */
function covered(index: SecretIndex, text: string): string {
  const marks = [...text].map(() => '.');
  index.scan(bytesOf(text), false, (start, end) => marks.fill('x', start, end));
  return marks.join('');
}

/** The bytes inside a whole secret, 12 bytes of its start, or 16 bytes from anywhere in it. */
function naive(secrets: readonly string[], text: string): string {
  const marks = [...text].map(() => '.');
  for (const secret of secrets.filter(({ length }) => length >= 6))
    for (let from = 0; from < secret.length; from++)
      for (let at = 0; at < text.length; at++) {
        let length = 0;
        while (
          from + length < secret.length &&
          at + length < text.length &&
          secret[from + length] === text[at + length]
        )
          length++;
        const least = Math.min(secret.length, from === 0 ? 12 : 16);
        const isVaried = new Set(text.slice(at, at + length)).size >= 4;
        if (length >= least && (isVaried || length === secret.length)) marks.fill('x', at, at + length);
      }
  return marks.join('');
}

const ALPHABET = 'abcdefghijklmnop';
const letters = (minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(...ALPHABET), { minLength, maxLength }).map((all) => all.join(''));

test('whole secrets and parts of the stated lengths are found, and nothing else', () => {
  const secrets = fc.array(letters(6, 60), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(secrets, fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(), letters(0, 6))), (all, cuts) => {
      const text = cuts
        .map(([which, from, length, between]) => {
          const secret = all[which % all.length]!;
          const start = from % secret.length;
          return secret.slice(start, start + (length % (secret.length + 1))) + between;
        })
        .join('');
      expect(covered(indexOf(all), text)).toBe(naive(all, text));
    }),
    { numRuns: 500 },
  );
});

test('tokens that begin alike are known once they are added', () => {
  const index = new SecretIndex();
  const tokens = Array.from({ length: 50 }, (_, i) =>
    bytesOf(`eyJhbGciOiJIUzI1NiJ9.${ALPHABET}.${i}-${i * i}`),
  );
  for (const token of tokens) expect(index.add(token, 'rule', true)).toBe(true);
  for (const token of tokens) expect(index.add(token, 'rule', true)).toBe(false);
});

test('tokens that begin alike are all found whole', () => {
  const tokens = Array.from({ length: 50 }, (_, i) => `eyJhbGciOiJIUzI1NiJ9.${ALPHABET}${i}.${ALPHABET}`);
  const index = indexOf(tokens);
  for (const token of tokens) expect(covered(index, token)).toBe('x'.repeat(token.length));
});

/** Digits of a number in base 36, of a fixed length. */
const digits = (value: number, length: number): string => value.toString(36).padStart(length, '0');
const sign = (index: number): string => String.fromCharCode(0x21 + index);
/** Values that begin and end alike, and that all differ between keys or in a few of them. */
const ALIKE: Readonly<Record<string, (index: number) => string>> = {
  'around random characters': (index) =>
    `internal-svc-${digits((index * 7_919 + 123_456_789) % 36 ** 6, 6)}${digits(index, 6)}-prod-eu1`,
  'but for two characters between keys': (index) =>
    `service-${sign(index % 94)}password${sign(Math.floor(index / 94))}in-prod-eu1`,
  'in a long text, but for its middle': (index) =>
    `${LONG.slice(0, 247)}${digits(index, 4)}${LONG.slice(247, 500)}`,
};
const LONG = Array.from({ length: 200 }, (_, i) => i.toString(36).padStart(3, '.')).join('');

describe.each(Object.entries(ALIKE))('values that are alike %s', (_, write) => {
  test.each([9, 100, 2_000])('are found and known, all %i', (count) => {
    const values = Array.from({ length: count }, (_each, index) => write(index));
    expect(new Set(values).size).toBe(count);
    const index = new SecretIndex();
    // Much later each key of a value may be full: those that have them cover it.
    const added = values.map((value) => index.add(bytesOf(value), 'rule', true));
    expect(added.slice(0, 1_000)).not.toContain(false);
    expect(values.some((value) => index.add(bytesOf(value), 'rule', true))).toBe(false);
    for (const value of values.slice(-100)) expect(covered(index, value)).toBe('x'.repeat(value.length));
  });
});

test('values whose every key is full are added in linear time', async () => {
  const index = (size: number) => () => {
    const all = new SecretIndex();
    for (let i = 0; i < size; i++) all.add(bytesOf('a'.repeat(100 + (i % 100))), 'rule', true);
    for (let i = 0; i < size; i++) all.add(bytesOf(`${LONG}${'a'.repeat(100)}${digits(i, 4)}`), 'rule', true);
    return all;
  };
  expect(await isLinear(index, 500)).toBe(true);
});

test('short secrets are counted', () => {
  const index = new SecretIndex();
  let added = 0;
  for (let i = 0; i < 2 ** 17 + 1_000; i++) if (index.add(bytesOf(digits(i, 6)), 'rule', true)) added++;
  expect(added).toBe(2 ** 17);
  expect(covered(index, digits(1, 6))).toBe('xxxxxx');
});

test('secrets that begin alike, each longer than the last, are compared within a budget', () => {
  const long = Array.from({ length: 1_000 }, (_, i) => i.toString(36).padStart(3, '.')).join('');
  const index = indexOf(Array.from({ length: 2_000 }, (_, i) => long.slice(0, 1_000 + i)));
  let compared = 0;
  index.scan(bytesOf(long), false, (start, end) => {
    compared += end - start;
  });
  expect(covered(index, long.slice(0, 2_999))).toBe('x'.repeat(2_999));
  // All of them from their start would be four million.
  expect(compared).toBeLessThan(2 ** 20);
});

test('of a long text every part of 64 bytes is found', () => {
  const long = Array.from({ length: 400 }, (_, i) => i.toString(36).padStart(3, '.')).join('');
  const index = indexOf([long]);
  for (let at = 0; at + 64 <= long.length; at++)
    expect(covered(index, long.slice(at, at + 64))).toBe('x'.repeat(64));
});

describe('what is added', () => {
  test.each([
    ['a secret', 'hunter2hunter2', true, true],
    ['a short secret', 'hunter', true, true],
    ['a shorter one', 'hunte', true, false],
    ['zeros', '\0'.repeat(32), false, false],
  ])('%s', (_, secret, text, added) => {
    const index = new SecretIndex();
    expect(index.add(bytesOf(secret), 'rule', text)).toBe(added);
    expect(index.add(bytesOf(secret), 'rule', text)).toBe(false);
    expect(index.isEmpty).toBe(!added);
  });
});

/** Words of letters and digits with one value of low * a ^ high * b: a hash without a secret. */
function colliding(count: number): string[] {
  const [a, b] = [0x9e3779b1, 0x85ebca77];
  let inverse = 1;
  for (let i = 0; i < 5; i++) inverse = Math.imul(inverse, 2 - Math.imul(b, inverse));
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const word = Buffer.alloc(8);
  const found: string[] = [];
  for (let i = 0; found.length < count; i++) {
    for (let at = 0, rest = i; at < 4; at++, rest = Math.floor(rest / 62)) word.write(digits[rest % 62]!, at);
    word.writeInt32LE(Math.imul(inverse, Math.imul(word.readInt32LE(0), a) ^ 0x12345678), 4);
    if (/^[0-9A-Za-z]+$/.test(word.toString('latin1'))) found.push(word.toString());
  }
  return found;
}

test('secrets made to share a slot are like others: the hash is new for each process', () => {
  // Windows of a text begin at every ninth byte.
  const secrets = colliding(5_000).map((word, i) => `${String(i).padStart(9, '0')}${word}Zq3`);
  const index = indexOf(secrets);
  for (const each of secrets.filter((_, i) => i % 100 === 0))
    expect(covered(index, each)).toBe('x'.repeat(each.length));
});

import { describe, expect, test } from '@jest/globals';
import { SecretIndex } from '../../src/known/secret-index.js';
import fc from '../support/property.js';

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

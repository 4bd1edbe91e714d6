import { describe, expect, test } from '@jest/globals';
import { shannon } from '../../src/core/base/crypto/entropy.js';
import { placeholder, stockPassword } from '../../src/detect/text/placeholder.js';
import fc from '../support/property.js';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const word = (alphabet: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length });

describe('shannon', () => {
  test.each([
    ['', 0],
    ['aaaa', 0],
    ['ab', 1],
    ['abcd', 2],
    ['aabb', 1],
    [BASE62, Math.log2(62)],
  ])('of "%s" is %d', (text, bits) => expect(shannon(text)).toBeCloseTo(bits, 10));

  test('equals the definition, is at most log2 of the length, and does not depend on the order', () => {
    fc.assert(
      fc.property(word('abcdef', 30), (text) => {
        const shares = [...new Set(text)].map((c) => text.split(c).length - 1).map((n) => n / text.length);
        const bits = shares.reduce((sum, share) => sum + share * Math.log2(1 / share), 0);
        const shuffled = [...text].sort().join('');
        return (
          Math.abs(shannon(text) - bits) < 1e-9 &&
          Math.abs(shannon(shuffled) - bits) < 1e-9 &&
          bits <= Math.log2(shares.length) + 1e-9
        );
      }),
    );
  });
});

describe('placeholder', () => {
  test.each([
    ['x'.repeat(36), 'one character repeated'],
    [`Kd8s${'*'.repeat(12)}9fQa`, 'one character repeated'],
    ['Q7zabcdefR4m2', 'a sequence'],
    ['kT3987654mZ', 'a sequence'],
    ['deadbeefdeadbeefdeadbeefdeadbeef', 'a short text repeated'],
    ['1a2b'.repeat(8), 'a short text repeated'],
    ['abbaabababbbabba', 'few different characters'],
    ['IOSFODNN7EXAMPLE', 'a word that documentation uses'],
    ['your-token-goes-right-in', 'a word that documentation uses'],
    ['PLACEHOLDER_KEY', 'a word that documentation uses'],
    ['REDACTED', 'a word that documentation uses'],
  ])('%s is one: %s', (text, why) => expect(placeholder(text)).toBe(why));

  test('a long token may have a run', () => {
    const noise = 'kT9wQ2zR7mB4xV1nL8pS'.repeat(20);
    const mixed = [...noise]
      .map((c, i) => String.fromCharCode(33 + ((c.charCodeAt(0) * 7 + i * i) % 90)))
      .join('');
    expect(placeholder(`${mixed}${'/'.repeat(10)}`)).toBeUndefined();
  });

  test('at most one in thousands of random tokens is one', () => {
    for (const [alphabet, length] of [
      [BASE62, 36],
      [BASE62, 20],
      ['0123456789abcdef', 32],
      ['0123456789abcdef', 64],
    ] as const) {
      const unit = fc.noBias(fc.integer({ min: 0, max: alphabet.length - 1 }));
      const codes = fc.noBias(fc.array(unit, { minLength: length, maxLength: length }));
      const tokens = fc.sample(codes, { numRuns: 500, seed: 7 });
      const wrong = tokens.filter(
        (token) => placeholder(token.map((i) => alphabet[i]!).join('')) !== undefined,
      );
      expect(wrong.length).toBeLessThanOrEqual(1);
    }
  });

  test('a run of six is found anywhere, one of five is not', () => {
    fc.assert(
      fc.property(fc.constantFrom(...BASE62), fc.integer({ min: 0, max: 12 }), (c, at) => {
        const frame = ['-', '!'].map((edge) => (edge === '-' ? 'q.w,R;t:Y/u#' : '8(z)K[9]v{2}'));
        const put = (n: number) => `${frame[0]!.slice(0, at)}~${c.repeat(n)}~${frame[1]}`;
        return placeholder(put(6)) === 'one character repeated' && placeholder(put(5)) === undefined;
      }),
    );
  });
});

describe('stockPassword', () => {
  test.each(['password', 'Secret', 'postgres', 'changeme', 'xxxxxxxx'])('%s is one', (text) => {
    expect(stockPassword(text)).toBeDefined();
  });
  test.each(['t7Gk-29sQx', 'correct.horse'])('%s is none', (text) => {
    expect(stockPassword(text)).toBeUndefined();
  });
});

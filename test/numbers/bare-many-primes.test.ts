import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { toBytes } from '../../src/integers.js';
import { describeAll, searchBytes } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { primeFrom } from './seeded.js';

/** Lengths of the primes, as OpenSSL makes them. */
const KEYS: Readonly<Record<string, readonly number[]>> = {
  'RSA-2048 of three primes': [683, 683, 682],
  'RSA-3072 of three primes': [1024, 1024, 1024],
  'RSA-4096 of three primes': [1366, 1365, 1365],
  'RSA-4096 of four primes': [1024, 1024, 1024, 1024],
};

/** Primes of which the product has as many bits as they have together. */
function keyOf(seed: string, lengths: readonly number[]): { n: bigint; primes: bigint[] } {
  for (let i = 0; ; i++) {
    const random = new SeededRandom(`many primes ${seed} ${i}`);
    const primes = lengths.map((bits) => primeFrom(random, bits));
    const n = primes.reduce((all, prime) => all * prime, 1n);
    if (n.toString(2).length === lengths.reduce((all, bits) => all + bits, 0)) return { n, primes };
  }
}

function spkiOf(n: bigint): string {
  const jwk = { kty: 'RSA', n: toBytes(n).toString('base64url'), e: 'AQAB' };
  return createPublicKey({ key: jwk, format: 'jwk' })
    .export({ format: 'der', type: 'spki' })
    .toString('base64');
}

function heap(layout: string, numbers: readonly bigint[]): Buffer {
  const memory = new Memory();
  const random = new SeededRandom(layout);
  memory.filler(512);
  for (const number of numbers) {
    memory.noise(random, 6, 16);
    memory.filler(64);
    const octets = toBytes(number);
    const words = layout === 'limbs-le' ? Buffer.alloc((8 - (octets.length % 8)) % 8) : Buffer.alloc(0);
    memory.chunk(LAYOUTS[layout]!(Buffer.concat([words, octets])));
  }
  return memory.bytes();
}

describe.each(Object.keys(KEYS))('%s, n unknown', (name) => {
  test.each(['limbs-le', 'bytes-be'])('is found by n and its primes, or all but one (%s)', (layout) => {
    const { n, primes } = keyOf(`${name} ${layout}`, KEYS[name]!);
    const found = (numbers: readonly bigint[]) => {
      const { limits, ...all } = searchBytes(heap(layout, numbers));
      expect(limits).toEqual([]);
      return describeAll({ limits, ...all }).map(({ spki, encoding }) => [spki, encoding]);
    };
    const whole = [[spkiOf(n), layout]];
    expect(found([n, ...primes])).toEqual(whole);
    expect(found([...primes.slice(1), n])).toEqual(whole);
    const part = primes.slice(1).reduce((all, prime) => all * prime, 1n);
    if (primes.length > 3) expect(found([part, n, ...primes])).toEqual(whole);
    expect(found([...primes])).toEqual([]);
    expect(found([n, ...primes.slice(0, -2)])).toEqual([]);
    expect(found([n + 2n, ...primes])).toEqual([]);
  });
});

test('n, a prime of it and a number that is none give no key', () => {
  const { primes } = keyOf('composite', [683, 683, 682]);
  const halves = keyOf('halves', [341, 341]);
  const [p, q] = primes as [bigint, bigint];
  const numbers = [p * q * halves.n, p, q, halves.n];
  expect(searchBytes(heap('limbs-le', numbers)).candidates).toEqual([]);
});

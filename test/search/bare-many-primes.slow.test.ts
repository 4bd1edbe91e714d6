import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { toBytes } from '../../src/base/bytes/integers.js';
import { bufferReader } from '../../src/base/bytes/storage.js';
import { BEHIND_HEADER, FITTING, sizeOf, Windows } from '../../src/search/core/columns.js';
import { Kernel } from '../../src/search/core/kernel.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import { bareManyPrimes } from '../../src/search/rsa/bare-many-primes.js';
import { describeAll, searchBytes } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { primeFrom } from './seeded.js';

/** Lengths of the primes in bits, as OpenSSL generates them. */
const KEYS: Readonly<Record<string, readonly number[]>> = {
  'RSA-2048 of three primes': [683, 683, 682],
  'RSA-3072 of three primes': [1024, 1024, 1024],
  'RSA-4096 of three primes': [1366, 1365, 1365],
  'RSA-4096 of four primes': [1024, 1024, 1024, 1024],
};

/** Primes whose product has the sum of their bits. */
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

describe.each(Object.keys(KEYS))('a key of %s with unknown n', (name) => {
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

test('n with one prime and one composite factor gives no key', () => {
  const { primes } = keyOf('composite', [683, 683, 682]);
  const halves = keyOf('halves', [341, 341]);
  const [p, q] = primes as [bigint, bigint];
  const numbers = [p * q * halves.n, p, q, halves.n];
  expect(searchBytes(heap('limbs-le', numbers)).candidates).toEqual([]);
});

/** The place of a window at an edge of a run, without a header. */
const EDGE = 0;

/** Moduli found among numbers at these places, and the limits reported. */
function foundAt(numbers: readonly { value: bigint; place: number }[], deep = false) {
  const windows = new Map<number, Windows>();
  let length = 0;
  const parts = numbers.map(({ value, place }) => {
    const size = sizeOf(value.toString(2).length);
    const columns = windows.get(size) ?? new Windows();
    windows.set(size, columns);
    const words = Buffer.alloc(Math.ceil(value.toString(2).length / 64) * 8);
    words.set(toBytes(value).reverse());
    // Bytes by which the number is shorter than its words.
    const lacking = words.length - toBytes(value).length;
    columns.pushHalves(length, lacking << 5, place, 0, 0);
    length += words.length;
    return words;
  });
  const bytes = new RunBytes(bufferReader(Buffer.concat(parts)), new Kernel());
  const skippedWork = new SkippedWork();
  const budget = (usual: number) => (deep ? Number.POSITIVE_INFINITY : usual);
  const found = [...bareManyPrimes(windows, new Set(), { bytes, skippedWork, budget })];
  return { found: found.map(({ n }) => n), limits: skippedWork.limits() };
}

describe('a key among more numbers than a core has at edges of runs', () => {
  const { n, primes } = keyOf('crowd', [1024, 1024, 1024]);
  const random = new SeededRandom('crowd');
  const odd = (bits: number) =>
    BigInt(`0x${random.bytes(bits / 8).toString('hex')}`) | (1n << BigInt(bits - 1)) | 1n;
  const crowd = (place: number, count = 1000) =>
    [3072, 1024].flatMap((bits) => Array.from({ length: count }, () => ({ value: odd(bits), place })));
  const key = (place: number) => [n, ...primes.slice(1)].map((value) => ({ value, place }));

  test.each([
    ['at an edge, few others at edges', key(EDGE), crowd(EDGE, 40), [n], 0],
    ['at an edge, many others at edges', key(EDGE), crowd(EDGE), [], 1],
    ['behind a header, many others at edges', key(BEHIND_HEADER), crowd(EDGE), [n], 1],
    ['behind a header of its length, many others behind headers', key(FITTING), crowd(BEHIND_HEADER), [n], 1],
    ['behind a header of its length, many others the same', key(FITTING), crowd(FITTING), [], 1],
  ])('%s', (_, own, others, expected, limits) => {
    const found = foundAt([...others, ...own]);
    expect(found.found).toEqual(expected);
    expect(found.limits).toHaveLength(limits);
  });

  test('is found without a budget', () => {
    expect(foundAt([...crowd(EDGE, 300), ...key(EDGE)], true)).toEqual({ found: [n], limits: [] });
  });
});

test('primes of different lengths give the key', () => {
  const { n, primes } = keyOf('uneven', [1025, 1024, 1023, 1024]);
  const numbers = [n, ...primes.slice(0, 3)].map((value) => ({ value, place: EDGE }));
  expect(foundAt(numbers).found).toEqual([n]);
});

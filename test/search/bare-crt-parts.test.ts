import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { toBigint } from '../../src/core/base/bytes/integers.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import fc from '../support/property.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { rsaFrom } from './seeded.js';

/** The CRT parts of a key, each in half the bytes of n. */
function partsOf(seed: string, bits: number, e = 65_537n) {
  const key = rsaFrom(seed, bits, e);
  const jwk = key.export({ format: 'jwk' });
  const part = (name: 'p' | 'q' | 'dp' | 'dq' | 'qi') => {
    const octets = Buffer.from(jwk[name] as string, 'base64url');
    return Buffer.concat([Buffer.alloc(bits / 16 - octets.length), octets]);
  };
  return { key, p: part('p'), q: part('q'), dp: part('dp'), dq: part('dq'), qi: part('qi') };
}

/** Octets at any address between pointers and zeros. */
function within(bytes: Buffer, at: number): Buffer {
  const memory = new Memory();
  memory.filler(512);
  const random = new SeededRandom('around');
  memory.noise(random, 4, 16);
  return Buffer.concat([memory.bytes(), Buffer.alloc(at), bytes, Buffer.alloc(120 - at)]);
}

describe('p, q, dp and dq without n, e and d', () => {
  test.each([
    [1024, 65_537n, 0],
    [2048, 65_537n, 3],
    [1024, 3n, 8],
    [1024, 17n, 6],
    [3072, 65_537n, 1],
  ] as const)(
    'without a gap, as BearSSL keeps them: %d bits, e = %d, %d bytes from a word',
    (bits, e, at) => {
      const { key, p, q, dp, dq, qi } = partsOf('adjacent', bits, e);
      const bytes = within(Buffer.concat([p, q, dp, dq, qi]), at);
      const found = searchBytes(bytes);
      const offset = bytes.indexOf(p);
      expect(describeAll(found)).toEqual([{ spki: spkiOf(key), encoding: 'bytes-be', offset }]);
      const exponents = [dp, dq].map((each) => `0x${bytes.indexOf(each).toString(16)}`);
      const evidence = [`the numbers at ${exponents.join(' and ')} are the CRT exponents for e = ${e}`];
      expect(found.candidates[0]).toMatchObject({ component: 'p', evidence });
      expect(found.limits).toEqual([]);
    },
  );

  const layouts = Object.keys(LAYOUTS);
  const orders = [
    ['p', 'q', 'dp', 'dq', 'qi'],
    ['q', 'p', 'dq', 'dp', 'qi'],
    ['p', 'q', 'dq', 'dp'],
    ['p', 'dp', 'q', 'dq'],
    ['dq', 'dp', 'q', 'p'],
  ] as const;
  test.each(layouts.flatMap((layout) => orders.map((order) => [layout, order] as const)))(
    'in one object, %s: %s',
    (layout, order) => {
      const parts = partsOf('ordered', 1024);
      const bytes = within(Buffer.concat(order.map((name) => LAYOUTS[layout]!(parts[name]))), 0);
      expect(describeAll(searchBytes(bytes))).toMatchObject([{ spki: spkiOf(parts.key), encoding: layout }]);
    },
  );

  test.each(layouts)('each in an object of its own among others: %s', (layout) => {
    const [first, second] = [partsOf('heap 1', 2048), partsOf('heap 2', 2048)];
    const memory = new Memory();
    const random = new SeededRandom('heap');
    memory.noise(random, 20, 16);
    for (const { p, q, dp, dq, qi } of [first, second]) {
      for (const part of [p, q, dp, dq, qi]) memory.chunk(LAYOUTS[layout]!(part));
      memory.noise(random, 20, 16);
    }
    const found = describeAll(searchBytes(memory.bytes()));
    expect(found.map(({ spki }) => spki).sort()).toEqual([spkiOf(first.key), spkiOf(second.key)].sort());
  });

  test('are not taken from two keys', () => {
    const [first, second] = [partsOf('half 1', 1024), partsOf('half 2', 1024)];
    const memory = new Memory();
    for (const part of [first.p, first.dp, second.q, second.dq, second.qi]) memory.chunk(part);
    expect(searchBytes(memory.bytes()).candidates).toEqual([]);
  });

  test('are not tried beyond the budget, which the limits say', () => {
    const { p, q, dp, dq, qi } = partsOf('adjacent', 1024);
    const bytes = within(Buffer.concat([p, q, dp, dq, qi]), 0);
    const { candidates, limits } = searchBytes(bytes, {}, false, undefined, 1e-6);
    expect(candidates).toEqual([]);
    expect(limits.find(({ search }) => search === 'rsa-unknown-n crt')).toMatchObject({ target: 'blind' });
  });

  /** Numbers of 64 bytes whose first and last words are those of p and dp. */
  function lookAlikes(random: SeededRandom, count: number): Buffer {
    const { p, dp } = partsOf('adjacent', 1024);
    const numbers = Array.from({ length: count / 2 }, () => [p, dp]).flat();
    return Buffer.concat(
      numbers.map((each) => Buffer.concat([each.subarray(0, 8), random.bytes(48), each.subarray(56)])),
    );
  }

  const halves = (numbers: Buffer) => [numbers.subarray(0, 64), numbers.subarray(64)];

  test('are reported as left out where their look-alikes are more than a call returns', () => {
    const random = new SeededRandom('look-alikes');
    const memory = new Memory();
    for (let i = 0; i < 80; i++) for (const half of halves(lookAlikes(random, 2))) memory.chunk(half);
    const { limits } = searchBytes(memory.bytes());
    const [limit] = limits.filter(({ search }) => search === 'rsa-unknown-n crt');
    expect(limit).toMatchObject({ target: 'blind' });
    expect(limit!.left).toBeGreaterThan(100);
  });

  test('cost what the proofs of their look-alikes cost', () => {
    const random = new SeededRandom('look-alikes');
    const memory = new Memory();
    for (let i = 0; i < 100; i++) {
      memory.filler(64);
      memory.chunk(lookAlikes(random, 8));
    }
    const crt = (scale: number) =>
      searchBytes(memory.bytes(), {}, false, undefined, scale).limits.filter(
        ({ search }) => search === 'rsa-unknown-n crt',
      );
    // Their places alone are a tenth of the smaller budget.
    expect(crt(0.1)).not.toEqual([]);
    expect(crt(1)).toEqual([]);
  });
});

describe('the kernel', () => {
  const SIZE = 64;
  const { p, q, dp, dq } = partsOf('kernel', 1024);
  const numbers = [p, q, dp, dq];
  const exponents = [65_537n, 3n, 17n];
  const value = (octets: Buffer) => toBigint(octets);
  const fits = (prime: Buffer, d: Buffer) =>
    prime[0]! >> 7 === 1 && value(d) < value(prime)
      ? exponents.filter((e) => (e * value(d) - 1n) % (value(prime) - 1n) === 0n)
      : [];

  const order = fc.array(
    fc.oneof(
      fc.constantFrom(...numbers),
      fc.uint8Array({ minLength: SIZE, maxLength: SIZE }).map((bytes) => Buffer.from(bytes)),
    ),
    { minLength: 2, maxLength: 12 },
  );

  test.each([...Object.keys(LAYOUTS).entries()])('finds what the definition does: %d %s', (form, layout) => {
    const kernel = NumberKernel.take();
    fc.assert(
      fc.property(order, (octets) => {
        const all = octets.map(LAYOUTS[layout]!);
        const pairs = (reach: number) =>
          octets.flatMap((prime, i) =>
            octets.flatMap((d, j) =>
              i !== j && Math.abs(i - j) <= reach ? fits(prime, d).map((e) => `${i} ${j} ${e}`) : [],
            ),
          );
        kernel.scratch(() => {
          const at = kernel.allocate(all.length * SIZE);
          for (const [i, each] of all.entries()) kernel.view(at + i * SIZE, SIZE).set(each);
          const hits = kernel.allocate(1024 * 12);
          const triples = (count: number, index: (place: number) => number) =>
            Array.from({ length: count }, (_, i) => [...kernel.u32(hits + 12 * i, 3)])
              .map(([prime, d, e]) => `${index(prime!)} ${index(d!)} ${e}`)
              .sort();
          const end = at + all.length * SIZE;
          const adjacent = kernel.call.crtPairs(at, end, SIZE, at, end, SIZE, form, hits, 1024);
          expect(triples(adjacent, (place) => (place - at) / SIZE)).toEqual(pairs(3).sort());
          const [firsts, lasts] = [kernel.allocate(all.length * 8), kernel.allocate(all.length * 8)];
          kernel.u64(firsts, all.length).set(all.map((each) => each.readBigUInt64LE(0)));
          kernel.u64(lasts, all.length).set(all.map((each) => each.readBigUInt64LE(SIZE - 8)));
          const near = kernel.call.crtNeighbours(firsts, lasts, all.length, 5, form, hits, 1024);
          expect(triples(near, (index) => index)).toEqual(pairs(5).sort());
        });
      }),
      { numRuns: 100 },
    );
    kernel.release();
  });
});

import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { NumberKernel } from '../../src/search/core/kernel.js';
import fc from '../support/property.js';

const TOP_BITS = 12;
const BITS = 16;
const MOST = 64;

/** Pairs (i, j) whose product may be among `moduli`, from as many calls of the kernel as needed. */
function pairs(words: BigUint64Array, moduli: BigUint64Array, reach: number): string[] {
  const kernel = new NumberKernel();
  const { call } = kernel;
  const [tops, map] = [kernel.allocate(1 << (TOP_BITS - 3)), kernel.allocate(1 << (BITS - 3))];
  const at = kernel.allocate(Math.max(words.length, moduli.length) * 8 + 8);
  const [out, next] = [kernel.allocate(MOST * 8), kernel.allocate(8)];
  call.clear(map, BITS);
  call.clear(tops, TOP_BITS);
  kernel.u64(at, moduli.length).set(moduli);
  call.mark(at, moduli.length, map, BITS);
  call.markTops(at, moduli.length, tops, TOP_BITS);
  kernel.u64(at, words.length).set(words);
  const found: string[] = [];
  for (let from = 0; from < words.length; ) {
    const { length } = words;
    const hits = call.join(at, from, length, length, reach, tops, TOP_BITS, map, BITS, out, MOST, next);
    const all = kernel.u32(out, hits * 2);
    for (let k = 0; k < hits; k++) found.push(`${all[2 * k]} ${all[2 * k + 1]}`);
    from = kernel.u32(next, 1)[0]!;
  }
  return found;
}

test('join finds all pairs within reach whose product is a modulus, and few others', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 90 }),
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 8 }),
      (count, reach, planted) => {
        const words = new BigUint64Array(count);
        for (let i = 0; i < count; i++) words[i] = randomBytes(8).readBigUInt64LE() | 1n;
        const moduli = BigUint64Array.from(
          planted.map(([i, j]) => BigInt.asUintN(64, words[i % count]! * words[j % count]!)),
        );
        const wanted = new Set<string>();
        for (let i = 0; i < count; i++)
          for (let j = i + 1; j < Math.min(count, i + 1 + reach); j++)
            if (moduli.includes(BigInt.asUintN(64, words[i]! * words[j]!))) wanted.add(`${i} ${j}`);
        const found = pairs(words, moduli, reach);
        expect(new Set(found).size).toBe(found.length);
        for (const pair of wanted) expect(found).toContain(pair);
        expect(found.length - wanted.size).toBeLessThan(8);
      },
    ),
    { numRuns: 200 },
  );
});

test('probeBytes finds every byte at which a wanted word begins, and few others', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 8, maxLength: 600 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 10 }),
      (text, places) => {
        const kernel = new NumberKernel();
        const { call } = kernel;
        const bytes = Buffer.from(text);
        const last = bytes.length - 8;
        const wanted = BigUint64Array.from(places, (place) => bytes.readBigUInt64LE(place % (last + 1)));
        const [lows, map] = [kernel.allocate(1 << (TOP_BITS - 3)), kernel.allocate(1 << (BITS - 3))];
        const [at, words, out] = [
          kernel.allocate(bytes.length),
          kernel.allocate(wanted.byteLength),
          kernel.allocate(4 * bytes.length),
        ];
        kernel.view(at, bytes.length).set(bytes);
        kernel.u64(words, wanted.length).set(wanted);
        call.mark(words, wanted.length, map, BITS);
        call.markLows(words, wanted.length, lows, TOP_BITS);
        const found = call.probeBytes(at, last + 1, lows, TOP_BITS, map, BITS, out, bytes.length);
        const seen = new Set(kernel.u32(out, found));
        for (let i = 0; i <= last; i++) {
          if (wanted.includes(bytes.readBigUInt64LE(i))) expect(seen.has(i)).toBe(true);
          else seen.delete(i);
        }
        expect(found - seen.size).toBeLessThan(8);
        expect(call.probeBytes(at, last + 1, lows, TOP_BITS, map, BITS, out, 1)).toBe(1);
      },
    ),
    { numRuns: 200 },
  );
});

test('probeNear finds every word near a marked one, and few others', () => {
  const kernel = new NumberKernel();
  const [map, at, out] = [kernel.allocate(1 << (BITS - 3)), kernel.allocate(8 * 80), kernel.allocate(4 * 80)];
  fc.assert(
    fc.property(
      fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 10 }),
      (marked) => {
        kernel.u64(at, marked.length).set(marked);
        kernel.call.clear(map, BITS);
        kernel.call.markNear(at, marked.length, map, BITS);
        const near = marked.flatMap((word) =>
          [-3n, -1n, 0n, 2n, 3n].map((by) => BigInt.asUintN(64, word + by)),
        );
        const others = marked.map((word) => word ^ (1n << 40n));
        const probed = BigUint64Array.from([...near, ...others]);
        kernel.u64(at, probed.length).set(probed);
        const found = kernel.call.probeNear(at, probed.length, map, BITS, out, 80);
        const indices = [...kernel.u32(out, found)];
        expect(indices.slice(0, near.length)).toEqual(near.map((_, i) => i));
        expect(indices.length - near.length).toBeLessThan(3);
      },
    ),
    { numRuns: 200 },
  );
});

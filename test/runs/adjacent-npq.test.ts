import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import fc from '../support/property.js';
import { extracted } from './extracted.js';

const SIZES = [128, 192, 256, 384, 512, 1024];
const BEFORE = 64;

/** Lowest 32 bits of a number of `size` bytes. */
const lowest = {
  0: (data: Buffer, at: number, _size: number) => data.readUInt32LE(at),
  1: (data: Buffer, at: number, size: number) => data.readUInt32BE(at + size - 4),
};

/** Possible places and byte orders of n, p and q, without the kernel. */
function naive(data: Buffer, words: number): string[] {
  const found: string[] = [];
  for (const size of SIZES)
    for (let x = -8; x <= 15; x++)
      for (const order of [0, 1] as const) {
        const at = BEFORE + x;
        if (words < 30 || size > words * 8 || at + 2 * size > data.length) continue;
        const low = (from: number, length: number) => BigInt(lowest[order](data, at + from, length));
        const [n, p, q] = [low(0, size), low(size, size / 2), low(size * 1.5, size / 2)];
        if (n % 2n === 1n && BigInt.asUintN(32, p * q) === n) found.push(`${at} ${size} ${order}`);
      }
  return found.sort();
}

test('n, p and q without a gap are recognised by their lowest words, at every byte where n may begin', () => {
  const planted = fc.record({
    seed: fc.nat(),
    words: fc.oneof(fc.integer({ min: 28, max: 40 }), fc.integer({ min: 60, max: 400 })),
    behind: fc.constantFrom(8, 64, 512),
    keys: fc.array(
      fc.record({
        x: fc.integer({ min: -10, max: 17 }),
        size: fc.constantFrom(...SIZES),
        order: fc.constantFrom(0 as const, 1 as const),
      }),
      { maxLength: 3 },
    ),
  });
  let hits = 0;
  fc.assert(
    fc.property(planted, ({ seed, words, behind, keys }) => {
      const noise = new SeededRandom(`packed ${seed}`).bytes(words * 8);
      const data = Buffer.concat([Buffer.alloc(BEFORE), noise, Buffer.alloc(behind)]);
      for (const { x, size, order } of keys) {
        const at = BEFORE + x;
        if (at + 2 * size > data.length) continue;
        const [p, q] = [data, data].map(
          (from, i) => lowest[order](from, at + size + (i * size) / 2, size / 2) | 1,
        );
        const write = (value: number, from: number, length: number) =>
          order === 0
            ? data.writeUInt32LE(value >>> 0, at + from)
            : data.writeUInt32BE(value >>> 0, at + from + length - 4);
        write(p!, size, size / 2);
        write(q!, 1.5 * size, size / 2);
        write(Math.imul(p!, q!), 0, size);
      }
      const found = extracted(data, BEFORE, words).filter(({ kind }) => kind === 'adjacentNpq');
      const expected = naive(data, words);
      hits += expected.length;
      expect(found.map(({ offset, size, detail }) => `${offset} ${size} ${detail}`).sort()).toEqual(expected);
    }),
    { numRuns: 300 },
  );
  expect(hits).toBeGreaterThan(50);
});

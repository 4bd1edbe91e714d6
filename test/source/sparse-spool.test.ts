import { describe, expect, test } from '@jest/globals';
import type { Storage } from '../../src/core/base/bytes/storage.js';
import { openStorage } from '../../src/core/base/bytes/storage.js';
import { SparseSpool } from '../../src/source/sparse-spool.js';
import { Spool, SpoolMemory } from '../../src/source/spool.js';
import fc from '../support/property.js';
import { chunksOf, readAll, sample } from './collect.js';

const KIB = 1024;

/** What a storage keeps of its content: bytes that are not holes. */
const keptOf = (storage: Storage): number =>
  storage.kind === 'pieces' ? storage.stored.length : storage.length;

async function spooled(content: Uint8Array, size: number, memory: number): Promise<SparseSpool> {
  const spool = new SparseSpool(new Spool(new SpoolMemory(memory)));
  for await (const chunk of chunksOf(content, size)) await spool.write(chunk);
  return spool;
}

describe('a sparse spool', () => {
  const zeros = fc.nat(200_000).map((length) => Buffer.alloc(length));
  const data = fc.nat(100_000).map((length) => sample(length, length));
  /** Zeros with one other byte: at an edge of a block, or anywhere. */
  const speck = fc
    .tuple(fc.nat(100_000), fc.constantFrom(0, 4095, 4096, 8191, 65_535, 65_536))
    .map(([length, at]) => Buffer.alloc(length + at + 1).fill(1, at, at + 1));

  test('property: parts and zeros, written in any chunks, are read at any offset', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(zeros, data, speck), { maxLength: 5 }),
        fc.constantFrom(1000, 4096, 65_536, 70_000, 1 << 20),
        fc.constantFrom(0, 64 * KIB, 8 << 20),
        fc.array(fc.tuple(fc.nat(800_000), fc.nat(150_000)), { maxLength: 5 }),
        async (parts, size, memory, reads) => {
          const content = Buffer.concat(parts);
          const spool = await spooled(content, size, memory);
          expect(spool.length).toBe(content.length);
          const storage = spool.storage();
          expect(readAll(storage).equals(content)).toBe(true);
          const reader = openStorage(storage);
          for (const [offset, length] of reads) {
            const target = Buffer.alloc(length, 0xff);
            const count = reader.read(offset, target);
            expect(target.subarray(0, count).equals(content.subarray(offset, offset + length))).toBe(true);
          }
          spool.close();
        },
      ),
      { numRuns: 30 },
    );
  });

  test.each([
    ['at the start', [1024, 0, 64]],
    ['at the end', [0, 64, 1024]],
    ['between data', [0, 64, 1024, 64]],
    ['alone', [1024]],
  ])('keeps no long run of zeros %s, in any chunks', async (_where, lengths) => {
    // Zeros and data in turn, in KiB.
    const parts = lengths.map((length, i) => (i % 2 ? sample(length * KIB, i) : Buffer.alloc(length * KIB)));
    const content = Buffer.concat(parts);
    const data = lengths.reduce((sum, length, i) => sum + (i % 2 ? length * KIB : 0), 0);
    for (const size of [4 * KIB, 60_000, 64 * KIB, 1 << 20]) {
      const spool = await spooled(content, size, 0);
      const kept = keptOf(spool.storage());
      // A block at each end of a run, and at each cut between chunks, may be in part data.
      expect(kept).toBeGreaterThanOrEqual(data);
      expect(kept).toBeLessThan(data + 32 * KIB);
      expect(readAll(spool.storage()).equals(content)).toBe(true);
      spool.close();
    }
  });

  test('keeps short runs of zeros, for which reading would cost more', async () => {
    const part = Buffer.concat([sample(16 * KIB), Buffer.alloc(16 * KIB), sample(1)]);
    const content = Buffer.concat(Array.from({ length: 20 }, () => part));
    const spool = await spooled(content, 1 << 20, 0);
    expect(spool.storage().kind).toBe('sealed');
    spool.close();
  });

  test('has more than 16,384 holes only where they are longer', async () => {
    const spool = new SparseSpool(new Spool(new SpoolMemory(1 << 30)));
    const unit = Buffer.alloc(36 * KIB).fill(1, 32 * KIB);
    const units = 64;
    const chunk = Buffer.concat(Array.from({ length: units }, () => unit));
    const count = 2 ** 14 / units;
    for (let i = 0; i < count + 1; i++) await spool.write(chunk);
    const storage = spool.storage();
    expect(storage.length).toBe((count + 1) * chunk.length);
    expect(keptOf(storage)).toBe(count * units * 4 * KIB + chunk.length);
    const target = Buffer.alloc(unit.length);
    openStorage(storage).read(count * chunk.length + unit.length, target);
    expect(target.equals(unit)).toBe(true);
    spool.close();
  });
});

import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  BLOCK,
  type ReadBlocks,
  rangeReader,
  wholeBlocks,
} from '../../../src/core/base/bytes/direct-reads.js';
import { openStorage, type Storage } from '../../../src/core/base/bytes/storage.js';
import { withTempDir } from '../../support/folder.js';
import fc from '../../support/property.js';

type File = Extract<Storage, { kind: 'file' }>;

/** Bytes of the tests' reads, and their window in memory that is aligned as a kernel's is. */
const PIECE = 4 * BLOCK;
const memory = new WebAssembly.Memory({ initial: 1 });
const window = () => new Uint8Array(memory.buffer, BLOCK, PIECE);

/** A file of `length` bytes that is data at the extents and a hole elsewhere. */
async function withFile(
  length: number,
  extents: readonly [offset: number, length: number][],
  body: (file: File) => void,
): Promise<void> {
  await withTempDir((folder) => {
    const path = join(folder, 'sparse');
    const fd = openSync(path, 'w+');
    ftruncateSync(fd, length);
    for (const [offset, size] of extents) writeSync(fd, Buffer.alloc(size, 0xa7), 0, size, offset);
    let direct: number | undefined;
    try {
      direct = openSync(path, constants.O_RDONLY | (constants.O_DIRECT ?? 0));
    } catch {
      // Not on this file system: the buffered descriptor is used instead.
    }
    try {
      body({ kind: 'file', fd, length, direct: direct ?? fd });
    } finally {
      closeSync(fd);
      if (direct !== undefined) closeSync(direct);
    }
  });
}

/** The file as pieces at multiples of `step`, as a sweep with a margin reads it. */
function readAll(storage: File, step: number, read?: ReadBlocks): Buffer {
  const reader = rangeReader(storage, read);
  const all = Buffer.alloc(storage.length);
  for (let at = 0; at < storage.length; at += step) {
    const target = window().fill(0x55);
    const bytes = reader.read(at, target);
    expect(bytes).toBe(Math.min(PIECE, storage.length - at));
    all.set(target.subarray(0, bytes), at);
  }
  return all;
}

function expected(storage: File): Buffer {
  const all = Buffer.alloc(storage.length);
  openStorage(storage).read(0, all);
  return all;
}

test('edges of data at every distance from a block, and any length of the file, read the same', async () => {
  const near = fc
    .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: -9, max: 9 }))
    .map(([blocks, by]) => blocks * BLOCK + by);
  const extent = fc.tuple(near, fc.oneof(fc.integer({ min: 1, max: 20 }), near));
  const cases = fc.asyncProperty(
    fc.array(extent, { maxLength: 4 }),
    near,
    fc.constantFrom(BLOCK, 3 * BLOCK, PIECE, 1000),
    async (extents, more, step) => {
      const length = Math.max(0, ...extents.map(([offset, size]) => offset + size)) + more;
      await withFile(length, extents, (file) => {
        expect(readAll(file, step).equals(expected(file))).toBe(true);
      });
    },
  );
  await fc.assert(cases, { numRuns: 60 });
});

test('direct reads begin after zeros and end at data', async () => {
  const [hole, data] = [64 * BLOCK, 16 * BLOCK];
  await withFile(2 * hole + data, [[hole, data]], (file) => {
    const direct: number[] = [];
    const read: ReadBlocks = (fd, target, offset) => {
      expect([offset % BLOCK, target.byteOffset % BLOCK, target.length % BLOCK]).toEqual([0, 0, 0]);
      direct.push(offset);
      return readSync(fd, target, 0, target.length, offset);
    };
    expect(readAll(file, PIECE, read).equals(expected(file))).toBe(true);
    const all = Array.from({ length: file.length / PIECE }, (_, i) => i * PIECE);
    const buffered = [0, ...all.filter((at) => at > hole && at <= hole + data)];
    expect(direct).toEqual(all.filter((at) => !buffered.includes(at)));
  });
});

test('a refusal or a short count continues with buffered reads', async () => {
  await withFile(40 * BLOCK + 5, [[20 * BLOCK, 7]], (file) => {
    let calls = 0;
    const refuse: ReadBlocks = () => {
      calls++;
      throw Object.assign(new Error('refused'), { code: 'EINVAL' });
    };
    expect(readAll(file, PIECE, refuse).equals(expected(file))).toBe(true);
    expect(calls).toBe(1);
    const short: ReadBlocks = (fd, target, offset) => readSync(fd, target, 0, BLOCK, offset);
    expect(readAll(file, PIECE, short).equals(expected(file))).toBe(true);
  });
});

test.each([
  [0, 0],
  [1, BLOCK],
  [BLOCK, BLOCK],
  [BLOCK + 1, 2 * BLOCK],
])('%d bytes are whole blocks of %d bytes', (bytes, whole) => expect(wholeBlocks(bytes)).toBe(whole));

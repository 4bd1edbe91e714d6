import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { rangeReader } from '../../src/core/base/bytes/direct-reads.js';
import type { Storage } from '../../src/core/base/bytes/storage.js';
import { compileLiterals } from '../../src/sweep/literals.js';
import { sweepTask } from '../../src/sweep/sweep-task.js';
import { withTempDir } from '../support/folder.js';
import { KERNELS, kernelFor } from '../support/scalar-kernel/kernels.js';
import { list, literal, noise } from './oracle.js';

const net = compileLiterals([literal('ghp_', { wide: true }), literal('-----BEGIN')]);
const zeroNet = compileLiterals([literal(Buffer.alloc(4)), literal('ghp_')]);

const CHUNK = 16 * 1024;
const LENGTH = 20 * CHUNK + 1234;
/** A literal, then words that look random; or the other way round. */
const pieces = [
  Buffer.concat([Buffer.from('ghp_'), noise(64, 3)]),
  Buffer.concat([noise(64, 4), Buffer.from('-----BEGIN')]),
];

/** Pieces whose first or last byte is `by` bytes from a block of the file, at the edge of a chunk or not. */
function extents(by: number): [offset: number, bytes: Buffer][] {
  return [3 * CHUNK, 6 * CHUNK + 4096, 10 * CHUNK, 14 * CHUNK + 8192].flatMap((edge, i) => {
    const piece = pieces[i % 2]!;
    return [
      [edge + by, piece],
      [edge + 2 * 4096 + by - piece.length, piece],
    ];
  });
}

async function withFiles(by: number, body: (sparse: Storage, full: Storage) => void): Promise<void> {
  await withTempDir((folder) => {
    const opened: number[] = [];
    const open = (name: string, flags: string | number): number => {
      const fd = openSync(join(folder, name), flags);
      opened.push(fd);
      return fd;
    };
    try {
      const [sparse, full] = [open('sparse', 'w+'), open('full', 'w+')];
      ftruncateSync(sparse, LENGTH);
      writeSync(full, Buffer.alloc(LENGTH), 0, LENGTH, 0);
      for (const fd of [sparse, full])
        for (const [offset, bytes] of extents(by)) writeSync(fd, bytes, 0, bytes.length, offset);
      let direct = sparse;
      try {
        direct = open('sparse', constants.O_RDONLY | (constants.O_DIRECT ?? 0));
      } catch {
        // The file system has no direct reads.
      }
      body({ kind: 'file', fd: sparse, length: LENGTH, direct }, { kind: 'file', fd: full, length: LENGTH });
    } finally {
      for (const fd of opened) closeSync(fd);
    }
  });
}

describe.each(KERNELS)('%s', (name) => {
  test.each([-4097, -9, -8, -1, 0, 1, 7, 8, 16, 4000])(
    'holes change nothing, data %d from a block',
    async (by) => {
      await withFiles(by, (sparse, full) => {
        const task = { from: 0, to: LENGTH, chunk: CHUNK, longest: net.longest, numbers: name !== 'scalar' };
        const swept = (storage: Storage) => sweepTask(rangeReader(storage), kernelFor(name, net, true), task);
        const found = swept(sparse);
        expect(found).toEqual(swept(full));
        expect(list(found)).toHaveLength(8);
        expect((found.runs?.offsets.length ?? 0) + (found.numbers?.byteLength ?? 0)).toBeGreaterThan(0);
      });
    },
  );

  test('a pattern of zeros is found in a hole', async () => {
    await withFiles(0, (sparse) => {
      const task = { from: 0, to: CHUNK, chunk: 4096, longest: zeroNet.longest };
      const swept = sweepTask(rangeReader(sparse), kernelFor(name, zeroNet), task);
      expect(swept.offsets).toHaveLength(CHUNK);
    });
  });
});

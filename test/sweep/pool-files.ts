import { createCipheriv, randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { filledRanges } from '../../src/core/base/bytes/filled.js';
import { counterBlock, type Storage } from '../../src/core/base/bytes/storage.js';
import { compileLiterals } from '../../src/sweep/literals.js';
import { SweepPool } from '../../src/sweep/pool.js';
import type { HitBatch, Net, SweepOptions } from '../../src/sweep/types.js';
import { type Found, list, literal, naive, noise, spread } from './oracle.js';

export const MiB = 2 ** 20;
export const LITERALS = [
  literal('ghp_', { wide: true }),
  literal('-----BEGIN', { wide: true, caseless: true }),
];
export const net = compileLiterals(LITERALS);

/** Several tasks (21 MiB and 12,345 bytes) with hits across each edge of them and in between. */
export const data = Buffer.concat([Buffer.alloc(21 * MiB, 'nothing to see here. '), noise(12_345)]);
for (let edge = 0; edge <= data.length; edge += MiB / 2) {
  for (const [i, at] of [edge - 2, edge + 100, edge + 5000 + (edge % 977)].entries()) {
    const { bytes } = LITERALS[(edge / MiB + i) % 2 < 1 ? 0 : 1]!;
    const form = i === 1 ? spread(bytes) : Buffer.from(bytes);
    if (at >= 0 && at + form.length <= data.length) form.copy(data, at);
  }
}
Buffer.from('ghp_').copy(data, data.length - 4);
export const expected = naive(data, LITERALS);

let folder: string;
const files: number[] = [];

/** A folder for the files of a test file, which calls this at its start. */
export function usesPoolFiles(): void {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dumpsieve-pool-'));
  });
  afterAll(() => {
    for (const fd of files.splice(0)) closeSync(fd);
    rmSync(folder, { recursive: true });
  });
}

/** The bytes as a file; `length` may be more than it has. */
export function file(bytes: Uint8Array, length = bytes.length): Extract<Storage, { kind: 'file' }> {
  const path = join(folder, `file${files.length}`);
  writeFileSync(path, bytes);
  files.push(openSync(path, 'r+'));
  return { kind: 'file', fd: files.at(-1)!, length };
}

export const makers: Record<Storage['kind'], () => Storage> = {
  file: () => file(data),
  memory: () => {
    const bytes = new SharedArrayBuffer(data.length);
    new Uint8Array(bytes).set(data);
    return { kind: 'memory', bytes, length: data.length };
  },
  sealed: () => {
    const key = randomBytes(32);
    const { fd } = file(createCipheriv('aes-256-ctr', key, counterBlock(0)).update(data));
    return { kind: 'sealed', fd, key, length: data.length };
  },
  ring: () => {
    const bytes = new SharedArrayBuffer(data.length);
    new Uint8Array(bytes).set(data);
    const written = new BigInt64Array(new SharedArrayBuffer(16)).fill(BigInt(data.length));
    return { kind: 'ring', bytes, written, length: data.length };
  },
  // Its second half is read from the tail.
  tailed: () => {
    const half = Math.floor(data.length / 2);
    const stored = file(data, half);
    const [starts, offsets, lengths] = [half, half, data.length - half].map((value) =>
      Float64Array.of(value),
    ) as [Float64Array, Float64Array, Float64Array];
    return {
      ...{ kind: 'tailed', stored, length: data.length },
      tail: { from: half, length: data.length, starts, offsets, lengths },
    };
  },
  slice: () => {
    const stored = file(Buffer.concat([Buffer.from('ghp_'), data, Buffer.from('ghp_')]));
    return { kind: 'slice', stored, offset: 4, length: data.length };
  },
  // Its halves are stored in reverse order.
  pieces: () => {
    const half = Math.floor(data.length / 2);
    const stored = file(Buffer.concat([data.subarray(half), data.subarray(0, half)]));
    const pieces = {
      starts: Float64Array.of(0, half),
      offsets: Float64Array.of(data.length - half, 0),
      lengths: Float64Array.of(half, data.length - half),
    };
    return { kind: 'pieces', stored, pieces, length: data.length };
  },
  // Other bytes are stored where it is filled, some of them in hits.
  filled: () => {
    const stored = Buffer.from(data);
    const offsets = [MiB / 2 - 2, MiB - 1, MiB, 3 * MiB, 3 * MiB + 100, data.length - 1];
    const spans = offsets.map((offset) => ({ offset, length: 1, fill: data[offset]! }));
    for (const { offset, fill } of spans) stored[offset] = ~fill;
    return { kind: 'filled', stored: file(stored), ranges: filledRanges(spans), length: data.length };
  },
};

export async function collect(batches: AsyncIterable<HitBatch>): Promise<HitBatch[]> {
  const all: HitBatch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

/** The hits in order; asserts that the batches cover the range without a gap. */
export function covering(batches: readonly HitBatch[], from: number, to: number): Found {
  let at = from;
  for (const batch of batches) {
    expect(batch.from).toBe(at);
    at = batch.to;
    for (const offset of batch.offsets) expect(offset >= batch.from && offset < batch.to).toBe(true);
  }
  expect(at).toBe(to);
  return batches.flatMap(list);
}

/** Runs `use` with a pool that is closed afterwards. */
export async function withPool<T>(jobs: number, use: (pool: SweepPool) => Promise<T>): Promise<T> {
  const pool = new SweepPool(jobs);
  try {
    return await use(pool);
  } finally {
    await pool.close();
  }
}

export const sweepAll = (storage: Storage, jobs: number, options: SweepOptions = {}, of: Net = net) =>
  withPool(jobs, (pool) => collect(pool.sweep(storage, of, { from: 0, to: storage.length }, options)));

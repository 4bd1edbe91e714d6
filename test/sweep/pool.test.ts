import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from '@jest/globals';
import type { Storage } from '../../src/core/base/bytes/storage.js';
import { sweepBuffer } from '../../src/sweep/buffer.js';
import { compileNeedles } from '../../src/sweep/needles.js';
import { SweepPool } from '../../src/sweep/pool.js';
import type { Feed, HitBatch, Net } from '../../src/sweep/types.js';
import { naive } from './oracle.js';
import {
  collect,
  covering,
  data,
  expected,
  file,
  LITERALS,
  MiB,
  makers,
  net,
  sweepAll,
  usesPoolFiles,
  withPool,
} from './pool-files.js';

usesPoolFiles();

describe.each(Object.keys(makers) as Storage['kind'][])('storage %s', (kind) => {
  test.each([1, 2, 3])('%d workers find what indexOf finds, in file order', async (jobs) => {
    const storage = makers[kind]();
    const batches = await sweepAll(storage, jobs);
    expect(covering(batches, 0, data.length)).toEqual(expected);
    expect(batches.every(({ endedAt, error }) => endedAt === undefined && error === undefined)).toBe(true);
  });
});

/** A feed of bytes that are all there, released step by step. */
class Trickle implements Feed {
  written = 0;
  readonly #step: number;

  constructor(step: number) {
    this.#step = step;
  }

  get ended(): boolean {
    return this.written === data.length;
  }

  async until(offset: number): Promise<void> {
    while (this.written < offset && !this.ended) {
      await new Promise(setImmediate);
      this.written = Math.min(data.length, this.written + this.#step);
    }
  }
}

describe('a stream', () => {
  test.each([
    [100_000, 1],
    [3 * MiB + 1, 2],
    [data.length, 3],
  ])('of %d bytes at a time has the batches of the whole, with %d workers', async (step, jobs) => {
    const storage = makers.ring();
    const whole = await sweepAll(file(data), jobs);
    const range = { from: 0, to: Number.MAX_SAFE_INTEGER };
    const streamed = await withPool(jobs, (pool) =>
      collect(pool.sweep(storage, net, range, { feed: new Trickle(step) })),
    );
    expect(streamed).toEqual(whole);
  });

  test('that paces the sweep of a file: an early end of the file is reported as without it', async () => {
    const feed: Feed = { written: data.length, ended: true, until: async () => {} };
    const short = () => file(data.subarray(0, 5 * MiB), data.length);
    const fed = await sweepAll(short(), 2, { feed });
    expect(fed).toEqual(await sweepAll(short(), 2));
    covering(fed, 0, data.length);
    expect(fed.at(-1)!.endedAt).toBeLessThanOrEqual(fed.at(-1)!.from);
  });

  test('that fails ends the sweep with its error', async () => {
    const feed: Feed = { written: 5 * MiB, ended: false, until: () => Promise.reject(new Error('cut')) };
    const range = { from: 0, to: Number.MAX_SAFE_INTEGER };
    const swept = withPool(1, (pool) => collect(pool.sweep(makers.ring(), net, range, { feed })));
    await expect(swept).rejects.toThrow('cut');
  });
});

describe('a pool', () => {
  test.each([64 * 1024, 100_000, 3 * MiB, 32 * MiB])(
    'finds the same hits with chunks of %d bytes',
    async (chunk) => {
      expect(covering(await sweepAll(file(data), 2, { chunk }), 0, data.length)).toEqual(expected);
    },
  );

  test('sweeps one part of a file after another, small ones on the calling thread', async () => {
    const storage = file(data);
    await withPool(2, async (pool) => {
      for (const [from, to] of [
        [0, 1],
        [MiB - 2, MiB + 1],
        [1000, 6 * MiB],
        [MiB / 2 - 2, 20 * MiB],
        [data.length - 4, data.length],
        [5, 5],
      ] as const) {
        const hits = covering(await collect(pool.sweep(storage, net, { from, to })), from, to);
        const inside = expected.filter(
          (hit) => Number.parseInt(hit, 10) >= from && Number.parseInt(hit, 10) < to,
        );
        expect(hits).toEqual(inside);
      }
    });
  });

  test('runs concurrent sweeps with several nets', async () => {
    const storage = file(data);
    const needle = data.subarray(21 * MiB + 100, 21 * MiB + 150);
    const needles = compileNeedles([needle]);
    await withPool(2, async (pool) => {
      const range = { from: 0, to: data.length };
      const [a, b, c] = await Promise.all([
        collect(pool.sweep(storage, net, range)),
        collect(pool.sweep(storage, needles, range)),
        collect(pool.sweep(makers.memory(), net, range)),
      ]);
      expect(covering(a, 0, data.length)).toEqual(expected);
      expect(covering(b, 0, data.length)).toEqual([`${21 * MiB + 100} 0`]);
      expect(covering(c, 0, data.length)).toEqual(expected);
    });
  });

  test('splits very many hits into many batches', async () => {
    const flood = Buffer.alloc(9 * MiB, 'ghp_');
    const batches = await sweepAll(file(flood), 2);
    expect(batches.length).toBe(9);
    let next = 0;
    for (const { from, to, offsets, ids } of batches) {
      expect(from).toBe(next);
      expect(offsets.length).toBe((to - from) / 4);
      expect(offsets.every((offset, i) => offset === from + 4 * i && ids[i] === 0)).toBe(true);
      next = to;
    }
    expect(next).toBe(flood.length);
  });

  test('reports its progress', async () => {
    let bytes = 0;
    await sweepAll(file(data), 2, {
      onProgress: (n) => {
        bytes += n;
      },
    });
    expect(bytes).toBe(data.length);
  });

  test('applies back pressure', async () => {
    let tasks = 0;
    const feed: Feed = {
      // Read once for each task that is started.
      get written() {
        tasks++;
        return data.length;
      },
      ended: true,
      until: async () => {},
    };
    await withPool(1, async (pool) => {
      for await (const _ of pool.sweep(file(data), net, { from: 0, to: data.length }, { feed })) {
        for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
        // The file has six tasks.
        expect(tasks).toBe(2);
        break;
      }
    });
  });

  test.each([
    ['on workers', 20 * MiB + 77],
    ['on this thread', 3 * MiB + 77],
  ])('reports where a file ends that has become shorter (%s)', async (_where, size) => {
    const storage = file(data.subarray(0, size), size + 3 * MiB);
    const batches = await sweepAll(storage, 2);
    expect(covering(batches, 0, size + 3 * MiB)).toEqual(naive(data.subarray(0, size), LITERALS));
    expect(batches.find(({ endedAt }) => endedAt !== undefined)).toMatchObject({ endedAt: size });
    expect(batches.every(({ error }) => error === undefined)).toBe(true);
  });

  test.each([
    ['on workers', 10 * MiB],
    ['on this thread', MiB],
  ])('reports a failed read and continues after it (%s)', async (_where, length) => {
    const fd = openSync(tmpdir(), 'r');
    const batches = await sweepAll({ kind: 'file', fd, length }, 2);
    closeSync(fd);
    covering(batches, 0, length);
    for (const batch of batches) {
      expect(batch).toMatchObject({ error: expect.stringMatching(/^E[A-Z]+$/), endedAt: batch.from });
    }
  });

  test.each([
    ['on workers', data.length],
    ['on this thread', 7 * MiB],
  ])('stops with the reason of its signal (%s)', async (_where, to) => {
    const storage = file(data);
    await withPool(2, async (pool) => {
      const abort = new AbortController();
      const reason = new Error('enough');
      const seen: HitBatch[] = [];
      const sweep = (async () => {
        for await (const batch of pool.sweep(storage, net, { from: 0, to }, { signal: abort.signal })) {
          seen.push(batch);
          abort.abort(reason);
        }
      })();
      await expect(sweep).rejects.toBe(reason);
      expect(seen.length).toBe(1);
      await expect(collect(pool.sweep(storage, net, { from: 0, to }, { signal: abort.signal }))).rejects.toBe(
        reason,
      );
      // The pool can still be used.
      expect(
        covering(await collect(pool.sweep(storage, net, { from: 0, to: data.length })), 0, data.length),
      ).toEqual(expected);
    });
  });

  test('lets its consumer stop early', async () => {
    await withPool(2, async (pool) => {
      for await (const batch of pool.sweep(file(data), net, { from: 0, to: data.length })) {
        expect(batch.from).toBe(0);
        break;
      }
    });
  });

  test('fails, and does not hang, if its workers end', async () => {
    const pool = new SweepPool(2);
    const storage = file(data);
    const range = { from: 0, to: data.length };
    await collect(pool.sweep(storage, net, range));
    const sweep = (async () => {
      for await (const _ of pool.sweep(storage, net, range)) await pool.close();
    })();
    await expect(sweep).rejects.toMatchObject({ code: 'worker-failed' });
    await expect(collect(pool.sweep(storage, net, range))).rejects.toMatchObject({ code: 'worker-failed' });
  });

  test('rethrows an error of a worker', async () => {
    const broken: Net = { ...net, images: {} };
    await expect(sweepAll(file(data), 2, {}, broken)).rejects.toThrow();
  });
});

test('a buffer is swept synchronously', () => {
  expect(sweepBuffer(Buffer.from('a ghp_ and g\0h\0p\0_\0'), net)).toEqual([
    { offset: 2, id: 0 },
    { offset: 11, id: 1 },
  ]);
  expect(sweepBuffer(new Uint8Array(0), net)).toEqual([]);
});

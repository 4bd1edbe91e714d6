import { describe, expect, test } from '@jest/globals';
import { collect, covering, data, expected, file, net, withPool } from './pool-files.js';

describe('a pool with something else to do than to sweep', () => {
  test('runs a module in a worker that has come up, between sweeps', async () => {
    const module = new URL(
      'data:text/javascript,export const job = ({ n }) => { if (n < 0) throw new RangeError("below zero"); return [n, n * n]; }',
    );
    await withPool(2, async (pool) => {
      expect(pool.run(module, { n: 3 })).toBeUndefined();
      const range = { from: 0, to: data.length };
      let answer: Promise<unknown> | undefined;
      while (answer === undefined) {
        expect(covering(await collect(pool.sweep(file(data), net, range)), 0, data.length)).toEqual(expected);
        answer = pool.run(module, { n: 3 });
      }
      const failing = pool.run(module, { n: -1 });
      const swept = collect(pool.sweep(file(data), net, range));
      expect(await answer).toEqual([3, 9]);
      await expect(failing).rejects.toThrow('below zero');
      expect(covering(await swept, 0, data.length)).toEqual(expected);
    });
  });

  test('sweeps on this thread while its workers are at work on something else', async () => {
    const slow = new URL(
      'data:text/javascript,export const job = (held) => { Atomics.wait(new Int32Array(held), 0, 0); return "let go"; }',
    );
    const range = { from: 0, to: data.length };
    await withPool(2, async (pool) => {
      const held = new SharedArrayBuffer(4);
      let answer: Promise<unknown> | undefined;
      while (answer === undefined) {
        await collect(pool.sweep(file(data), net, range));
        answer = pool.run(slow, held);
      }
      for (let round = 0; round < 2; round++)
        expect(covering(await collect(pool.sweep(file(data), net, range)), 0, data.length)).toEqual(expected);
      // Of tasks that nobody has begun none is waited for.
      for await (const { from } of pool.sweep(file(data), net, range)) {
        expect(from).toBe(0);
        break;
      }
      Atomics.store(new Int32Array(held), 0, 1);
      Atomics.notify(new Int32Array(held), 0);
      expect(await answer).toBe('let go');
      // It hears of those tasks now, and takes none.
      expect(covering(await collect(pool.sweep(file(data), net, range)), 0, data.length)).toEqual(expected);
    });
  });

  test('lets workers without a task go, and none that has one', async () => {
    const slow = new URL(
      'data:text/javascript,export const job = (ms) => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms); return ms; }',
    );
    const range = { from: 0, to: data.length };
    await withPool(2, async (pool) => {
      let answer: Promise<unknown> | undefined;
      while (answer === undefined) {
        await collect(pool.sweep(file(data), net, range));
        answer = pool.run(slow, 200);
      }
      pool.rest();
      expect(await answer).toBe(200);
      // None is there now: others start, and this thread sweeps meanwhile.
      pool.rest();
      expect(pool.run(slow, 1)).toBeUndefined();
      for (let round = 0; round < 2; round++)
        expect(covering(await collect(pool.sweep(file(data), net, range)), 0, data.length)).toEqual(expected);
    });
  });
});

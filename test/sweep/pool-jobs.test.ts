import { describe, expect, test } from '@jest/globals';
import { defineJob, type Job, type JobModule } from '../../src/sweep/job.js';
import type { SweepPool } from '../../src/sweep/pool.js';
import { collect, covering, data, expected, file, net, usesPoolFiles, withPool } from './pool-files.js';

usesPoolFiles();

/** A job whose module has this source. */
const jobOf = <Input, Output>(source: string): Job<Input, Output> =>
  defineJob<JobModule<Input, Output>>(new URL(`data:text/javascript,export const job = ${source}`));

const squares = jobOf<{ n: number }, number[]>(
  '({ n }) => { if (n < 0) throw new RangeError("below zero"); return [n, n * n]; }',
);
const untilNotified = jobOf<SharedArrayBuffer, string>(
  '(state) => { Atomics.wait(new Int32Array(state), 0, 0); return "notified"; }',
);
const pause = jobOf<number, number>(
  '(ms) => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms); return ms; }',
);

const range = { from: 0, to: data.length };
const sweep = (pool: SweepPool) => collect(pool.sweep(file(data), net, range));

async function expectHits(swept: ReturnType<typeof sweep>): Promise<void> {
  expect(covering(await swept, 0, data.length)).toEqual(expected);
}

/** Sweeps until a worker is up to run the job. */
async function run<Input, Output>(pool: SweepPool, job: Job<Input, Output>, input: Input) {
  for (;;) {
    await expectHits(sweep(pool));
    const output = pool.run(job, input);
    if (output !== undefined) return { output };
  }
}

describe('jobs of a pool', () => {
  test('run in a worker that is up, between sweeps', async () => {
    await withPool(2, async (pool) => {
      expect(pool.run(squares, { n: 3 })).toBeUndefined();
      const { output } = await run(pool, squares, { n: 3 });
      const failing = pool.run(squares, { n: -1 });
      const swept = sweep(pool);
      expect(await output).toEqual([3, 9]);
      await expect(failing).rejects.toThrow('below zero');
      await expectHits(swept);
    });
  });

  test('leave the sweep to the calling thread while they keep the worker busy', async () => {
    await withPool(2, async (pool) => {
      const state = new SharedArrayBuffer(4);
      const { output } = await run(pool, untilNotified, state);
      for (let round = 0; round < 2; round++) await expectHits(sweep(pool));
      // Unclaimed tasks are not waited for.
      for await (const { from } of pool.sweep(file(data), net, range)) {
        expect(from).toBe(0);
        break;
      }
      Atomics.store(new Int32Array(state), 0, 1);
      Atomics.notify(new Int32Array(state), 0);
      expect(await output).toBe('notified');
      // Now the worker receives those tasks, and claims none.
      await expectHits(sweep(pool));
    });
  });

  test('keep their worker alive while idle ones are terminated', async () => {
    await withPool(2, async (pool) => {
      const { output } = await run(pool, pause, 200);
      pool.terminateIdle();
      expect(await output).toBe(200);
      pool.terminateIdle();
      // No worker is left: new ones start, and the calling thread sweeps meanwhile.
      expect(pool.run(pause, 1)).toBeUndefined();
      for (let round = 0; round < 2; round++) await expectHits(sweep(pool));
    });
  });

  test.each([1, 2, 3])('with %i threads are mapped over inputs in their order', async (jobs) => {
    await withPool(jobs, async (pool) => {
      if (jobs > 1) await (await run(pool, pause, 1)).output;
      let taken = 0;
      function* inputs(most: number) {
        for (taken = 0; taken < most; taken++) yield { n: taken };
      }
      const here = ({ n }: { n: number }) => [n, n * n];
      const outputs: number[] = [];
      for await (const [n] of pool.map(squares, inputs(60), here)) outputs.push(n!);
      expect(outputs).toEqual(Array.from({ length: 60 }, (_, n) => n));
      for await (const _ of pool.map(squares, inputs(Number.POSITIVE_INFINITY), here)) break;
      // Few are taken before they are needed.
      expect(taken).toBeLessThanOrEqual(16 * jobs);
      await expectHits(sweep(pool));
    });
  });

  test('mapped over inputs, pass on what one throws', async () => {
    await withPool(1, async (pool) => {
      const here = () => {
        throw new RangeError('here');
      };
      const mapped = pool.map(squares, [{ n: 1 }][Symbol.iterator](), here);
      await expect(mapped.next()).rejects.toThrow('here');
    });
  });
});

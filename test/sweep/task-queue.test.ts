import { describe, expect, test } from '@jest/globals';
import { aheadFor } from '../../src/sweep/range-tasks.js';
import { SharedTickets } from '../../src/sweep/shared-tickets.js';
import type { Task } from '../../src/sweep/sweep-task.js';
import { TaskQueue } from '../../src/sweep/task-queue.js';
import type { HitBatch } from '../../src/sweep/types.js';
import fc from '../support/property.js';

const task = (from: number): Task => ({ from, to: from + 10, chunk: 10, longest: 1 });
const batchOf = (from: number, to: number): HitBatch => ({
  from,
  to,
  offsets: new Float64Array(0),
  ids: new Uint32Array(0),
});

describe('tickets', () => {
  test('are taken once, by whoever asks first', () => {
    const state = SharedTickets.forTasks(3);
    const there = SharedTickets.from(state.memory);
    const tickets = [0, 1, 2].map((place) => state.issue(place));
    expect(new Set(tickets).size).toBe(3);
    for (const ticket of tickets)
      expect([there.claim({ ticket }), state.claim({ ticket }), there.claim({ ticket })]).toEqual([
        true,
        false,
        false,
      ]);
  });

  test.each([true, false])('of long ago take nothing (taken then: %s)', (taken) => {
    const state = SharedTickets.forTasks(2);
    const old = state.issue(1);
    if (taken) expect(state.claim({ ticket: old })).toBe(true);
    const next = state.issue(old);
    const later = state.issue(3);
    expect(state.claim({ ticket: old })).toBe(false);
    expect(state.claim({ ticket: next })).toBe(false);
    expect(state.claim({ ticket: later })).toBe(true);
  });

  test('a task without one is its only teller’s', () => {
    expect(SharedTickets.forTasks(0).claim({})).toBe(true);
  });
});

describe('a row', () => {
  test('gives each byte once, in order, whoever sweeps what and however late another thread hears of it', async () => {
    const steps = fc.array(fc.constantFrom('push', 'help', 'there', 'shift', 'cut'), { maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (all, most) => {
        const state = SharedTickets.forTasks(most);
        const orders: { task: Task; resolve: (batch: HitBatch | undefined) => void }[] = [];
        const swept: [number, number][] = [];
        let cut = 0;
        const sweep = (one: Task): HitBatch | undefined => {
          if (!state.claim(one)) return undefined;
          const to = one.to - one.from > cut ? one.to - cut : one.to;
          cut = 0;
          swept.push([one.from, to]);
          return batchOf(one.from, to);
        };
        const row = new TaskQueue(
          state,
          (one) => new Promise((resolve) => orders.push({ task: one, resolve })),
          sweep,
        );
        let pushed = 0;
        let done = 0;
        const does: Record<string, () => unknown> = {
          push: () => row.length < most && row.push(task(10 * pushed++)),
          help: () => row.help(),
          there: () => {
            const order = orders.shift();
            order?.resolve(sweep(order.task));
          },
          cut: () => {
            cut = 3;
          },
          shift: async () => {
            const { head } = row;
            if (!head?.settled) return;
            const { from, to } = await head.batch;
            expect(from).toBe(done);
            done = to;
            row.shift(to);
          },
        };
        for (const step of all) await does[step]!();
        while (row.head !== undefined) {
          if (!row.head.settled && !row.help()) does.there!();
          await Promise.resolve();
          await does.shift!();
        }
        expect(done).toBe(10 * pushed);
        expect(swept.reduce((sum, [from, to]) => sum + to - from, 0)).toBe(done);
      }),
    );
  });

  test('passes on what the other thread throws, also of a task that waits behind', async () => {
    const state = SharedTickets.forTasks(2);
    const failing = new TaskQueue(
      state,
      () => Promise.reject(new Error('gone')),
      () => undefined,
    );
    failing.push(task(0));
    failing.push(task(10));
    await expect(failing.head!.batch).rejects.toThrow('gone');
    expect(failing.head!.settled).toBe(true);
    expect(failing.help()).toBe(false);
  });

  test('passes on what this thread throws, and does not wait for another one then', async () => {
    const state = SharedTickets.forTasks(2);
    const row = new TaskQueue(
      state,
      () => new Promise(() => {}),
      (one) => {
        if (state.claim(one)) throw new Error('here');
        return undefined;
      },
    );
    row.push(task(0));
    row.push(task(10));
    expect(row.help()).toBe(true);
    await expect(row.head!.batch).rejects.toThrow('here');
    await row.stop();
  });

  test('ends at once where nobody is at work, and else waits for who is', async () => {
    const state = SharedTickets.forTasks(2);
    const resolves: ((batch: HitBatch) => void)[] = [];
    const tasks: Task[] = [];
    const row = new TaskQueue(
      state,
      (one) => {
        tasks.push(one);
        return new Promise((resolve) => resolves.push(resolve));
      },
      () => undefined,
    );
    row.push(task(0));
    row.push(task(10));
    expect(state.claim(tasks[0]!)).toBe(true);
    let stopped = false;
    const stopping = row.stop().then(() => {
      stopped = true;
    });
    await new Promise(setImmediate);
    expect([stopped, state.stopped]).toEqual([false, true]);
    resolves[0]!(batchOf(0, 10));
    await stopping;
    expect(state.claim(tasks[1]!)).toBe(false);
  });
});

test.each([
  [1, 2, 8],
  [2, 4, 16],
  [8, 16, 64],
  [16, 32, 64],
  [64, 128, 128],
])('for %i threads %i tasks are under way, and %i where few hits come', (jobs, many, few) => {
  expect([aheadFor(jobs, false), aheadFor(jobs, true)]).toEqual([many, few]);
});

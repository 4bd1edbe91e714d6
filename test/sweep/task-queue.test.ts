import { describe, expect, test } from '@jest/globals';
import { aheadFor } from '../../src/sweep/range-tasks.js';
import { SharedTickets, type Task } from '../../src/sweep/sweep-task.js';
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
  test('can be claimed once, by the first thread', () => {
    const tickets = SharedTickets.forTasks(3);
    const other = SharedTickets.from(tickets.memory);
    const issued = [0, 1, 2].map((place) => tickets.issue(place));
    expect(new Set(issued).size).toBe(3);
    for (const ticket of issued)
      expect([other.claim({ ticket }), tickets.claim({ ticket }), other.claim({ ticket })]).toEqual([
        true,
        false,
        false,
      ]);
  });

  test.each([true, false])('of earlier tasks claim nothing (claimed then: %s)', (claimed) => {
    const tickets = SharedTickets.forTasks(2);
    const old = tickets.issue(1);
    if (claimed) expect(tickets.claim({ ticket: old })).toBe(true);
    const next = tickets.issue(old);
    const later = tickets.issue(3);
    expect(tickets.claim({ ticket: old })).toBe(false);
    expect(tickets.claim({ ticket: next })).toBe(false);
    expect(tickets.claim({ ticket: later })).toBe(true);
  });

  test('a task without one can always be claimed', () => {
    expect(SharedTickets.forTasks(0).claim({})).toBe(true);
  });
});

describe('a work queue', () => {
  test('sweeps each byte once, in order, however late a worker receives a task', async () => {
    const steps = fc.array(fc.constantFrom('push', 'help', 'worker', 'shift', 'cut'), { maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (all, most) => {
        const tickets = SharedTickets.forTasks(most);
        const posted: { task: Task; resolve: (batch: HitBatch | undefined) => void }[] = [];
        const swept: [number, number][] = [];
        let cut = 0;
        const sweep = (one: Task): HitBatch | undefined => {
          if (!tickets.claim(one)) return undefined;
          const to = one.to - one.from > cut ? one.to - cut : one.to;
          cut = 0;
          swept.push([one.from, to]);
          return batchOf(one.from, to);
        };
        const queue = new TaskQueue(
          tickets,
          (one) => new Promise((resolve) => posted.push({ task: one, resolve })),
          (one) => {
            const batch = sweep(one);
            return batch && Promise.resolve(batch);
          },
        );
        let pushed = 0;
        let done = 0;
        const actions: Record<string, () => unknown> = {
          push: () => queue.length < most && queue.push(task(10 * pushed++)),
          help: () => queue.sweepOne(),
          worker: () => {
            const next = posted.shift();
            next?.resolve(sweep(next.task));
          },
          cut: () => {
            cut = 3;
          },
          shift: async () => {
            const { head } = queue;
            if (!head?.settled) return;
            const { from, to } = await head.batch;
            expect(from).toBe(done);
            done = to;
            queue.shift(to);
          },
        };
        for (const step of all) await actions[step]!();
        while (queue.head !== undefined) {
          if (!queue.head.settled && !(await queue.sweepOne())) actions.worker!();
          await Promise.resolve();
          await actions.shift!();
        }
        expect(done).toBe(10 * pushed);
        expect(swept.reduce((sum, [from, to]) => sum + to - from, 0)).toBe(done);
      }),
    );
  });

  test('rethrows errors of a worker, also for a task that is not the head', async () => {
    const tickets = SharedTickets.forTasks(2);
    const failing = new TaskQueue(
      tickets,
      () => Promise.reject(new Error('gone')),
      () => undefined,
    );
    failing.push(task(0));
    failing.push(task(10));
    await expect(failing.head!.batch).rejects.toThrow('gone');
    expect(failing.head!.settled).toBe(true);
    expect(await failing.sweepOne()).toBe(false);
  });

  test('rethrows errors of the calling thread, and does not wait for a worker then', async () => {
    const tickets = SharedTickets.forTasks(2);
    const queue = new TaskQueue(
      tickets,
      () => new Promise(() => {}),
      (one) => {
        if (tickets.claim(one)) throw new Error('here');
        return undefined;
      },
    );
    queue.push(task(0));
    queue.push(task(10));
    expect(await queue.sweepOne()).toBe(true);
    await expect(queue.head!.batch).rejects.toThrow('here');
    await queue.stop();
  });

  test('stops once no claimed task is under way', async () => {
    const tickets = SharedTickets.forTasks(2);
    const resolves: ((batch: HitBatch) => void)[] = [];
    const tasks: Task[] = [];
    const queue = new TaskQueue(
      tickets,
      (one) => {
        tasks.push(one);
        return new Promise((resolve) => resolves.push(resolve));
      },
      () => undefined,
    );
    queue.push(task(0));
    queue.push(task(10));
    expect(tickets.claim(tasks[0]!)).toBe(true);
    let stopped = false;
    const stopping = queue.stop().then(() => {
      stopped = true;
    });
    await new Promise(setImmediate);
    expect([stopped, tickets.stopped]).toEqual([false, true]);
    resolves[0]!(batchOf(0, 10));
    await stopping;
    expect(tickets.claim(tasks[1]!)).toBe(false);
  });
});

test.each([
  [1, 2, 8],
  [2, 4, 16],
  [8, 16, 64],
  [16, 32, 64],
  [64, 128, 128],
])('with %i threads %i tasks are under way, and %i while hits are few', (jobs, many, few) => {
  expect([aheadFor(jobs, false), aheadFor(jobs, true)]).toEqual([many, few]);
});

import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { ContainerSweep } from '../../src/scan/container-sweep.js';
import type { Feed, HitBatch } from '../../src/sweep/types.js';

const STEP = 100;

const batch = (from: number, hits = 0): HitBatch => ({
  from,
  to: from + STEP,
  offsets: new Float64Array(hits),
  ids: new Uint32Array(hits),
});

/** A sweep that waits for its feed before each step, as the pool does; `begun` counts its steps. */
class Steps {
  begun = 0;
  returned = false;
  readonly #length: number;
  readonly #hits: number;
  readonly #fails: number;
  readonly #signal: AbortSignal | undefined;

  constructor(
    length: number,
    { hits = 0, fails = Number.POSITIVE_INFINITY, signal = undefined as AbortSignal | undefined } = {},
  ) {
    this.#length = length;
    this.#hits = hits;
    this.#fails = fails;
    this.#signal = signal;
  }

  beside(): ContainerSweep {
    return new ContainerSweep(this.#length, (feed) => this.#sweep(feed));
  }

  async *#sweep(feed: Feed): AsyncGenerator<HitBatch> {
    try {
      for (let at = 0; at < this.#length; at += STEP) {
        await feed.until(at + STEP, this.#signal);
        this.begun++;
        if (at >= this.#fails) throw new Error('bad sector');
        yield batch(at, this.#hits);
      }
    } finally {
      this.returned = true;
    }
  }
}

/** Lets pending callbacks run. Ten turns are enough: the sweep of these tests does no real I/O. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await setImmediate();
}

async function offsetsOf(beside: ContainerSweep): Promise<number[]> {
  const all: number[] = [];
  for await (const { from } of beside) all.push(from);
  return all;
}

describe('a container is swept while its content is decoded', () => {
  test('no further than its decoder has read, and to its end when its batches are read', async () => {
    const steps = new Steps(1000);
    const beside = steps.beside();
    await settle();
    expect(steps.begun).toBe(0);
    for (const [passed, begun] of [
      [99, 0],
      [100, 1],
      [350, 3],
      [340, 3],
    ] as const) {
      beside.passed(passed);
      await settle();
      expect(steps.begun).toBe(begun);
    }
    expect(await offsetsOf(beside)).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
    expect(steps.returned).toBe(true);
  });

  test('if its decoder reads beyond its length', async () => {
    const steps = new Steps(300);
    const beside = steps.beside();
    beside.passed(10_000);
    await settle();
    expect(beside.written).toBe(300);
    expect(await offsetsOf(beside)).toEqual([0, 100, 200]);
  });

  test('until the buffer of batches is full', async () => {
    // Batches of 1.2 MB.
    const steps = new Steps(10_000, { hits: 100_000 });
    const beside = steps.beside();
    beside.passed(10_000);
    await settle();
    expect(steps.begun).toBe(14);
    expect(await offsetsOf(beside)).toHaveLength(100);
  });

  test('and batches before a failure are yielded before it', async () => {
    const beside = new Steps(1000, { fails: 300 }).beside();
    beside.passed(1000);
    await settle();
    const seen: number[] = [];
    const all = (async () => {
      for await (const { from } of beside) seen.push(from);
    })();
    await expect(all).rejects.toThrow('bad sector');
    expect(seen).toEqual([0, 100, 200]);
  });

  test('until an abort, also while it waits', async () => {
    const abort = new AbortController();
    const steps = new Steps(1000, { signal: abort.signal });
    const beside = steps.beside();
    beside.passed(250);
    await settle();
    abort.abort(new Error('time-limit'));
    await settle();
    expect(steps).toMatchObject({ begun: 2, returned: true });
    await expect(offsetsOf(beside)).rejects.toThrow('time-limit');
  });

  test('and ends when its consumer returns', async () => {
    const steps = new Steps(1000);
    for await (const { from } of steps.beside()) if (from === 200) break;
    expect(steps.returned).toBe(true);
  });
});

import { describe, expect, test } from '@jest/globals';
import {
  atOnce,
  finish,
  finishInTurns,
  inTurns,
  Pace,
  type Pausing,
} from '../../../src/core/base/runtime/turns.js';

/** Works for some milliseconds before each of its pauses. */
function* slow(pauses: number, each: number, ended: () => void): Pausing<number, string> {
  try {
    for (let i = 0; i < pauses; i++) {
      for (const start = performance.now(); performance.now() - start < each; );
      yield;
      yield i;
    }
    return 'done';
  } finally {
    ended();
  }
}

const nothing = () => {};

/** {@link slow}, without results. */
function* silent(pauses: number, ended = nothing): Pausing<never, string> {
  for (const result of slow(pauses, 20, ended)) if (result === undefined) yield;
  return 'done';
}

describe('work in turns', () => {
  test('has the results of the work at once, in order', async () => {
    const results: number[] = [];
    for await (const result of inTurns(slow(5, 1, nothing))) results.push(result);
    expect(results).toEqual([0, 1, 2, 3, 4]);
    expect([...atOnce(slow(5, 1, nothing))]).toEqual(results);
    expect(finish(silent(2))).toBe('done');
    expect(await finishInTurns(silent(2))).toBe('done');
  });

  test('lets timers run meanwhile', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await finishInTurns(silent(20));
    clearInterval(timer);
    // 400 ms of work, in slices of 50.
    expect(turns).toBeGreaterThanOrEqual(4);
  });

  test.each(['results', 'none'])('ends when it is aborted (%s), and ends the work', async (kind) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort('enough'), 10);
    let ended = 0;
    const seen: number[] = [];
    const run = async () => {
      if (kind === 'none')
        return finishInTurns(
          silent(1000, () => ended++),
          controller.signal,
        );
      for await (const result of inTurns(
        slow(1000, 20, () => ended++),
        controller.signal,
      ))
        seen.push(result);
      return undefined;
    };
    await expect(run()).rejects.toBe('enough');
    expect(ended).toBe(1);
    expect(seen.length).toBeLessThan(20);
  });
});

test('a pace is due each time that its units are done', () => {
  const pace = new Pace(10);
  expect([4, 4, 4, 4, 4, 4].map((units) => pace.isDue(units))).toEqual([
    false,
    false,
    true,
    false,
    false,
    true,
  ]);
});

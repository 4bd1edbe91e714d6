import { expect, test } from '@jest/globals';
import { RunList } from '../../src/search/core/run-list.js';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import { classesOf } from '../../src/search/rsa/known-modulus-search.js';
import type { Modulus } from '../../src/search/rsa/modulus.js';

const modulus = (n: bigint, more: Partial<Modulus>): Modulus => ({
  ...{ n, e: 65_537n, words: 32, isTarget: false, bare: false, solved: false },
  ...more,
});
const target = modulus(1n, { isTarget: true });
const own = modulus(2n, {});
const authority = modulus(3n, { foreign: [{ by: 'authority', encodings: [], isSettled: true }] });
const solved = modulus(4n, { solved: true });

const context = (length: number, runs = new RunList()) => ({
  ...{ length, runs, skippedWork: new SkippedWork(), budget: (usual: number) => usual },
  ...{ windows: new Map(), unconfirmed: false },
});

const AT = { search: 'rsa-known-n dp', what: 'tried', targets: [], count: 1, from: 0, to: 0 } as const;

/** Seconds of a budget, spent in tenths. */
function secondsOf(effort: { spend(cost: number, at: typeof AT): boolean }): number {
  let tenths = 0;
  while (effort.spend(0.1 / 2.5e-9, AT)) tenths++;
  return tenths / 10;
}

test('moduli of end entities, of targets and of authorities have budgets apart', () => {
  const classes = classesOf([authority, solved, own, target], context(1 << 30));
  expect(classes.map(({ families }) => families.flatMap(({ moduli }) => moduli))).toEqual([
    [target],
    [own],
    [authority],
  ]);
  // 20 s and 0.1 s a MB for all numbers of targets and likely ones of end entities; an authority 0.2 s.
  expect(classes.map(({ likely }) => secondsOf(likely))).toEqual([127.3, 127.3, 0.2]);
  // A quarter of two seconds for other numbers of end entities: the memory is not dense.
  expect(classes.map(({ others }) => secondsOf(others))).toEqual([0, 0.5, 0]);
});

test('other numbers have a share of 6 ms a MB of dense memory', () => {
  const runs = new RunList();
  runs.push({ offset: 0, words: 1 << 27 });
  const [first] = classesOf([own], context(1 << 30, runs));
  expect(secondsOf(first!.others)).toBe(1.6);
  expect(secondsOf(classesOf([own], context(1 << 20))[0]!.others)).toBe(0);
  const unconfirmed = { ...context(1 << 20), unconfirmed: true };
  expect(classesOf([own], unconfirmed).map(({ isWanted }) => isWanted)).toEqual([false]);
});

test('memory is dense in the blocks with a part of a run', () => {
  const runs = new RunList();
  expect(runs.denseBytes()).toBe(0);
  for (const offset of [0, 100, 65_528, 65_536 * 9 + 8]) runs.push({ offset, words: 4 });
  // The first block, its neighbour that the third run reaches, and one far away.
  expect(runs.denseBytes()).toBe(3 * 65_536);
  runs.push({ offset: 65_536 * 9 + 65_000, words: 3 * 8192 });
  expect(runs.denseBytes()).toBe(6 * 65_536);
});

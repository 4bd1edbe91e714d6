import { expect, test } from '@jest/globals';
import { NumberSet } from '../../src/search/core/number-set.js';
import { GROUPS, GroupCounts, groupOf } from '../../src/search/curves/numbers/curve-numbers.js';
import { LIKELY, SCALAR } from '../../src/search/curves/numbers/number-flags.js';
import {
  demandOf,
  isAmong,
  type SweepEntry,
  SweepPlan,
  shareOf,
} from '../../src/search/curves/scalars/sweep-plan.js';
import { type TrialEntry, TrialPlan } from '../../src/search/curves/scalars/trial-plan.js';
import { FITTED } from '../../src/sweep/runs/records.js';
import fc from '../support/property.js';

const NO_IDENTITIES = { id: 1, points: new Map() };
const ATTEMPT = { curve: 'Curve25519', inDigits: false } as const;
const SECOND = 1e6;
const SMALL = { length: 0, dense: 0 };
const LARGE = { length: 8 << 20, dense: 0 };

function entryOf(count: number, likely: number, more: Partial<TrialEntry> = {}): TrialEntry {
  const set = new NumberSet(32);
  for (let i = 0; i < count; i++) set.add(Buffer.alloc(32, `number ${i} `), 0, i * 32, SCALAR);
  return {
    ...{ of: set, attempt: ATTEMPT, set, indices: Uint32Array.from({ length: count }, (_, i) => i), likely },
    ...{ rare: false, cost: SECOND, target: 'asked', isOpen: () => true, take: () => {} },
    ...more,
  };
}

const order = (plan: TrialPlan) =>
  [...plan.blocks()].map(({ entry, indices }) => ({ entry, indices: [...indices] }));

test('likely numbers in every encoding come before others, and rare encodings behind common ones', () => {
  const [common, rare] = [entryOf(4, 2), entryOf(4, 2, { rare: true })];
  expect(order(new TrialPlan(NO_IDENTITIES, [rare, common], SMALL, (usual) => usual))).toEqual([
    { entry: common, indices: [0, 1] },
    { entry: rare, indices: [0, 1] },
    { entry: common, indices: [2, 3] },
    { entry: rare, indices: [2, 3] },
  ]);
});

const indicesOf = (plan: TrialPlan) => order(plan).map(({ indices }) => indices.length);
const all = (usual: number) => usual;

test('what exceeds a budget is left, targets have one of their own', () => {
  const asked = entryOf(30, 25);
  const blind = entryOf(30, 0, { target: 'blind', cost: SECOND / 10 });
  const plan = new TrialPlan(NO_IDENTITIES, [asked, blind], LARGE, all);
  expect(indicesOf(plan)).toEqual([20, 10]);
  expect(plan.left()).toEqual([
    { entry: asked, of: asked.of, count: 10, likely: 5 },
    { entry: blind, of: blind.of, count: 20, likely: 0 },
  ]);
  expect(plan.rooms.others).toBe(0);
  // Ten seconds more for a hundred megabytes.
  expect(indicesOf(new TrialPlan(NO_IDENTITIES, [asked], { length: 100e6, dense: 0 }, all))).toEqual([25, 5]);
  expect(new TrialPlan(NO_IDENTITIES, [asked, blind], SMALL, () => Number.POSITIVE_INFINITY).left()).toEqual(
    [],
  );
});

test('likely numbers are tried for written keys, others in proportion to the memory that is dense', () => {
  const written = entryOf(60, 15, { target: 'written' });
  const triedOf = (size: { length: number; dense: number }) =>
    indicesOf(new TrialPlan(NO_IDENTITIES, [{ ...written, cost: SECOND / 10 }], size, all));
  expect(triedOf(SMALL)).toEqual([15, 1]);
  expect(triedOf(LARGE)).toEqual([15, 10]);
  // Half of 6 ms a megabyte.
  expect(triedOf({ length: 2e9, dense: 1e9 })).toEqual([15, 30]);
  expect(indicesOf(new TrialPlan(NO_IDENTITIES, [{ ...written, target: 'blind' }], LARGE, all))).toEqual([
    5, 1,
  ]);
  const plan = new TrialPlan(NO_IDENTITIES, [{ ...written, cost: SECOND }], LARGE, all);
  expect(plan.left()).toEqual([{ entry: expect.anything(), of: written.of, count: 44, likely: 0 }]);
});

test('a solved entry is not tried on, and leaves nothing', () => {
  let open = true;
  const taken: number[] = [];
  const entry = entryOf(5000, 0, {
    cost: 1e4,
    isOpen: () => open,
    take: (indices) => {
      taken.push(...indices);
      open = false;
    },
  });
  const plan = new TrialPlan(NO_IDENTITIES, [entry], SMALL, (usual) => usual);
  const blocks = plan.blocks();
  const [first, second] = [blocks.next().value!, blocks.next().value];
  expect(second).toBeUndefined();
  plan.take(first, Uint32Array.of(3));
  expect(taken).toEqual([3]);
  // A block under way when the key was found in an earlier one.
  plan.take(first, Uint32Array.of(4));
  expect(taken).toEqual([3]);
  expect(plan.left()).toEqual([]);
});

const number = fc.record({
  flags: fc.constantFrom(SCALAR, SCALAR | LIKELY, SCALAR | LIKELY | FITTED),
  kind: fc.nat(4),
});

test('a second sweep selects what its budget covers, the likeliest groups first, and counts the rest', () => {
  fc.assert(
    fc.property(fc.array(number, { maxLength: 400 }), fc.integer({ min: 0, max: 600 }), (numbers, room) => {
      const counts = new GroupCounts();
      for (const { flags, kind } of numbers) counts.add(flags, kind);
      const entry: SweepEntry = {
        ...{
          of: counts,
          attempt: ATTEMPT,
          size: 32,
          from: 0,
          counts,
          target: 'asked',
          rare: false,
          cost: 1,
          flags: 0,
        },
        ...{ isOpen: () => true, take: () => {} },
      };
      const plan = new SweepPlan(NO_IDENTITIES, [entry], [], { likely: room, unwritten: 0, others: 0 }, []);
      const [selection] = plan.request.selections;
      const shares = counts
        .ranked()
        .map(({ group, count }) => ({ share: selection!.shares[group]! / 255, count }));
      const selected = shares.reduce((sum, { share, count }) => sum + share * count, 0);
      expect(selected).toBeLessThanOrEqual(room + 1e-6);
      // Whole groups, one in part, then none.
      const partial = shares.findIndex(({ share }) => share < 1);
      if (partial >= 0)
        expect(
          shares.slice(partial + 1).reduce((sum, { share, count }) => sum + share * count, 0),
        ).toBeLessThanOrEqual(shares[partial]!.count / 255 + 1);
      const left = plan.left()[0]?.count ?? 0;
      expect(left).toBeGreaterThanOrEqual(numbers.length - selected - 1e-6);
      expect(left).toBeLessThanOrEqual(numbers.length - selected + shares.length);
    }),
  );
});

test('a share of a group is selected by the numbers themselves; near a public half all are', () => {
  const shares = new Uint8Array(GROUPS);
  shares[groupOf(SCALAR, 7)] = 64;
  const selection = { attempt: ATTEMPT, size: 32, from: 0, flags: 0, near: 255, shares };
  const at = (word: number, offset: number, kind = 7) =>
    isAmong(shareOf(selection, [1e6], { flags: SCALAR, kind, offset }), word);
  const words = Array.from({ length: 4000 }, (_, i) => Math.imul(i, 0x85ebca6b));
  const count = words.filter((word) => at(word, 0)).length;
  expect(count).toBeGreaterThan(800);
  expect(count).toBeLessThan(1200);
  expect(words.filter((word) => at(word, 0))).toEqual(words.filter((word) => at(word, 5e8)));
  expect(words.some((word) => at(word, 0, 8))).toBe(false);
  expect(words.every((word) => at(word, 1e6 - 4000, 8))).toBe(true);
  const likely = shareOf({ ...selection, flags: LIKELY }, [1e6], { flags: SCALAR, kind: 7, offset: 1e6 });
  expect(isAmong(likely, 0)).toBe(false);
});

test('matches of a task are taken all at once, by entries that are still open', () => {
  const counts = new GroupCounts();
  counts.add(SCALAR, 7);
  const taken: number[][] = [];
  const open = [true, true, true];
  const entries = open.map((_, i): SweepEntry => {
    return {
      ...{
        of: counts,
        attempt: ATTEMPT,
        size: 32,
        from: 0,
        counts,
        target: 'asked',
        rare: false,
        cost: 1,
        flags: 0,
      },
      isOpen: () => open[i]!,
      take: (swept) => {
        taken.push([i, ...swept.map(({ offset }) => offset)]);
        open[2] = false;
      },
    };
  });
  const plan = new SweepPlan(NO_IDENTITIES, entries, [], { likely: 10, unwritten: 0, others: 0 }, []);
  const match = (selection: number, offset: number) => {
    return { selection, offset, number: new Uint8Array(32), flags: SCALAR };
  };
  plan.take([match(2, 0), match(0, 40), match(1, 80), match(0, 120)]);
  plan.take([]);
  expect(taken).toEqual([
    [0, 40, 120],
    [1, 80],
  ]);
});

test('numbers near public halves take half of the budget at most, and what they leave is likely', () => {
  const counts = new GroupCounts();
  counts.add(SCALAR, 7, 1e6);
  const entry: SweepEntry = {
    ...{
      of: counts,
      attempt: ATTEMPT,
      size: 32,
      from: 0,
      counts,
      target: 'asked',
      rare: false,
      cost: 10,
      flags: 0,
    },
    ...{ isOpen: () => true, take: () => {} },
  };
  const planned = (places: readonly number[]) => {
    const plan = new SweepPlan(NO_IDENTITIES, [entry], places, { likely: 5e6, unwritten: 0, others: 0 }, []);
    const { near, shares } = plan.request.selections[0]!;
    return { near, share: shares[groupOf(SCALAR, 7)]!, left: plan.left()[0]! };
  };
  const few = planned([0, 1e6]);
  expect(few).toMatchObject({ near: 255, left: { likely: 0 } });
  // A public half in each page of 4 MB: 128,000 numbers at most.
  const many = planned(Array.from({ length: 1000 }, (_, i) => i * 4096));
  expect(many).toMatchObject({ near: 255, left: { likely: 0 } });
  expect(many.share).toBeLessThan(few.share);
  const flood = planned(Array.from({ length: 10_000 }, (_, i) => i * 4096));
  expect(flood.near).toBeLessThan(128);
  expect((1e6 * 10 * (flood.near + flood.share)) / 255).toBeLessThanOrEqual(5e6);
  expect(flood.left.likely).toBeGreaterThan(500_000);
  expect(flood.left.likely).toBeLessThanOrEqual(flood.left.count);
});

test('a second sweep tries likely numbers for written keys, and others within the budget for these', () => {
  const counts = new GroupCounts();
  counts.add(SCALAR | LIKELY | FITTED, 1, 1000);
  counts.add(SCALAR, 7, 1000);
  const sharesFor = (target: SweepEntry['target']) => {
    const entry: SweepEntry = {
      ...{ of: counts, attempt: ATTEMPT, size: 32, from: 0, counts, target, rare: false, cost: 1, flags: 0 },
      ...{ isOpen: () => true, take: () => {} },
    };
    const plan = new SweepPlan(NO_IDENTITIES, [entry], [], { likely: 5000, unwritten: 0, others: 200 }, []);
    const { shares } = plan.request.selections[0]!;
    return [
      shares[groupOf(SCALAR | LIKELY | FITTED, 1)],
      shares[groupOf(SCALAR, 7)],
      plan.left()[0]?.count ?? 0,
    ];
  };
  expect(sharesFor('written')).toEqual([255, 51, 800]);
  expect(sharesFor('asked')).toEqual([255, 255, 0]);
});

const sweptEntry = (counts: GroupCounts, more: Partial<SweepEntry> = {}): SweepEntry => {
  return {
    ...{ of: counts, attempt: ATTEMPT, size: 32, from: 0, counts, rare: false, cost: SECOND, flags: 0 },
    ...{ target: 'written', isOpen: () => true, take: () => {} },
    ...more,
  };
};

test('kept numbers and those of a second sweep share each budget, of which reading takes its part', () => {
  const counts = new GroupCounts();
  counts.add(SCALAR | LIKELY | FITTED, 1, 30);
  counts.add(SCALAR, 7, 100);
  const swept = sweptEntry(counts);
  const kept = entryOf(60, 30, { target: 'written' });
  const planOf = (bytes: number) =>
    new TrialPlan(NO_IDENTITIES, [kept], { length: 0, dense: 4e9 }, all, demandOf([swept], bytes));
  // Half of 20 seconds; of 12 seconds in proportion to the numbers.
  expect(indicesOf(planOf(0))).toEqual([10, 2]);
  expect(planOf(0).rooms).toMatchObject({ likely: 10 * SECOND });
  const others = planOf(0).rooms.others;
  // Two milliseconds a megabyte.
  expect(planOf(1e9).rooms.others).toBeLessThan(others - 1.5 * SECOND);
  expect(planOf(6e9).rooms.others).toBe(0);
  expect(indicesOf(planOf(6e9))).toEqual([10]);
});

test('a second sweep that could try nothing is not open', () => {
  const counts = new GroupCounts();
  counts.add(SCALAR, 7, 1000);
  const plan = (places: readonly number[], others: number) =>
    new SweepPlan(NO_IDENTITIES, [sweptEntry(counts)], places, { likely: 0, unwritten: 0, others }, []);
  expect(plan([], 0).isOpen()).toBe(false);
  expect(plan([], 0).left()).toMatchObject([{ count: 1000, likely: 0 }]);
  expect(plan([], 100 * SECOND).isOpen()).toBe(true);
  expect(plan([1e6], 0).isOpen()).toBe(true);
});

test('kept numbers of a group make it less rare, but are not tried again', () => {
  const set = new NumberSet(32);
  for (let i = 0; i < 64; i++) set.add(Buffer.alloc(32, `number ${i} `), 0, i * 32, SCALAR | LIKELY, 7);
  const [behind, empty] = [GroupCounts.behind(set), new GroupCounts()];
  expect(behind.ranked()).toEqual([]);
  for (const counts of [behind, empty]) counts.add(SCALAR | LIKELY, 7);
  expect(behind.ranked()).toMatchObject([{ count: 1, likely: false }]);
  expect(empty.ranked()).toMatchObject([{ count: 1, likely: true }]);
});

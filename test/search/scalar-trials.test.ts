import { expect, test } from '@jest/globals';
import { DOMAINS } from '../../src/core/asn1/domain.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { finish, type Pausing } from '../../src/core/base/runtime/turns.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import { RunList } from '../../src/search/core/run-list.js';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import { CurveNumbers } from '../../src/search/curves/numbers/curve-numbers.js';
import { SCALAR } from '../../src/search/curves/numbers/number-flags.js';
import { HeaderFrequency } from '../../src/search/curves/numbers/scalar-rank.js';
import { KernelCurve } from '../../src/search/curves/points/kernel-curve.js';
import type { Point } from '../../src/search/curves/points/points.js';
import type { MultiplesPlan } from '../../src/search/curves/scalars/block-multiples.js';
import { ScalarSearch } from '../../src/search/curves/scalars/scalar-search.js';
import { scalarSources } from '../../src/search/curves/scalars/scalar-sources.js';
import { ScalarTrials } from '../../src/search/curves/scalars/scalar-trials.js';

function complete(kernel: NumberKernel, begun: Pausing<MultiplesPlan>): void {
  for (const plan of begun) if (plan !== undefined) finish(plan.run(kernel));
}

/** More numbers than are kept of one size (7/8 of these), and none of those that are kept is a scalar. */
const MANY = 1 << 18;

test.each([
  ['with the usual budget', (usual: number) => usual],
  ['without a budget', () => Number.POSITIVE_INFINITY],
])('numbers that are too many to keep are for a second sweep, %s', (_, budget) => {
  const kernel = NumberKernel.take();
  const numbers = new CurveNumbers();
  const words = new Uint32Array(8);
  const record = { bytes: Buffer.from(words.buffer), words, at: 0, size: 32, sum: 7 };
  for (let i = 0; i < MANY; i++) {
    words.fill(i * 0x9e37);
    numbers.addWhole({ ...record, offset: i * 32, detail: i === MANY - 1 ? SCALAR : 0 });
  }
  const context = {
    ...{ kernel, bytes: new RunBytes(bufferReader(Buffer.alloc(0)), kernel), runs: new RunList() },
    ...{ skippedWork: new SkippedWork(), budget, length: 0, numbers, managed: false, inModule: () => false },
  };
  const domain = DOMAINS.find(({ name }) => name === 'P-256')!;
  const search = new ScalarSearch(new HeaderFrequency(() => false), context);
  const shown = (written: boolean) => new Map([[5n, { x: 5n, y: 7n, written }]]);
  complete(kernel, search.begin(new Map([[new KernelCurve(kernel, domain), shown(true)]])));
  const swept = search.trials.sweepEntries();
  expect(swept.map(({ attempt }) => 'reading' in attempt && attempt.reading)).toEqual(
    expect.arrayContaining(['limbs-le', 'bytes-be', 'mont-le']),
  );
  expect(swept[0]!.counts.ranked()).toMatchObject([{ count: 1 }]);
  expect(swept[0]!.from).toBe((MANY / 8) * 7 * 32);
  // The numbers that are kept are tried from memory.
  expect(search.trials.entries()).toHaveLength(swept.length);
  // For coordinates that are bare numbers alone, the file is not swept again.
  const blind = new ScalarSearch(new HeaderFrequency(() => false), context);
  complete(kernel, blind.begin(new Map([[new KernelCurve(kernel, domain), shown(false)]])));
  expect(blind.trials.sweepEntries()).toEqual([]);
  numbers.release();
  kernel.release();
});

test('of a flood of points few are looked at for each block, and its matches are multiplied at once', () => {
  const kernel = NumberKernel.take();
  const numbers = new CurveNumbers();
  const context = {
    ...{ kernel, bytes: new RunBytes(bufferReader(Buffer.alloc(0)), kernel), runs: new RunList() },
    ...{ skippedWork: new SkippedWork(), budget: (usual: number) => usual, length: 0, numbers },
    ...{ managed: false, inModule: () => false },
  };
  const curve = new KernelCurve(kernel, DOMAINS.find(({ name }) => name === 'P-256')!);
  const points = Array.from({ length: 1000 }, (_, i): Point => ({ x: BigInt(i), y: 0n, written: true }));
  const known = new Map(points.map((point) => [point.x, point]));
  const solved = new Set<bigint>();
  let looks = 0;
  const isSolved = (_: KernelCurve, { x }: Point) => {
    looks++;
    return solved.has(x);
  };
  const multiplied: (readonly number[])[] = [];
  const trials = new ScalarTrials({
    ...{ context, isSolved, isComputed: () => false },
    multiply: (_, { readings }, chosen) => {
      if (readings.length === 1) multiplied.push(chosen);
    },
  });
  const [source] = scalarSources(numbers, curve);
  trials.add({ curve, known, source: source!, indices: Uint32Array.of(0), likely: 0 });
  const [entry] = trials.entries();
  looks = 0;
  for (const { x } of points.slice(1).reverse()) {
    expect(entry!.isOpen()).toBe(true);
    solved.add(x);
  }
  expect(looks).toBeLessThan(4 * points.length);
  solved.add(0n);
  expect(entry!.isOpen()).toBe(false);
  entry!.take([3, 1, 2]);
  expect(multiplied).toEqual([[3, 1, 2]]);
  solved.clear();
  // Of each plan the encoding of which most is left; kept numbers and those of a second sweep are others.
  const { of } = entry!;
  const left = (count: number, likely: number) => ({ of, count, likely });
  trials.report([[left(5, 1), left(3, 2)], [left(7, 0)], []]);
  expect(context.skippedWork.limits()).toMatchObject([{ search: 'ec-scalars', left: 12, likely: 2 }]);
  numbers.release();
  kernel.release();
});

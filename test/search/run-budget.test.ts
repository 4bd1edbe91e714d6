import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import { RunBudget } from '../../src/search/session/intake.js';
import { RecordList, RecordReader, type Takers } from '../../src/sweep/runs/records.js';

/** Scales the first 32,768 runs to two. */
const SCALE = 2 / 32_768;

test('runs pass at a bounded density, in every part of the file, with their records', () => {
  const offsets = fc.array(
    fc.nat(1 << 20).map((word) => word * 8),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(offsets, fc.nat(200), (places, cut) => {
      const sorted = [...places].sort((a, b) => a - b);
      const expected: number[] = [];
      for (const offset of sorted) if (expected.length < 2 + offset / 8192) expected.push(offset);
      const skipped = new SkippedWork();
      const runs: number[] = [];
      const ignore = (): void => {};
      const names = ['window', 'number', 'long', 'point', 'digits', 'anyLength'] as const;
      const others = Object.fromEntries(names.map((name) => [name, ignore])) as unknown as Takers;
      const ration = new RunBudget(skipped, SCALE);
      const takers = ration.over({ ...others, run: (offset) => runs.push(offset) });
      const records = new RecordList();
      for (const offset of sorted) records.open(offset, 4, true);
      const reader = new RecordReader(records.finish());
      // Any batches give the same runs.
      reader.takeTo(sorted[cut] ?? 0, takers);
      reader.takeTo(Number.POSITIVE_INFINITY, takers);
      expect([runs, ration.isCut]).toEqual([expected, sorted.length > expected.length]);
      ration.report();
      ration.report();
      const left = sorted.length - expected.length;
      const limits = skipped.limits(() => ['written', 'blind']);
      expect(limits.map((limit) => [limit.target, limit.left, limit.likely])).toEqual(
        left > 0
          ? [
              ['written', left, left],
              ['blind', left, undefined],
            ]
          : [],
      );
    }),
  );
});

test('of a run that is left out no record passes', () => {
  const taken: string[] = [];
  const note = (kind: string) => () => taken.push(kind);
  const takers = new RunBudget(new SkippedWork(), 1 / 32_768).over({
    ...{ window: note('window'), number: note('number'), long: note('long'), point: note('point') },
    ...{ digits: note('digits'), anyLength: note('anyLength') },
    run: note('run'),
  });
  const number = {} as never;
  takers.run(0, 4, true, new Uint8Array(0));
  takers.number(number);
  takers.run(0, 4, true, new Uint8Array(0));
  takers.number(number);
  takers.window(number);
  takers.run(1 << 20, 4, true, new Uint8Array(0));
  takers.window(number);
  expect(taken).toEqual(['run', 'number', 'run', 'window']);
});

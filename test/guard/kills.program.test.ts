import { test } from '@jest/globals';
import { describeWith } from '../support/describe.js';
import { callsOf, type Fault, survives } from './kills.js';

/** Runs of each kind; kills.slow.test.ts has all. */
const RUNS = 2;

describeWith(['age', 'zstd'], 'a guard', () => {
  test.each<Fault>(['kill', 'torn', 'full'])(
    'that fails goes on where it was: %s',
    async (fault) => {
      const calls = await callsOf(fault);
      for (let run = 1; run <= RUNS; run++) await survives(fault, Math.round((run * calls) / (RUNS + 1)));
    },
    120_000,
  );
});

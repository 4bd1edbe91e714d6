import { test } from '@jest/globals';
import { describeWith } from '../support/describe.js';
import { callsOf, type Fault, survives } from './kills.js';

/** What fails, and after which part of a run's calls; kills.slow.test.ts has all calls. */
const FAULTS: [Fault, number][] = [
  ['kill', 0.5],
  ['kill', 0.8],
  ['torn', 0.6],
  ['full', 0.7],
];

describeWith(['age', 'zstd'], 'a guard', () => {
  test.each(FAULTS)('that fails goes on where it was: %s at %f', async (fault, part) => {
    const calls = await callsOf(fault);
    await survives(fault, Math.round(part * calls));
  });
});

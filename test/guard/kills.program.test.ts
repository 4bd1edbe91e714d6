import { test } from '@jest/globals';
import { describeWith } from '../support/describe.js';
import { type Calls, callsOf, survives } from './kills.js';

/** What fails, and after which part of its calls; kills.slow.test.ts has all calls, and other dumps. */
const FAULTS = [
  ['kill', 0.8],
  ['full', 0.7],
] as const;

describeWith(['age', 'zstd'], 'a guard', () => {
  let calls: Calls | undefined;

  test.each(FAULTS)('that fails goes on where it was: %s at %f', async (fault, part) => {
    calls ??= await callsOf('redacted');
    await survives(fault, 'redacted', Math.round(part * calls[fault]));
  });
});

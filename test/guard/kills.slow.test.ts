import { test } from '@jest/globals';
import { describeWith } from '../support/describe.js';
import { cases } from '../support/property.js';
import { callsOf, type Fault, survives } from './kills.js';

/** All calls at night; a run by day has a few of each kind, spread over them. */
const STEP = cases(20) === 20 ? 1 : 40;

describeWith(['age', 'zstd'], 'a guard', () => {
  test.each<Fault>(['kill', 'torn', 'full'])(
    'that fails at any call goes on where it was: %s',
    async (fault) => {
      const calls = await callsOf(fault);
      for (let at = 1; at <= calls; at += STEP) await survives(fault, at);
    },
    3_600_000,
  );
});

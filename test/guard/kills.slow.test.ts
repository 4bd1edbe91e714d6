import { test } from '@jest/globals';
import { describeWith } from '../support/describe.js';
import { callsOf, type Fault, survives } from './kills.js';

describeWith(['age', 'zstd'], 'a guard', () => {
  test.each<Fault>(['kill', 'torn', 'full'])(
    'that fails at any call goes on where it was: %s',
    async (fault) => {
      const calls = await callsOf(fault);
      for (let at = 1; at <= calls; at++) await survives(fault, at);
    },
    1_200_000,
  );
});

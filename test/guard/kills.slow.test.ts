import { test } from '@jest/globals';
import { describeWith } from '../support/describe.js';
import { cases } from '../support/property.js';
import { type Calls, callsOf, type DumpName, survives } from './kills.js';

/** All calls at night; a run by day has a few of each kind, spread over them. */
const STEP = cases(20) === 20 ? 1 : 40;

const FAULTS: (keyof Calls)[] = ['kill', 'torn', 'full'];
const DUMPS: DumpName[] = ['redacted', 'clean', 'cut'];

describeWith(['age', 'zstd'], 'a guard', () => {
  test.each(FAULTS.flatMap((fault) => DUMPS.map((dump) => [fault, dump] as const)))(
    'that fails at any call goes on where it was: %s, a dump that is %s',
    async (fault, dump) => {
      const { [fault]: calls } = await callsOf(dump);
      for (let at = 1; at <= calls; at += STEP) await survives(fault, dump, at);
      process.stderr.write(`${fault}, ${dump}: ${Math.ceil(calls / STEP)} of ${calls} calls\n`);
    },
    3_600_000,
  );
});

import { verifyLog } from '../../src/guard/log/verify-log.js';
import type { MadeLog } from './made-log.js';

/** What can be done to one line of a log; `at` counts from 0. Each gives the whole file. */
export const CHANGES: Readonly<Record<string, (lines: readonly string[], at: number) => string>> = {
  changed: (lines, at) => lines.with(at, lines[at]!.replace(/"event":"./, '"event":"X')).join(''),
  'changed in its time': (lines, at) => lines.with(at, lines[at]!.replace('Z"', 'z"')).join(''),
  removed: (lines, at) => lines.toSpliced(at, 1).join(''),
  doubled: (lines, at) => lines.toSpliced(at, 0, lines[at]!).join(''),
  'swapped with the next': (lines, at) =>
    lines.toSpliced(at, 2, ...lines.slice(at, at + 2).toReversed()).join(''),
  'cut behind': (lines, at) => lines.slice(0, at).join(''),
  'cut within': (lines, at) => lines.slice(0, at).join('') + lines[at]!.slice(0, 1 + (at % 100)),
};

/** The codes that a verification finds after each change, of those that it has no reason to find. */
export async function notFound(made: MadeLog, change: string, places: Iterable<number>): Promise<number[]> {
  const lines = made.lines();
  const missed: number[] = [];
  for (const at of places) {
    const changed = CHANGES[change]!(lines, at);
    // The last line has no next one.
    if (changed === lines.join('')) continue;
    made.write('log.jsonl', changed);
    const { exit, verified } = await verifyLog({ log: made.file('log.jsonl'), key: made.key });
    if (exit !== 1 || verified) missed.push(at);
  }
  made.write('log.jsonl', lines.join(''));
  return missed;
}

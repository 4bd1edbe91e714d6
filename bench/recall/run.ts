import { setTimeout as sleep } from 'node:timers/promises';
import { stopAll } from '../../test/e2e/bare/program.js';
import { withTempDir } from '../../test/support/folder.js';
import { missing } from '../../test/support/programs.js';
import { joinDumps } from './compare.js';
import { examine } from './examine.js';
import type { Entry } from './program.js';
import { noKey, notRun, type Row } from './row.js';

/** A guard against a server that never answers. Building the Rust crates takes minutes. */
const MOST_MILLISECONDS = 15 * 60_000;

async function inTime<T>(work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = sleep(MOST_MILLISECONDS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no dump within ${MOST_MILLISECONDS / 60_000} minutes`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => {});
    timer.abort();
  }
}

export interface Run {
  rows: Row[];
  /** `missing`: the machine lacks a requirement. `failed`: the program or its scan ended with an error. */
  state: 'run' | 'missing' | 'failed';
}

/** Starts, dumps and scans a program. */
export async function runEntry({ name, library, needs, dump }: Entry): Promise<Run> {
  const lacking = missing(needs);
  if (lacking.length > 0)
    return { state: 'missing', rows: [notRun(name, library, `${lacking.join(', ')} not found`)] };
  try {
    const rows = await withTempDir(async (folder) => {
      const dumps = await inTime(dump(folder));
      const all: Row[] = [];
      for (const each of dumps) all.push(...(await examine(name, library, each)));
      return all.length === 0 ? [noKey(name, library)] : joinDumps(all);
    });
    return { state: 'run', rows };
  } catch (error) {
    await stopAll();
    const reason = error instanceof Error ? error.message : String(error);
    return { state: 'failed', rows: [notRun(name, library, reason)] };
  }
}

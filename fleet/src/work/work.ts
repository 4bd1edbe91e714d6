import { failure } from '../host.js';
import { isServer, openStore } from '../store/open.js';
import type { WorkOptions, WorkResult } from './options.js';
import { workOnQueue } from './queued-work.js';
import { Run, type RunInternals } from './run.js';
import { emptyCounts } from './tally.js';

/**
 * Scans what is queued for its rules and targets until `signal` is aborted, or until nothing is queued. The
 * exit status is that of what this worker has done.
 */
export async function work(options: WorkOptions, internals: RunInternals = {}): Promise<WorkResult> {
  if (!isServer(options.store))
    throw failure({
      code: 'wrong-option',
      message: 'a store in a file has no queue',
      hint: '`dumpsieve hunt add` scans what is listed in it; a queue needs --store postgres://…',
    });
  const run = new Run(await openStore(options.store, { role: 'worker' }), options, internals);
  try {
    const until = options.untilEmpty ? 'empty' : 'ended';
    const tally = await workOnQueue(run, { labels: [], until });
    const counts = tally?.counts ?? emptyCounts();
    const isIncomplete = counts.incomplete + counts.dead + counts.unreadable > 0;
    return { exit: counts.withFindings > 0 ? 1 : isIncomplete ? 2 : 0, counts, pending: 0 };
  } finally {
    await run.close();
  }
}

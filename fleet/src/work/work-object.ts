import { failure } from '../host.js';
import { parseLabel } from '../listing/label.js';
import { listDumps } from '../listing/list-dumps.js';
import type { ListedDump } from '../model/dump.js';
import type { Outcome } from '../model/work.js';
import { isServer, openStore } from '../store/open.js';
import { OneJob } from './one-job.js';
import type { ObjectOptions, ObjectResult } from './options.js';
import { Run, type RunInternals } from './run.js';
import { emptyCounts } from './tally.js';

/**
 * Scans one dump into a store, for an engine that has its own queue: a result that is stored already is not
 * made again, and a crash is counted, so that the third one says that there is no use in trying again.
 */
export async function workObject(
  options: ObjectOptions,
  internals: RunInternals = {},
): Promise<ObjectResult> {
  const labels = (options.labels ?? []).map(parseLabel);
  // A file is made if it is missing; the schema of a server is the admin's.
  const role = isServer(options.store) ? 'worker' : 'admin';
  const run = new Run(await openStore(options.store, { role }), { ...options, jobs: 1 }, internals);
  try {
    const { ruleset } = await run.rules();
    const listed: ListedDump[] = [];
    const listing = listDumps([options.url], {
      access: run.access,
      labels,
      onNotice: ({ effect: _effect, ...notice }) => run.notices.add(notice),
    });
    for await (const dumps of listing) listed.push(...dumps);
    const [dump, ...others] = listed;
    // It cannot be listed now: the notice says why.
    if (dump === undefined) return { exit: 2, counts: emptyCounts() };
    if (others.length > 0)
      throw failure({ code: 'not-one-dump', message: 'the address names several dumps' });
    await run.store.list([dump], new Date().toISOString());
    const stored = await run.store.byUri(dump.uri);
    if (stored === undefined) return { exit: 2, counts: emptyCounts() };
    const job = new OneJob(run, ruleset.digest, stored);
    const { counts } = await run.supervise(job, { dumps: 1, bytes: stored.size });
    await job.close();
    return { exit: exitOf(job.outcome, job.isDead), counts };
  } finally {
    await run.close();
  }
}

function exitOf(outcome: Outcome | undefined, isDead: boolean): 0 | 2 | 3 {
  if (outcome?.type === 'scanned' || outcome?.type === 'known') return 0;
  if (outcome?.type === 'unreadable') return outcome.isTemporary ? 2 : 3;
  return isDead ? 3 : 2;
}

import type { Label } from '../listing/label.js';
import type { WorkScope } from '../store/store.js';
import { Queue } from './queue.js';
import { enqueue, QueueWork } from './queue-work.js';
import { relister } from './relist.js';
import type { Run } from './run.js';
import type { Tally } from './tally.js';

/** What a run does with the queue of its rule set. */
export interface QueuedWork {
  labels: readonly Label[];
  /** Queues what has no scan. */
  scope?: WorkScope;
  /** When the work ends: at once, when nothing is queued, when no worker has a job, or never. */
  until: 'queued' | 'empty' | 'all-done' | 'ended';
}

/** Undefined if there was no work. */
export async function workOnQueue(
  run: Run,
  { labels, scope, until }: QueuedWork,
): Promise<Tally | undefined> {
  const { ruleset } = await run.rules();
  const { store, notices, patience, options } = run;
  const opening = { heartbeat: run.heartbeat, create: scope !== undefined, notices };
  const queue = await patience.of(() => Queue.open(options.store, ruleset.digest, opening));
  const source = new QueueWork({
    queue,
    store,
    patience,
    ruleset: ruleset.digest,
    relist: relister(run, labels),
    waitsForOthers: until === 'all-done',
  });
  try {
    let total = { dumps: 0, bytes: 0 };
    if (scope !== undefined) {
      const pending = await store.pending(scope);
      total = { dumps: pending.dumps, bytes: pending.bytes };
      await enqueue({ queue, store, patience }, scope, options.signal);
    }
    if (until === 'queued') return undefined;
    return await run.supervise(source, total, { isEndless: until === 'ended', heartbeat: queue.heartbeat });
  } finally {
    await source.close();
  }
}

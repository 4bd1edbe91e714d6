import type { WorkScope } from '../store/store.js';
import { notBuilt } from './not-built.js';
import type { Run } from './run.js';
import type { Tally } from './tally.js';

/** Queues what has no scan, and works on the queue until it is empty. */
export async function queueAndWork(_run: Run, _scope: WorkScope, _isListOnly: boolean): Promise<Tally[]> {
  throw notBuilt('a queue');
}

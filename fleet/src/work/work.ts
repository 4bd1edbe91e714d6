import { notBuilt } from './not-built.js';
import type { WorkOptions, WorkResult } from './options.js';

/** Scans what is queued for its rule set until `signal` is aborted. */
export async function work(_options: WorkOptions): Promise<WorkResult> {
  throw notBuilt('hunt work');
}

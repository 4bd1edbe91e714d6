import type { MacHits, MacTask } from '../search/core/mac-threads.js';
import { MacBatch, macHits } from '../search/secrets/hmac/mac-kernel.js';

/** Keys that verify tokens, as a job of the pool, which keeps none of them. */
export function job(task: MacTask): MacHits {
  const hits = macHits(task);
  MacBatch.release();
  return hits;
}

import type { MacHits, MacTask } from '../search/core/mac-threads.js';
import { macHits } from '../search/hmac/mac-task.js';

/** Keys that verify tokens, as a job of the pool. */
export const job = (task: MacTask): MacHits => macHits(task);

import { type Pausing, Turns } from '../core/base/runtime/turns.js';
import type { MacTask, MacThreads } from '../search/core/mac-threads.js';
import { defineJob } from '../sweep/job.js';
import { PausingTasks } from '../sweep/pausing-tasks.js';
import type { SweepPool } from '../sweep/pool.js';
import { job } from './mac-job.js';

/** Tries keys on tokens. */
const MAC_JOB = defineJob<typeof import('./mac-job.js')>(
  new URL('./mac-job.js', import.meta.url),
  ({ keys, tokens }) => [keys, tokens].flatMap(({ bytes, ends }) => [bytes.buffer, ends.buffer]),
);

/**
 * Runs a search that tries keys on tokens on all threads of the pool. Throws the reason of an aborted signal,
 * and what a task throws.
 */
export async function* onThreads<T>(
  pool: Pick<SweepPool, 'map'>,
  search: (threads: MacThreads) => Pausing<T>,
  signal?: AbortSignal,
): AsyncGenerator<T, void, void> {
  const tasks = new PausingTasks(pool);
  const turns = new Turns(signal);
  const threads = { map: (inputs: Iterator<MacTask>) => tasks.map(MAC_JOB, inputs, job) };
  for (const found of search(threads)) {
    if (found !== undefined) yield found;
    if (tasks.pending) await tasks.pending;
    if (turns.isDue) await turns.take();
  }
}

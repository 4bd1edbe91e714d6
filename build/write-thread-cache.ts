import { parentPort } from 'node:worker_threads';
import { KEEP, keepCompiled, Program } from './compiled-parts.js';

/** A job of which the main thread may have done all parts in the scan of the build. */
const SHARED_WORK = 'multiples-job.cjs';

/**
 * The worker of the build (write-code-cache.ts): like bin/worker.js, and writes its code cache at the end.
 */
const program = new Program('threads');
program.load('worker.cjs');
const first = new Set(program.parts.keys());

parentPort!.on('message', (order: unknown) => {
  if (order !== KEEP.first && order !== KEEP.later) return;
  if (order === KEEP.later && !program.parts.has(SHARED_WORK)) program.load(SHARED_WORK);
  const later = [...program.parts.keys()].filter((name) => !first.has(name));
  keepCompiled(program, order === KEEP.first ? new Set(later) : first);
  process.exit();
});

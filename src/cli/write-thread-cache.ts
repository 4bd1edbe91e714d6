import { parentPort } from 'node:worker_threads';
import { KEEP, keepCompiled, Program } from './compiled-parts.js';

/** A thread of the sweep in the build (write-code-cache.ts): bin/worker.js, but for its end. */
const program = new Program('threads');
program.load('worker.cjs');

parentPort!.on('message', (order: unknown) => {
  if (order !== KEEP) return;
  keepCompiled(program);
  process.exit();
});

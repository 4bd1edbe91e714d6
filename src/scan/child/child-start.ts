import { once } from 'node:events';
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { compileLess } from '../../core/base/runtime/compile-less.js';
import { protectOwnMemory } from '../../core/base/runtime/own-memory.js';
import { endAtLimit } from './child-memory.js';
import { FrameReader } from './frames.js';
import { FRAMES, type FromChild, LAST } from './messages.js';

/** What every child does: it reads frames, and ends with its parent and at its limit of memory. */

export const frames = new FrameReader(new Socket({ fd: FRAMES, readable: true, writable: true }));

/** Bytes of memory that the process may have: its argument. 0: no limit. */
const MEMORY = Number(process.argv[2] ?? 0);

/** Looks at the limit before a last message: a short scan may end between two looks of the watch. */
export const send = (message: FromChild): Promise<void> =>
  new Promise((resolve, reject) => {
    if (LAST.has(message.type)) endAtLimit(MEMORY);
    process.send!(message, undefined, {}, (error) => (error ? reject(error) : resolve()));
  });

/** Takes messages from now on. */
export async function serve<Message>(take: (message: Message) => void): Promise<void> {
  protectOwnMemory();
  // A terminal sends it to parent and child: the parent decides.
  process.on('SIGINT', () => {});
  process.once('disconnect', () => process.exit());
  const watch = new Worker(new URL('./child-watch.js', import.meta.url), {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 },
    workerData: { memory: MEMORY, parent: process.ppid },
  });
  watch.unref();
  await once(watch, 'online');
  compileLess();
  process.on('message', take);
}

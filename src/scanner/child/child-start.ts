import { once } from 'node:events';
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { protectOwnMemory } from '../../base/runtime/own-memory.js';
import { FrameReader } from './frames.js';
import { FRAMES, type FromChild } from './messages.js';

/** What every child does: it reads frames, and ends with its parent and at its limit of memory. */

export const frames = new FrameReader(new Socket({ fd: FRAMES, readable: true, writable: true }));

export const send = (message: FromChild): Promise<void> =>
  new Promise((resolve, reject) => {
    process.send!(message, undefined, {}, (error) => (error ? reject(error) : resolve()));
  });

/** Takes messages from now on. The process's argument: bytes of memory. */
export async function serve<Message>(take: (message: Message) => void): Promise<void> {
  protectOwnMemory();
  // A terminal sends it to parent and child: the parent decides.
  process.on('SIGINT', () => {});
  process.once('disconnect', () => process.exit());
  const watch = new Worker(new URL('./child-watch.js', import.meta.url), {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 },
    workerData: { memory: Number(process.argv[2] ?? 0), parent: process.ppid },
  });
  watch.unref();
  await once(watch, 'online');
  process.on('message', take);
}

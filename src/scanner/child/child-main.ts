import { once } from 'node:events';
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { definedFields } from '../../base/runtime/defined.js';
import { DumpsieveError } from '../../base/runtime/errors.js';
import { protectOwnMemory } from '../../base/runtime/own-memory.js';
import type { SourceInput } from '../../source/types.js';
import { Scanner } from '../scanner.js';
import { FrameReader } from './frames.js';
import { AHEAD, FRAMES, type FromChild, type SentSource, type ToChild } from './messages.js';

/** The process of a ScanChild: one scanner, which takes a source at a time. Argument: bytes of memory. */

/** Events that were sent and not read by the caller yet. */
let ahead = 0;
let wake = (): void => {};
let scanner: Scanner | undefined;
let abort = new AbortController();
const channel = new Socket({ fd: FRAMES, readable: true, writable: true });
const frames = new FrameReader(channel);

const send = (message: FromChild): Promise<void> =>
  new Promise((resolve, reject) => {
    process.send!(message, undefined, {}, (error) => (error ? reject(error) : resolve()));
  });

function failure(error: unknown): FromChild {
  if (error instanceof DumpsieveError) return { type: 'failed', notice: error.notice(), exit: error.exit };
  const notice = { code: 'internal-error', message: 'the child could not be opened' };
  return { type: 'failed', notice, exit: 3 };
}

const inputOf = (source: SentSource): SourceInput =>
  'path' in source ? source.path : { ...source, bytes: frames.stream() };

async function scan({ source, progress }: Extract<ToChild, { type: 'scan' }>): Promise<FromChild> {
  abort = new AbortController();
  ahead = 0;
  const { signal } = abort;
  const onProgress = progress ? (now: object) => void report(now) : undefined;
  const report = (now: object) => send({ type: 'progress', progress: now as never });
  // Frames of a stream that was not read to its end.
  await frames.drain();
  await send({ type: 'started' });
  for await (const event of scanner!.scan(inputOf(source), definedFields({ signal, onProgress }))) {
    while (ahead >= AHEAD)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    ahead++;
    await send({ type: 'event', event });
  }
  return { type: 'done' };
}

async function answer(message: ToChild): Promise<FromChild | undefined> {
  if (message.type === 'abort') abort.abort(message.reason);
  if (message.type === 'taken') {
    ahead -= message.count;
    wake();
  }
  if (message.type === 'scan') return scan(message);
  if (message.type !== 'open') return undefined;
  scanner = await Scanner.open(message.options);
  return { type: 'opened' };
}

protectOwnMemory();
// Of the terminal, which sends it to parent and child: the parent decides.
process.on('SIGINT', () => {});
process.once('disconnect', () => process.exit());
const watch = new Worker(new URL('./child-watch.js', import.meta.url), {
  execArgv: [],
  resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 },
  workerData: { memory: Number(process.argv[2] ?? 0), parent: process.ppid },
});
watch.unref();
await once(watch, 'online');
process.on('message', (message: ToChild) => {
  answer(message).then(
    (reply) => reply && send(reply),
    (error: unknown) => send(failure(error)),
  );
});

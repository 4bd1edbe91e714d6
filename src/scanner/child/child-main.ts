import { once } from 'node:events';
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { definedFields } from '../../base/runtime/defined.js';
import { protectOwnMemory } from '../../base/runtime/own-memory.js';
import type { ScanProgress } from '../../options/scan-options.js';
import type { SourceInput } from '../../source/types.js';
import { Scanner } from '../scanner.js';
import { FrameReader } from './frames.js';
import {
  AHEAD,
  type Answer,
  FRAMES,
  type FromChild,
  failed,
  noFolder,
  type Request,
  type SentSource,
  type ToChild,
} from './messages.js';

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

const inputOf = (source: SentSource): SourceInput =>
  'path' in source ? source.path : { ...source, bytes: frames.stream() };

type Reply = (answer: Answer) => Promise<void>;

async function scan({ source, progress }: Extract<Request, { type: 'scan' }>, reply: Reply): Promise<void> {
  abort = new AbortController();
  ahead = 0;
  const { signal } = abort;
  const onProgress = progress
    ? (now: ScanProgress) => void reply({ type: 'progress', progress: now })
    : undefined;
  // Frames of a stream that was not read to its end.
  await frames.drain();
  await reply({ type: 'started' });
  for await (const event of scanner!.scan(inputOf(source), definedFields({ signal, onProgress }))) {
    while (ahead >= AHEAD)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    ahead++;
    await reply({ type: 'event', event });
  }
  await reply({ type: 'done' });
}

/** The working folder is left as it is if it is the right one: it may be one that cannot be entered again. */
function enter(folder: string): void {
  try {
    if (folder !== process.cwd()) process.chdir(folder);
  } catch (error) {
    throw noFolder(error);
  }
}

async function answer(request: Request, reply: Reply): Promise<void> {
  try {
    enter(request.folder);
    if (request.type === 'scan') return await scan(request, reply);
    scanner = await Scanner.open(request.options);
    await reply({ type: 'opened' });
  } catch (error) {
    await reply(failed(request.type, error));
  }
}

function take(message: ToChild): void {
  if (message.type === 'abort') abort.abort(message.reason);
  else if (message.type === 'taken') {
    ahead -= message.count;
    wake();
  } else {
    const { request, ...asked } = message;
    void answer(asked, (reply) => send({ ...reply, request }));
  }
}

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

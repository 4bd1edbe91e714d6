import { definedFields } from '../../core/base/runtime/defined.js';
import type { ScanProgress } from '../../core/options/check-options.js';
import type { SourceInput } from '../../source/types.js';
import { toolFacts } from '../run-facts.js';
import { Scanner } from '../scanner.js';
import { frames, send, serve } from './child-start.js';
import { EventBatches } from './event-batches.js';
import {
  AHEAD,
  type Answer,
  failed,
  noFolder,
  type ScannerRequest,
  type SentSource,
  SPOOL,
  type ToChild,
} from './messages.js';

/** The process of a ScanChild: one scanner, which takes a source at a time. Argument: bytes of memory. */

/** Events that the caller has not read yet. */
let ahead = 0;
let wake = (): void => {};
let scanner: Scanner | undefined;
let abort = new AbortController();

function inputOf(source: SentSource): SourceInput {
  if ('path' in source) return source.path;
  if (!('sealed' in source)) return { ...source, bytes: frames.stream() };
  const { sealed, ...named } = source;
  // A storage without bytes is none of an empty dump, which is reported.
  if (sealed.length === 0) return { ...named, bytes: Buffer.alloc(0) };
  const { key, length, sha256 } = sealed;
  return { ...named, ...definedFields({ sha256 }), bytes: { kind: 'sealed', fd: SPOOL, key, length } };
}

type Reply = (answer: Answer) => Promise<void>;

async function scan(
  { source, progress }: Extract<ScannerRequest, { type: 'scan' }>,
  reply: Reply,
): Promise<void> {
  abort = new AbortController();
  ahead = 0;
  const { signal } = abort;
  const onProgress = progress
    ? (now: ScanProgress) => void reply({ type: 'progress', progress: now })
    : undefined;
  // Frames of a stream that was not read to its end.
  await frames.drain();
  await reply({ type: 'started' });
  const batches = new EventBatches((events) => reply({ type: 'events', events }));
  try {
    for await (const event of scanner!.scan(inputOf(source), definedFields({ signal, onProgress }))) {
      while (ahead >= AHEAD) {
        await batches.flush();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      ahead++;
      await batches.add(event);
    }
  } finally {
    await batches.flush();
    if ('sealed' in source) source.sealed.key.fill(0);
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

async function answer(request: ScannerRequest, reply: Reply): Promise<void> {
  try {
    enter(request.folder);
    if (request.type === 'scan') return await scan(request, reply);
    scanner = await Scanner.open(request.options);
    await reply({ type: 'opened', tool: toolFacts(scanner.book) });
  } catch (error) {
    await reply(failed(request.type, error));
  }
}

function take(message: ToChild<ScannerRequest>): void {
  if (message.type === 'abort') abort.abort(message.reason);
  else if (message.type === 'taken') {
    ahead -= message.count;
    wake();
  } else {
    const { request, ...asked } = message;
    void answer(asked, (reply) => send({ ...reply, request }));
  }
}

await serve(take);

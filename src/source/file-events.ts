import type { BigIntStats } from 'node:fs';
import fs from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { definedFields } from '../core/base/runtime/defined.js';
import { isOwnFile } from '../core/base/runtime/draft-file.js';
import { systemCode } from '../core/base/runtime/errors.js';
import { escapeText } from '../core/base/text/escape.js';
import { failureEvent, failureWarning } from './failures.js';
import { close, fstat, open, openDirect } from './file-system.js';
import { FileWatch, targetOf } from './file-watch.js';
import { names, type WalkName } from './names.js';
import type { EmptyFiles, Selected } from './selection.js';
import { SparseSpool } from './sparse-spool.js';
import { Spool } from './spool.js';
import { Lease, type SourceContext, type SpoolContext, type StoredBytes } from './stored-bytes.js';
import { chunksOf, readFile, readPipe, readStream } from './streams.js';
import type { GivenSource, NoticeEvent, SourceEvent } from './types.js';
import { type OnFailure, unpack } from './unpack.js';
import { warnings } from './warnings.js';

type Events = AsyncGenerator<SourceEvent>;
type Chunks = AsyncIterable<Uint8Array>;
type Spooled = StoredBytes & Required<Pick<StoredBytes, 'unread' | 'warnings'>>;

async function* events(stored: StoredBytes, context: SourceContext, failed?: OnFailure): Events {
  const selected = stored.selected ?? context.selection?.named();
  const opened = await unpack({ ...stored, selected }, context, failed);
  if (opened !== undefined) yield opened;
}

/** Spools a stream. After an error the bytes before it are kept, and the rest is reported as unread. */
export async function spoolAll(path: string, chunks: Chunks, context: SpoolContext): Promise<Spooled> {
  const spool = new SparseSpool(new Spool(context.budget, context.spoolDir));
  const stored: Omit<Spooled, 'storage'> = {
    path,
    lease: new Lease(() => spool.close()),
    live: false,
    unread: [],
    warnings: [],
  };
  try {
    for await (const chunk of chunks) await spool.write(chunk);
    context.signal?.throwIfAborted();
  } catch (error) {
    if (context.signal?.aborted) {
      spool.close();
      throw context.signal.reason;
    }
    const warning = failureWarning(path, error);
    stored.warnings.push(warning);
    stored.unread.push({ offset: spool.length, length: null, reason: warning.message });
  }
  return { ...stored, storage: spool.storage() };
}

/**
 * Opens a stream by spooling it: the headers of a core may be at its end. `watch`: the file that standard
 * input is redirected from.
 */
export async function* openStream(
  path: string,
  chunks: Chunks,
  context: SourceContext,
  watch?: FileWatch,
): Events {
  const stored = await spoolAll(path, chunks, context);
  if (watch !== undefined) stored.warnings.push(...watch.changes());
  const ifEmpty = () =>
    nothingArrived(path, 'the command before the pipe may have failed (bash: set -o pipefail)');
  yield* events({ ...stored, contentName: 'content', ifEmpty }, context);
}

/** Opens bytes that a caller has. Without a byte they are reported: what fills them may have failed. */
export async function* openGiven(
  { name, mtime, sha256, bytes, factsAtEnd }: GivenSource,
  context: SourceContext,
): Events {
  const path = escapeText(name);
  if ('kind' in bytes) {
    const lease = new Lease(() => {});
    return yield* events({ path, mtime, sha256, storage: bytes, lease, live: false }, context);
  }
  const isBuffer = bytes instanceof Uint8Array;
  const chunks = isBuffer ? chunksOf(bytes) : readStream(bytes, context.signal);
  const ifEmpty = () =>
    isBuffer ? noContent(path) : nothingArrived(path, 'what writes to this stream may have failed');
  const stored = await spoolAll(path, chunks, context);
  const { unread = [], warnings: more = [], undumped } = factsAtEnd?.() ?? {};
  stored.unread.push(...unread);
  stored.warnings.push(...more);
  yield* events({ ...stored, mtime, ifEmpty, undumped }, context);
}

const emptyInput = (path: string, what: string, hint: string): NoticeEvent => {
  const warning = warnings.of('empty-input', { message: `${path}: ${what}`, hint });
  return { type: 'notice', notice: { ...warning, path } };
};

const nothingArrived = (path: string, hint: string): NoticeEvent => emptyInput(path, 'nothing arrived', hint);

const noContent = (path: string): NoticeEvent =>
  emptyInput(path, 'it has no content', 'the dump may not have been written: take it again');

function noWriter(path: string, { fifoLooks }: SourceContext): NoticeEvent {
  const message = `${path}: no program opened this FIFO for writing within ${secondsOf(fifoLooks)} seconds`;
  const hint = 'start the program that writes to it first, or use a pipe: … | dumpsieve scan -';
  return { type: 'notice', notice: { ...warnings.of('no-writer', { message, hint }), path } };
}

/** Opens a FIFO by its name. `inherited` is the descriptor if the name is one, like /dev/stdin. */
export async function* openPipe(
  name: WalkName,
  inherited: number | undefined,
  context: SourceContext,
): Events {
  const path = names.show(name);
  let fd: number;
  try {
    fd = await open(name, true);
  } catch (error) {
    // A pipe of another user (sudo) or a socket cannot be opened again, but its descriptor can be used.
    if (inherited === undefined) return yield failureEvent(name, error);
    fd = inherited;
  }
  // The writer of an inherited pipe has come already, and may be gone.
  if (inherited !== undefined) return yield* openStream(path, readPipe(fd, context.signal), context);
  let chunks: Chunks | undefined;
  try {
    chunks = await readFifo(fd, context);
  } catch (error) {
    if (context.signal?.aborted) throw error;
    return yield failureEvent(name, error);
  }
  if (chunks === undefined) yield noWriter(path, context);
  else yield* openStream(path, chunks, context);
}

/** How a file was met. */
export interface Meeting {
  /** On the command line, or by a link: a link is followed. */
  named: boolean;
  /** How much of it is selected, if it was found in a folder. */
  selected?: Selected | undefined;
  /** Where it is counted if it has no content, if it was found. */
  empty?: EmptyFiles;
}

/** Opens a regular file. `found`: what the name leads to. */
export async function* openFile(
  name: WalkName,
  { named, selected, empty }: Meeting,
  found: BigIntStats,
  context: SourceContext,
): Events {
  const path = names.show(name);
  const failed: OnFailure = (error) => failureEvent(name, error);
  const ifEmpty = () => (empty === undefined ? noContent(path) : empty.add(path));
  let fd: number | undefined;
  try {
    const target = named ? targetOf(name) : undefined;
    fd = await open(name, named);
    const stats = await fstat(fd);
    if (!stats.isFile()) throw Object.assign(new Error('replaced'), { code: 'ENOENT' });
    const mtime = stats.mtime;
    const length = Number(stats.size);
    const opened = fd;
    const own = isOwnFile(stats);
    const watch = own ? undefined : new FileWatch(opened, stats, { name, stats: found, target });
    if (length === 0) {
      // Files in /proc have size 0 and may have content.
      const stored = await spoolAll(path, readFile(opened, context.signal), context);
      if (stored.storage.length > 0 || stored.warnings.length > 0) {
        if ((await fstat(opened)).size > 0n) stored.warnings.push(...(watch?.changes() ?? []));
        yield* events({ ...stored, mtime, selected, ifEmpty }, context, failed);
        return;
      }
      stored.lease.acquire()();
    }
    const direct = await openDirect(opened, stats);
    const lease = new Lease(() => {
      close(opened);
      if (direct !== undefined) close(direct);
    });
    fd = undefined;
    const storage = { kind: 'file', fd: opened, length, ...definedFields({ direct }) } as const;
    const file = { path, storage, lease, live: !own, mtime, watch, selected, ifEmpty };
    yield* events(file, context, failed);
  } catch (error) {
    if (context.signal?.aborted) throw error;
    yield failed(error);
  } finally {
    if (fd !== undefined) close(fd);
  }
}

/** Milliseconds between two looks for a writer. */
const PAUSE = 50;
export const FIFO_LOOKS = 200;
/** Seconds that this number of looks takes. */
const secondsOf = (looks: number): number => (looks * PAUSE) / 1000;
/** Bytes that a look reads at most. */
const FIRST = 64 * 1024;

/**
 * The bytes of a FIFO that was opened without blocking. Undefined if no program opens it for writing within
 * `fifoLooks` looks. The descriptor is closed at the end of the bytes, and where there are none.
 */
export async function readFifo(
  fd: number,
  { fifoLooks, signal }: Pick<SourceContext, 'fifoLooks' | 'signal'>,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  let first: Uint8Array | undefined;
  try {
    for (let look = 1; first === undefined && look <= fifoLooks; look++) {
      signal?.throwIfAborted();
      first = firstBytes(fd);
      // An abort of the pause is thrown by the next look.
      if (first === undefined && look < fifoLooks)
        await setTimeout(PAUSE, undefined, signal ? { signal } : {}).catch(() => {});
    }
    signal?.throwIfAborted();
  } catch (error) {
    close(fd);
    throw error;
  }
  if (first !== undefined) return chain(first, readPipe(fd, signal));
  close(fd);
  return undefined;
}

/**
 * What can be read now; undefined without a writer. A read that does not block is then at the end of the
 * file. With a writer that has not written yet it fails with EAGAIN (pipe(7), read(2)).
 */
function firstBytes(fd: number): Uint8Array | undefined {
  const bytes = Buffer.allocUnsafe(FIRST);
  try {
    const count = fs.readSync(fd, bytes, 0, bytes.length, null);
    return count === 0 ? undefined : bytes.subarray(0, count);
  } catch (error) {
    if (systemCode(error) !== 'EAGAIN') throw error;
    return bytes.subarray(0, 0);
  }
}

async function* chain(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

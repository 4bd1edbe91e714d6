import { failureNotice, failureWarning } from './failures.js';
import { close, fstat, open } from './file-system.js';
import { names, type WalkName } from './names.js';
import { Spool } from './spool.js';
import { readFile, readPipe } from './streams.js';
import type { SourceEvent } from './types.js';
import { Lease, type StoredBytes, unpack, type SourceContext } from './unpack.js';

async function* events(stored: StoredBytes, workshop: SourceContext): AsyncGenerator<SourceEvent> {
  for await (const found of unpack(stored, workshop)) yield { type: 'artifact', ...found };
}

/** Spools bytes that come once. An error ends them: what came before it is kept, and the rest is unread. */
async function spoolAll(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  workshop: SourceContext,
): Promise<StoredBytes> {
  const spool = new Spool(workshop.budget, workshop.spoolDir);
  const stored: Omit<StoredBytes, 'storage'> = {
    path,
    lease: new Lease(() => spool.close()),
    live: false,
    unread: [],
    warnings: [],
  };
  try {
    for await (const chunk of chunks) await spool.write(chunk);
    workshop.signal?.throwIfAborted();
  } catch (error) {
    if (workshop.signal?.aborted) {
      spool.close();
      throw workshop.signal.reason;
    }
    const warning = failureWarning(path, error);
    stored.warnings?.push(warning);
    stored.unread?.push({ offset: spool.length, length: null, reason: warning.message });
  }
  return { ...stored, storage: spool.storage() };
}

/** Bytes of a pipe or of standard input, spooled: a core's headers may stand at its end. */
export async function* openStream(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  workshop: SourceContext,
): AsyncGenerator<SourceEvent> {
  const stored = await spoolAll(path, chunks, workshop);
  yield* events({ ...stored, contentName: 'content' }, workshop);
}

/** A FIFO by its name; `inherited` is the descriptor that the name stands for, if it does. */
export async function* openPipe(
  name: WalkName,
  inherited: number | undefined,
  workshop: SourceContext,
): AsyncGenerator<SourceEvent> {
  const path = names.show(name);
  let fd: number;
  try {
    fd = await open(name, true);
  } catch (error) {
    // A pipe of another user (sudo) or a socket cannot be opened anew, only used.
    if (inherited === undefined) return yield { type: 'notice', notice: failureNotice(path, error) };
    fd = inherited;
  }
  yield* openStream(path, readPipe(fd, workshop.signal), workshop);
}

/** A regular file. `named` on the command line: a link is followed. */
export async function* openFile(
  name: WalkName,
  named: boolean,
  workshop: SourceContext,
): AsyncGenerator<SourceEvent> {
  const path = names.show(name);
  let fd: number | undefined;
  try {
    fd = await open(name, named);
    const stats = await fstat(fd);
    if (!stats.isFile()) throw Object.assign(new Error('replaced'), { code: 'ENOENT' });
    const mtime = stats.mtime;
    const length = Number(stats.size);
    const opened = fd;
    if (length === 0) {
      // What /proc holds says that it is empty, and is not.
      const stored = await spoolAll(path, readFile(opened, workshop.signal), workshop);
      if (stored.storage.length > 0 || stored.warnings?.length) {
        yield* events({ ...stored, mtime }, workshop);
        return;
      }
      stored.lease.acquire()();
    }
    const lease = new Lease(() => close(opened));
    fd = undefined;
    const storage = { kind: 'file', fd: opened, length } as const;
    yield* events({ path, storage, lease, live: true, mtime }, workshop);
  } catch (error) {
    if (workshop.signal?.aborted) throw error;
    yield { type: 'notice', notice: failureNotice(path, error) };
  } finally {
    if (fd !== undefined) close(fd);
  }
}

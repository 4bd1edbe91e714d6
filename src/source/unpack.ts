import { bufferReader, openStorage, type Storage } from '../base/bytes/storage.js';
import type { Warning } from '../base/runtime/warnings.js';
import { displayName } from '../base/text/escape.js';
import { type Container, recognise } from './containers.js';
import { DecodableContent } from './decodable-content.js';
import { decodeToSink } from './decode-to-sink.js';
import { type DecodeReport, type Decoder, newDecodeReport } from './decoder.js';
import { failureWarning } from './failures.js';
import type { FileWatch } from './file-watch.js';
import { Input } from './input.js';
import { baseName } from './names.js';
import { type MemoryBudget, Spool } from './spool.js';
import type { Artifact, OpenedArtifact } from './types.js';
import { warnings as sourceWarnings } from './warnings.js';

/** Depth to which containers within containers are opened. */
const DEPTH = 8;

/**
 * Upper bound on decoded bytes: the greater of `granted` and `ratio` times the outermost stored bytes.
 * Deflate reaches a ratio of 1,032; zstd exceeds it only for zeros. The rest is reported as unread.
 */
export interface Expansion {
  granted: number;
  ratio: number;
}
export const EXPANSION: Expansion = { granted: 4 * 1024 ** 3, ratio: 1100 };

/** Stored bytes from which on a container is large; for others a thread costs more time than it saves. */
export const LARGE = 2 * 1024 ** 2;
/** Bytes of content that recognise its format. */
const HEAD = 64 * 1024;

/** What all sources of a run share. */
export interface SourceContext {
  budget: MemoryBudget;
  expansion: Expansion;
  /** Stored bytes from which on a container is large. */
  large: number;
  /** Looks for a writer of a FIFO before it is given up. */
  fifoLooks: number;
  spoolDir?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** What a spool needs of it. */
export type SpoolContext = Pick<SourceContext, 'budget' | 'spoolDir' | 'signal'>;

/** A reference count for stored bytes: they are released after the last reader. */
export class Lease {
  #holders = 0;
  readonly #release: () => void;

  constructor(release: () => void) {
    this.#release = release;
  }

  /** Returns the function that releases the reference; a second call has no effect. */
  acquire(): () => void {
    this.#holders++;
    let acquired = true;
    return () => {
      if (!acquired) return;
      acquired = false;
      if (--this.#holders === 0) this.#release();
    };
  }
}

export interface StoredBytes {
  /** As shown. */
  path: string;
  storage: Storage;
  lease: Lease;
  live: boolean;
  /** The file that the bytes are read from. */
  watch?: FileWatch | undefined;
  mtime?: Date | undefined;
  unread?: Artifact['unread'];
  warnings?: Warning[];
  /**
   * Name of the content if the container has none. Default:
   * from the base name. Set for streams and for content.
   */
  contentName?: string;
}

/**
 * Yields stored bytes as an artifact, then their content if they are a container, recursively. A large
 * container is yielded together with its content, so that both can be read at once.
 */
export function unpack(stored: StoredBytes, context: SourceContext): AsyncGenerator<OpenedArtifact> {
  return unpackAt(stored, context, 0, allowance(stored.storage.length, context.expansion));
}

/** The upper bound for stored bytes of this length. */
export const allowance = (length: number, { granted, ratio }: Expansion): number =>
  Math.max(granted, ratio * length);

async function* unpackAt(
  stored: StoredBytes,
  context: SourceContext,
  depth: number,
  limit: number,
): AsyncGenerator<OpenedArtifact> {
  const { path, storage, lease, live, watch, mtime } = stored;
  // Kept beyond the consumer's close(), since the content is decoded afterwards.
  const release = lease.acquire();
  const artifact: Artifact = {
    path,
    storage,
    live,
    watch,
    unread: stored.unread ?? [],
    warnings: stored.warnings ?? [],
    close: lease.acquire(),
    mtime,
  };
  let content: DecodableContent | undefined;
  let pending = false;
  try {
    const container = recogniseOrWarn(artifact);
    if (container !== undefined) artifact.container = container.name;
    const decode = container && treatment(artifact, container, depth);
    pending = decode !== undefined;
    if (container === undefined || decode === undefined) return yield { artifact };
    if (storage.length >= context.large)
      content = await largeContent(stored, container.name, decode, context, limit);
    yield content === undefined ? { artifact } : { artifact, content };
    if (content?.taken) return;
    const { spool, report } = await decodeAll(stored, decode, context, limit);
    pending = false;
    // The file itself may have been concluded before its content was decoded.
    if (watch !== undefined) report.warnings.push(...watch.changes());
    yield* unpackAt(
      {
        ...named(stored, report),
        storage: spool.storage(),
        lease: new Lease(() => spool.close()),
        live: false,
        unread: report.unread,
        warnings: report.warnings,
      },
      context,
      depth + 1,
      limit,
    );
  } finally {
    // The artifact's `unread` is read later, for the report.
    if (pending && !content?.taken && context.signal?.aborted)
      artifact.unread.push({
        offset: 0,
        length: null,
        reason: 'its content was not read: the scan was stopped',
      });
    release();
  }
}

/** Name and time of a container's content. The time is at most the container's, whatever its header says. */
function named(
  { path, mtime, contentName }: StoredBytes,
  { name, mtime: stated = mtime }: DecodeReport,
): Pick<StoredBytes, 'path' | 'contentName' | 'mtime'> {
  const shown = baseNameIn(name) ?? contentName ?? withoutSuffix(baseName(path));
  return {
    path: `${path}!${shown}`,
    contentName: withoutSuffix(shown),
    mtime: mtime && stated && stated > mtime ? mtime : stated,
  };
}

/** The content of a large container, unless that is a container with a decoder. */
async function largeContent(
  stored: StoredBytes,
  codec: string,
  decode: Decoder,
  { spoolDir, signal }: SourceContext,
  limit: number,
): Promise<DecodableContent | undefined> {
  const { path, storage, lease, watch } = stored;
  const report = newDecodeReport();
  const head = await headOf(decode(new Input(storage), report), signal);
  const inner = recognise(bufferReader(head));
  if (inner !== undefined && !isPlain(inner)) return undefined;
  return new DecodableContent({
    ...named(stored, report),
    head,
    coded: { path, storage, limit, codec },
    warnings: isPlain(inner) ? [notUnpacked(inner)] : [],
    acquire: () => lease.acquire(),
    watch,
    spoolDir,
    container: inner?.name,
  });
}

/** The first bytes of content: at least HEAD, or all that can be decoded. */
async function headOf(
  chunks: AsyncGenerator<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const head: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of chunks) {
      head.push(chunk);
      length += chunk.length;
      if (length >= HEAD || signal?.aborted) break;
    }
  } catch {
    // Decoding the whole content reports the error.
  }
  return Buffer.concat(head);
}

/** A container without a decoder. */
type Undecodable = Container & { treatment: { unpack: string } };
const isPlain = (container: Container | undefined): container is Undecodable =>
  container !== undefined && 'plain' in container.treatment;

const notUnpacked = ({ name, treatment }: Undecodable): Warning =>
  sourceWarnings.of('container-not-unpacked', {
    message: `${name} container: not unpacked yet, only its stored bytes were searched`,
    hint: `unpack it: ${treatment.unpack}`,
  });

function recogniseOrWarn(artifact: Artifact): Container | undefined {
  try {
    return recognise(openStorage(artifact.storage));
  } catch (error) {
    const warning = failureWarning(artifact.path, error);
    artifact.warnings.push(warning);
    artifact.unread.push({ offset: 0, length: null, reason: warning.message });
    return undefined;
  }
}

/** The decoder of a container; if there is none, adds a warning with the command that unpacks it. */
function treatment(artifact: Artifact, container: Container, depth: number): Decoder | undefined {
  const { warnings, unread, storage } = artifact;
  const { name, treatment } = container;
  if ('decode' in treatment && depth < DEPTH) return treatment.decode;
  const warning =
    'decode' in treatment
      ? sourceWarnings.of('container-too-deep', {
          message: `${name} within ${depth} other containers: not unpacked`,
          hint: 'unpack the outer ones and scan their content',
        })
      : notUnpacked({ ...container, treatment });
  warnings.push(warning);
  // The encoded part of an archive is unknown.
  const length = isPlain(container) ? null : storage.length;
  unread.push({ offset: 0, length, reason: warning.message });
  return undefined;
}

/** Decodes a container into a spool, which the caller closes. Errors of the data go to the report. */
export async function decodeAll(
  { path, storage }: Pick<StoredBytes, 'path' | 'storage'>,
  decode: Decoder,
  { budget, spoolDir, signal }: SpoolContext,
  limit: number,
): Promise<{ spool: Spool; report: DecodeReport }> {
  const report = newDecodeReport();
  const spool = new Spool(budget, spoolDir);
  try {
    await decodeToSink({ path, storage, limit }, decode, report, spool, signal);
  } catch (error) {
    spool.close();
    throw error;
  }
  return { spool, report };
}

/** The name in a gzip header, unless it is a path or empty, which would mislead. */
function baseNameIn(name: Uint8Array | undefined): string | undefined {
  if (name === undefined || name.length === 0 || name.length > 255) return undefined;
  const shown = displayName(name);
  return /^\.{1,2}$|[/\\]/.test(Buffer.from(name).toString('latin1')) ? undefined : shown;
}

/** `core.zst` contains `core`, `dump.tgz` contains `dump.tar`. */
function withoutSuffix(name: string): string {
  return name.replace(/(?<=.)\.(?:gz|gzip|zst|zstd)$/i, '').replace(/(?<=.)\.t(?:gz|zst)$/i, '.tar');
}

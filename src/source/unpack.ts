import { bufferReader, openStorage, type Storage } from '../base/bytes/storage.js';
import type { Warning } from '../base/runtime/warnings.js';
import { displayName } from '../base/text/escape.js';
import { type Container, recognise } from './containers.js';
import { DecodableContent } from './decodable.js';
import { decodeToSink } from './decode-to-sink.js';
import { type Account, type Decoder, newAccount } from './decoder.js';
import { failureWarning } from './failures.js';
import { Input } from './input.js';
import { baseName } from './names.js';
import { type MemoryBudget, Spool } from './spool.js';
import type { Artifact, Found } from './types.js';
import { warnings as sourceWarnings } from './warnings.js';

/** Containers within containers are opened down to this depth. */
const DEPTH = 8;

/**
 * What a container may expand to, in bytes: 4 GiB, and beyond that 1,100 times the outermost stored bytes (deflate
 * reaches 1,032; zstd goes further only over zeros). The rest is reported as unread, never dropped in silence.
 */
export interface Expansion {
  granted: number;
  ratio: number;
}
export const EXPANSION: Expansion = { granted: 4 * 1024 ** 3, ratio: 1100 };

/** Stored bytes from which on a container is large: below, a thread costs more than it saves. */
export const LARGE = 2 * 1024 ** 2;
/** Bytes of content that tell what it is. */
const HEAD = 64 * 1024;

/** What all sources of a run share. */
export interface Workshop {
  budget: MemoryBudget;
  expansion: Expansion;
  /** Stored bytes of a container whose content is offered before it is spooled. */
  large: number;
  spoolDir?: string;
  signal?: AbortSignal;
}

/** Stored bytes that several readers use; they are released when the last has let go. */
export class Lease {
  #holders = 0;
  readonly #release: () => void;

  constructor(release: () => void) {
    this.#release = release;
  }

  /** Returns how to let go; calling that twice does no harm. */
  hold(): () => void {
    this.#holders++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.#holders === 0) this.#release();
    };
  }
}

export interface Stored {
  /** As shown. */
  path: string;
  storage: Storage;
  lease: Lease;
  live: boolean;
  mtime?: Date;
  unread?: Artifact['unread'];
  warnings?: Warning[];
  /** Name of its content where the container does not say: the base name's, unless the bytes came without one, or are content. */
  inner?: string;
}

/**
 * Stored bytes as an artifact, then what they contain if they are a container, and so on inwards. A large container comes with its
 * content, for whoever wants to read both at once.
 */
export function unpack(stored: Stored, workshop: Workshop): AsyncGenerator<Found> {
  return unpackAt(stored, workshop, 0, allowance(stored, workshop.expansion));
}

const allowance = (stored: Stored, { granted, ratio }: Expansion): number =>
  Math.max(granted, ratio * stored.storage.length);

async function* unpackAt(
  stored: Stored,
  workshop: Workshop,
  depth: number,
  limit: number,
): AsyncGenerator<Found> {
  const { path, storage, lease, live, mtime } = stored;
  // Held beyond the consumer's close(): the content is decoded from it afterwards.
  const letGo = lease.hold();
  const artifact: Artifact = {
    path,
    storage,
    live,
    unread: stored.unread ?? [],
    warnings: stored.warnings ?? [],
    close: lease.hold(),
    ...(mtime === undefined ? {} : { mtime }),
  };
  let content: DecodableContent | undefined;
  let owed = false;
  try {
    const container = recogniseOrWarn(artifact);
    if (container !== undefined) artifact.container = container.name;
    const decode = container && treatment(artifact, container, depth);
    owed = decode !== undefined;
    if (container === undefined || decode === undefined) return yield { artifact };
    if (storage.length >= workshop.large)
      content = await offer(stored, container.name, decode, workshop, limit);
    yield content === undefined ? { artifact } : { artifact, content };
    if (content?.taken) return;
    const { spool, account } = await decodeAll(stored, decode, workshop, limit);
    owed = false;
    yield* unpackAt(
      {
        ...named(stored, account),
        storage: spool.storage(),
        lease: new Lease(() => spool.close()),
        live: false,
        unread: account.unread,
        warnings: account.warnings,
      },
      workshop,
      depth + 1,
      limit,
    );
  } finally {
    // Whoever has the artifact reads this when it reports.
    if (owed && !content?.taken && workshop.signal?.aborted)
      artifact.unread.push({
        offset: 0,
        length: null,
        reason: 'its content was not read: the scan was stopped',
      });
    letGo();
  }
}

/** What the content of a container is called, and its time: no later than the container's, whatever its header says. */
function named(
  { path, mtime, inner }: Stored,
  { name, mtime: stated = mtime }: Account,
): { path: string; inner: string; mtime?: Date } {
  const own = mtime && stated && stated > mtime ? mtime : stated;
  const shown = sane(name) ?? inner ?? withoutSuffix(baseName(path));
  return {
    path: `${path}!${shown}`,
    inner: withoutSuffix(shown),
    ...(own === undefined ? {} : { mtime: own }),
  };
}

/** The content as an offer, unless it is a container that must be decoded itself. */
async function offer(
  stored: Stored,
  codec: string,
  decode: Decoder,
  { spoolDir, signal }: Workshop,
  limit: number,
): Promise<DecodableContent | undefined> {
  const { path, storage, lease } = stored;
  const account = newAccount();
  const head = await headOf(decode(new Input(storage), account), signal);
  const inner = recognise(bufferReader(head));
  if (inner !== undefined && !isPlain(inner)) return undefined;
  return new DecodableContent({
    ...named(stored, account),
    head,
    coded: { path, storage, limit, codec },
    warnings: isPlain(inner) ? [notUnpacked(inner)] : [],
    hold: () => lease.hold(),
    ...(spoolDir === undefined ? {} : { spoolDir }),
    ...(inner === undefined ? {} : { container: inner.name }),
  });
}

/** The first bytes of content, at least HEAD where it has as many and they can be decoded. */
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
    // A failing read is told by whoever decodes the whole.
  }
  return Buffer.concat(head);
}

/** A container that no decoder opens. */
type Closed = Container & { treatment: { unpack: string } };
const isPlain = (container: Container | undefined): container is Closed =>
  container !== undefined && 'plain' in container.treatment;

const notUnpacked = ({ name, treatment }: Closed): Warning =>
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

/** The decoder to use; where there is none, the artifact says why and what to do. */
function treatment(artifact: Artifact, container: Container, depth: number): Decoder | undefined {
  const { warnings, unread, storage } = artifact;
  const { name, treatment } = container;
  if ('decode' in treatment && depth < DEPTH) return treatment.decode;
  const warning =
    'decode' in treatment
      ? sourceWarnings.of('container-too-deep', {
          message: `${name} within ${depth} other containers: not unpacked`,
          hint: 'unpack the outer ones and scan what they hold',
        })
      : notUnpacked({ ...container, treatment });
  warnings.push(warning);
  // How much of an archive is packed is not known.
  const length = isPlain(container) ? null : storage.length;
  unread.push({ offset: 0, length, reason: warning.message });
  return undefined;
}

async function decodeAll(
  { path, storage }: Stored,
  decode: Decoder,
  { budget, spoolDir, signal }: Workshop,
  limit: number,
): Promise<{ spool: Spool; account: Account }> {
  const account = newAccount();
  const spool = new Spool(budget, spoolDir);
  try {
    await decodeToSink({ path, storage, limit }, decode, account, spool, signal);
  } catch (error) {
    spool.close();
    throw error;
  }
  return { spool, account };
}

/** The name a gzip header gives, if it is one: a path or an empty one would mislead. */
function sane(name: Uint8Array | undefined): string | undefined {
  if (name === undefined || name.length === 0 || name.length > 255) return undefined;
  const shown = displayName(name);
  return /^\.{1,2}$|[/\\]/.test(Buffer.from(name).toString('latin1')) ? undefined : shown;
}

/** `core.zst` holds `core`, `dump.tgz` holds `dump.tar`. */
function withoutSuffix(name: string): string {
  return name.replace(/(?<=.)\.(?:gz|gzip|zst|zstd)$/i, '').replace(/(?<=.)\.t(?:gz|zst)$/i, '.tar');
}

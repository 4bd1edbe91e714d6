import { crc32 } from 'node:zlib';
import { bufferReader, openStorage, type Storage } from '../base/bytes/storage.js';
import type { Warning } from '../base/runtime/warnings.js';
import { decoderOf, recognise, wholeDecoderOf } from '../containers/containers.js';
import type { Container, Treatment } from '../containers/decoding/container.js';
import { type DecodeReport, type Decoder, newDecodeReport } from '../containers/decoding/decoder.js';
import { Input } from '../containers/decoding/input.js';
import type { Member } from '../containers/decoding/member.js';
import { type Allowance, allowanceOf, listMembers, memberStorage, withoutMembers } from './archive.js';
import { contentNames, memberNames } from './content-names.js';
import { DecodableContent } from './decodable-content.js';
import { decodeToSink } from './decode-to-sink.js';
import { failureWarning } from './failures.js';
import { Spool } from './spool.js';
import {
  Lease,
  mostDecoded,
  type SourceContext,
  type SpoolContext,
  type StoredBytes,
} from './stored-bytes.js';
import type { Artifact, OpenedArtifact, OpenedContent } from './types.js';
import { warnings as sourceWarnings } from './warnings.js';

/** Depth to which containers within containers are opened. */
const DEPTH = 8;

/** Bytes of content that recognise its format. */
const HEAD = 64 * 1024;

/**
 * Yields stored bytes as an artifact, then their content if they are a container, recursively. A large
 * container is yielded together with its content, so that both can be read at once.
 */
export function unpack(
  stored: StoredBytes,
  context: SourceContext,
): AsyncGenerator<OpenedArtifact | OpenedContent> {
  const allowance = allowanceOf(mostDecoded(stored.storage.length, context.expansion));
  return unpackAt(stored, context, { depth: 0, allowance });
}

/** Where stored bytes are: in how many containers, and what these may still expand to. */
interface Place {
  depth: number;
  allowance: Allowance;
}

const below = ({ depth, allowance }: Place): Place => ({ depth: depth + 1, allowance });

async function* unpackAt(
  stored: StoredBytes,
  context: SourceContext,
  place: Place,
): AsyncGenerator<OpenedArtifact | OpenedContent> {
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
    const treatment = container && treatmentOf(artifact, container, place);
    pending = treatment !== undefined;
    if (container === undefined || treatment === undefined) return yield { artifact };
    if ('list' in treatment) {
      const members = await listMembers(artifact, treatment.list, place.allowance, context.signal);
      artifact.storage = withoutMembers(storage, members);
      yield { artifact };
      for (const [index, member] of members.entries()) {
        // The last one tells whether the file has changed meanwhile.
        const watch = index === members.length - 1 ? stored.watch : undefined;
        yield* unpackMember({ ...stored, watch }, member, context, below(place));
      }
      pending = false;
      return;
    }
    const { decode } = treatment;
    if (storage.length >= context.large)
      content = await largeContent(
        { stored, codec: container.name, nameOf: (report) => named(stored, report) },
        decode,
        context,
        place,
      );
    yield content === undefined ? { artifact } : { artifact, content };
    if (content?.taken) {
      place.allowance.decoded -= content.decoded;
      return;
    }
    const { spool, report } = await decodeWithin(stored, decode, context, place);
    pending = false;
    yield* unpackAt(
      { ...spooled(stored, spool, report), ...named(stored, report), archivePath: archivePathOf(stored) },
      context,
      below(place),
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

/** Path of an archive in the paths of its members: that of `dump.tar.gz` for the `dump.tar` in it. */
const archivePathOf = ({ path, archivePath = path }: StoredBytes): string => archivePath;

/** Unpacks a member of an archive. */
async function* unpackMember(
  archive: StoredBytes,
  member: Member,
  context: SourceContext,
  place: Place,
): AsyncGenerator<OpenedArtifact | OpenedContent> {
  const { lease, watch } = archive;
  const storage = memberStorage(archive.storage, member);
  const names = memberNames(archivePathOf(archive), member.name);
  const mtime = earlier(archive.mtime, member.mtime);
  const stored = { ...names, storage, lease, live: false, watch, mtime, expected: member.expected };
  const decode = member.codec && decoderOf(member.codec);
  if (!decode) return yield* unpackAt(stored, context, place);
  if (storage.length >= context.large) {
    const large = { stored, codec: member.codec!, nameOf: () => ({ ...names, mtime }) };
    const content = await largeContent(large, decode, context, place);
    if (content !== undefined) yield { content };
    if (content?.taken) {
      place.allowance.decoded -= content.decoded;
      return;
    }
  }
  const { spool, report } =
    (await decodeShort(storage, member, context, place)) ??
    (await decodeWithin(stored, decode, context, place));
  yield* unpackAt({ ...spooled(stored, spool, report), ...names, mtime }, context, place);
}

/** Stored and decoded bytes of a member that is decoded at once: a stream would take longer than the rest. */
const SHORT = 256 * 1024;

/** Decodes a short member whose data is as the archive says; undefined for any other. */
async function decodeShort(
  storage: Storage,
  { codec, expected: { crc32: crc, length } = {} }: Member,
  { budget, spoolDir }: SourceContext,
  { allowance }: Place,
): Promise<{ spool: Spool; report: DecodeReport } | undefined> {
  if (codec === undefined || crc === undefined || length === undefined) return undefined;
  if (storage.length > SHORT || length > Math.min(SHORT, allowance.decoded)) return undefined;
  const decodeWhole = await wholeDecoderOf(codec);
  const bytes = Buffer.alloc(storage.length);
  if (decodeWhole === undefined || openStorage(storage).read(0, bytes) < bytes.length) return undefined;
  const content = decodeWhole(bytes, length);
  if (content?.length !== length || crc32(content) !== crc) return undefined;
  const spool = new Spool(budget, spoolDir);
  await spool.write(content);
  content.fill(0);
  allowance.decoded -= length;
  return { spool, report: { ...newDecodeReport(), decoded: length } };
}

/** Decoded content, as stored bytes without a name. */
function spooled(
  { watch }: StoredBytes,
  spool: Spool,
  { unread, warnings }: DecodeReport,
): Omit<StoredBytes, 'path'> {
  // The file itself may have been concluded before its content was decoded.
  if (watch !== undefined) warnings.push(...watch.changes());
  const lease = new Lease(() => spool.close());
  return { storage: spool.storage(), lease, live: false, unread, warnings };
}

/** Name and time of a container's content. The time is at most the container's, whatever its header says. */
function named(
  { path, mtime, contentName }: StoredBytes,
  { name, mtime: stated }: DecodeReport,
): Pick<StoredBytes, 'path' | 'contentName' | 'mtime'> {
  return { ...contentNames(path, name, contentName), mtime: earlier(mtime, stated) };
}

/** The time that a container states for its content, unless that is later than its own. */
const earlier = (own: Date | undefined, stated = own): Date | undefined =>
  own && stated && stated > own ? own : stated;

/** Stored bytes of a large content, and how they are encoded. */
interface Large {
  stored: StoredBytes;
  codec: string;
  nameOf: (report: DecodeReport) => Pick<StoredBytes, 'path' | 'mtime'>;
}

/** The content of a large container or member, unless that is a container. */
async function largeContent(
  { stored, codec, nameOf }: Large,
  decode: Decoder,
  { spoolDir, signal }: SourceContext,
  { allowance }: Place,
): Promise<DecodableContent | undefined> {
  const { path, storage, lease, watch, expected } = stored;
  const report = newDecodeReport();
  const head = await headOf(decode(new Input(storage), report), signal);
  const inner = recognise(bufferReader(head));
  if (inner !== undefined) return undefined;
  return new DecodableContent({
    ...nameOf(report),
    head,
    coded: { path, storage, limit: allowance.decoded, expected, codec },
    acquire: () => lease.acquire(),
    watch,
    spoolDir,
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

/** How a container is unpacked. */
type Unpacked = Exclude<Treatment, { unpack: string }>;
/** A container without a decoder. */
type Undecodable = Container & { treatment: { unpack: string } };
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

/** How a container is unpacked; if it is not, adds a warning with the command that unpacks it. */
function treatmentOf(artifact: Artifact, container: Container, { depth }: Place): Unpacked | undefined {
  const { warnings, unread, storage } = artifact;
  const { name, treatment } = container;
  const isKnown = !('unpack' in treatment);
  if (isKnown && depth < DEPTH) return treatment;
  const warning = isKnown
    ? sourceWarnings.of('container-too-deep', {
        message: `${name} within ${depth} other containers: not unpacked`,
        hint: 'unpack the outer ones and scan their content',
      })
    : notUnpacked({ ...container, treatment });
  warnings.push(warning);
  unread.push({ offset: 0, length: storage.length, reason: warning.message });
  return undefined;
}

/** Decodes a container into a spool, which the caller closes. Errors of the data go to the report. */
export async function decodeAll(
  { path, storage, expected }: Pick<StoredBytes, 'path' | 'storage' | 'expected'>,
  decode: Decoder,
  { budget, spoolDir, signal }: SpoolContext,
  limit: number,
): Promise<{ spool: Spool; report: DecodeReport }> {
  const report = newDecodeReport();
  const spool = new Spool(budget, spoolDir);
  try {
    await decodeToSink({ path, storage, limit, expected }, decode, report, spool, signal);
  } catch (error) {
    spool.close();
    throw error;
  }
  return { spool, report };
}

/** The same, of what the place allows. */
async function decodeWithin(
  stored: StoredBytes,
  decode: Decoder,
  context: SourceContext,
  { allowance }: Place,
): Promise<{ spool: Spool; report: DecodeReport }> {
  const decoded = await decodeAll(stored, decode, context, allowance.decoded);
  allowance.decoded -= decoded.report.decoded;
  return decoded;
}

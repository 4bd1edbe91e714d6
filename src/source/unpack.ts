import { bufferReader, openStorage } from '../base/bytes/storage.js';
import { decoderOf, recognise } from '../containers/containers.js';
import type { Container, Treatment } from '../containers/decoding/container.js';
import {
  type DecodeReport,
  type Decoder,
  isFullyDecoded,
  newDecodeReport,
} from '../containers/decoding/decoder.js';
import { Input } from '../containers/decoding/input.js';
import { type Allowance, allowanceOf, listMembers, memberStorage, withoutMembers } from './archive.js';
import { headOf, isLeftOut, selectedOf } from './content-head.js';
import { earlier, memberNames, named } from './content-names.js';
import { DecodableContent } from './decodable-content.js';
import { decodeAll } from './decode-to-spool.js';
import { failureWarning } from './failures.js';
import { addDecrypting, decodeShort, decrypted } from './member-content.js';
import type { SelectedMember } from './member-list.js';
import { notUnpacked } from './not-unpacked.js';
import { LeftOut } from './selection.js';
import type { Spool } from './spool.js';
import { Lease, mostDecoded, type SourceContext, type StoredBytes } from './stored-bytes.js';
import type { Artifact, NoticeEvent, OpenedArtifact, OpenedContent } from './types.js';
import { warnings as sourceWarnings } from './warnings.js';

/** Depth to which containers within containers are opened. */
const DEPTH = 8;

/**
 * Yields stored bytes as an artifact, then their content if they are a container, recursively. A large
 * container is yielded together with its content, so that both can be read at once.
 */
export function unpack(stored: StoredBytes, context: SourceContext): AsyncGenerator<Unpacked> {
  const allowance = allowanceOf(mostDecoded(stored.storage.length, context.expansion));
  return unpackAt(stored, context, { depth: 0, allowance });
}

/** An artifact, or what was left out of an archive. */
type Unpacked = OpenedArtifact | OpenedContent | NoticeEvent;

/** Where stored bytes are: in how many containers, and what these may still expand to. */
interface Place {
  depth: number;
  allowance: Allowance;
}

const below = ({ depth, allowance }: Place): Place => ({ depth: depth + 1, allowance });

/** `yielded`: the artifact already yielded for these bytes; what is reported of them is added to it. */
async function* unpackAt(
  stored: StoredBytes,
  context: SourceContext,
  place: Place,
  yielded?: Pick<Artifact, 'unread' | 'warnings'>,
): AsyncGenerator<Unpacked> {
  const { path, storage, lease, live, watch, mtime } = stored;
  const selected = stored.selected && (await selectedOf(stored, context));
  if (selected === 'none') {
    stored.selected?.leftOut.add(path);
    lease.acquire()();
    return;
  }
  // Kept beyond the consumer's close(), since the content is decoded afterwards.
  const release = lease.acquire();
  const artifact: Artifact = {
    path,
    storage,
    live,
    watch,
    unread: yielded?.unread ?? stored.unread ?? [],
    warnings: yielded?.warnings ?? stored.warnings ?? [],
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
    if (container === undefined || treatment === undefined) {
      if (yielded === undefined) yield { artifact };
      else artifact.close();
      return;
    }
    if ('list' in treatment) {
      const leftOut = new LeftOut();
      const { list } = treatment;
      const { allowance, depth } = place;
      const isWhole = depth > 0 && artifact.unread.length === 0;
      const archivePath = archivePathOf(stored);
      const { members, excluded } = await listMembers(
        { artifact, list, isWhole, selected, leftOut, allowance },
        context,
      );
      for (let i = 0; i < excluded.length; i++)
        leftOut.add(memberNames(archivePath, excluded.nameAt(i)).path);
      artifact.storage = withoutMembers(storage, [members, excluded]);
      if (yielded === undefined) yield { artifact };
      else artifact.close();
      // Only the last member checks whether the file has changed meanwhile.
      const unwatched = { ...stored, watch: undefined };
      const last = members.length - 1;
      const inside = below(place);
      for (let i = 0; i <= last; i++)
        yield* unpackMember(i === last ? stored : unwatched, members.at(i), context, inside);
      pending = false;
      return yield* leftOut.notice(archivePath);
    }
    const { password } = context;
    const decode = (password && treatment.withPassword?.(password)) ?? treatment.decode;
    // A thread knows decoders by name alone, and no password.
    if (storage.length >= context.large && decode === treatment.decode)
      content = await largeContent(
        { stored, codec: container.name, nameOf: (report) => named(stored, report) },
        decode,
        context,
        place,
      );
    if (content === undefined) yield { artifact };
    else yield { artifact: Object.assign(artifact, { isDecoded: content.isDecoded }), content };
    if (content?.taken && content.inner === undefined) {
      place.allowance.decoded -= content.charged;
      return;
    }
    const { spool, report } = await decodeWithin(stored, decode, context, place);
    artifact.isDecoded = () => isFullyDecoded(report);
    pending = false;
    yield* unpackAt(
      {
        ...fromSpool(stored, spool, report),
        ...named(stored, report),
        archivePath: archivePathOf(stored),
        selected,
      },
      context,
      below(place),
      content?.taken ? content.artifact : undefined,
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
  member: SelectedMember,
  context: SourceContext,
  place: Place,
): AsyncGenerator<Unpacked> {
  const { watch } = archive;
  const names = memberNames(archivePathOf(archive), member.name);
  const mtime = earlier(archive.mtime, member.mtime);
  const own = { ...names, mtime, selected: member.selected };
  const { expected } = member;
  const coded = { ...own, lease: archive.lease, live: false, watch, expected };
  const { decrypt, codec } = member;
  const archived = { ...coded, storage: memberStorage(archive.storage, member) };
  const stored = decrypt === undefined ? archived : await decrypted(archived, decrypt, codec, context);
  const decode = codec && decoderOf(codec);
  if (!decode) return yield* unpackAt(stored, context, place);
  const release = stored.lease.acquire();
  let decoded: Omit<StoredBytes, 'path'>;
  let yielded: DecodableContent['artifact'];
  try {
    // Decrypted bytes are in a spool already.
    const isLarge = decrypt === undefined && stored.storage.length >= context.large;
    const short = isLarge ? undefined : await decodeShort(stored.storage, member, context, place.allowance);
    if (short === undefined && (await isLeftOut(stored, decode, context)))
      return member.selected?.leftOut.add(names.path);
    if (isLarge) {
      const large = { stored, codec: codec!, nameOf: () => ({ ...names, mtime }) };
      const content = await largeContent(large, decode, context, place);
      if (content !== undefined) yield { content };
      if (content?.taken && content.inner === undefined) {
        place.allowance.decoded -= content.charged;
        return;
      }
      if (content?.taken) yielded = content.artifact;
    }
    const { spool, report } = short ?? (await decodeWithin(stored, decode, context, place));
    if (decrypt !== undefined) addDecrypting(report, stored);
    decoded = fromSpool(stored, spool, report);
  } finally {
    release();
  }
  yield* unpackAt({ ...decoded, ...own }, context, place, yielded);
}

/** Decoded content, as stored bytes without a name. */
function fromSpool(
  { watch }: StoredBytes,
  spool: Pick<Spool, 'storage' | 'close'>,
  { unread, warnings }: DecodeReport,
): Omit<StoredBytes, 'path'> {
  // The file itself may have been concluded before its content was decoded.
  if (watch !== undefined) warnings.push(...watch.changes());
  const lease = new Lease(() => spool.close());
  return { storage: spool.storage(), lease, live: false, unread, warnings };
}

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

/** How a container is unpacked. */
type Unpackable = Exclude<Treatment, { unpack: string }>;

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
function treatmentOf(artifact: Artifact, container: Container, { depth }: Place): Unpackable | undefined {
  const { warnings, unread, storage } = artifact;
  const { name, treatment } = container;
  const isUnpackable = !('unpack' in treatment);
  if (isUnpackable && depth < DEPTH) return treatment;
  const warning = isUnpackable
    ? sourceWarnings.of('container-too-deep', {
        message: `${name} within ${depth} other containers: not unpacked`,
        hint: 'unpack the outer ones and scan their content',
      })
    : notUnpacked(container);
  warnings.push(warning);
  unread.push({ offset: 0, length: storage.length, reason: warning.message });
  return undefined;
}

/** Decodes a container into a spool, which the caller closes: as much as the place allows. */
async function decodeWithin(
  stored: StoredBytes,
  decode: Decoder,
  context: SourceContext,
  { allowance }: Place,
): ReturnType<typeof decodeAll> {
  const decoded = await decodeAll(stored, decode, context, allowance.decoded);
  allowance.decoded -= decoded.report.charged;
  return decoded;
}

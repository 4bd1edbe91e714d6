import { bufferReader } from '../core/base/bytes/storage.js';
import { allowanceOf, type ExpansionBudget, listMembers, memberStorage, withoutMembers } from './archive.js';
import { containerNamed, decoderOf, recognise } from './containers/containers.js';
import {
  type ContainerDecoder,
  type DecodeReport,
  isFullyDecoded,
  newDecodeReport,
} from './containers/decoding/decoder.js';
import { DecoderInput } from './containers/decoding/input.js';
import type { Lister } from './containers/decoding/member.js';
import { earlier, headOf, isLeftOut, memberNames, named, selectedOf } from './content-head.js';
import { DecodableContent } from './decodable-content.js';
import { decodeAll } from './decode-to-spool.js';
import { addDecrypting, checked, decodeShort, decrypted } from './member-content.js';
import type { SelectedMember } from './member-list.js';
import { EmptyFiles, LeftOut, type Selected } from './selection.js';
import type { Spool } from './spool.js';
import { Lease, mostDecoded, type SourceContext, type StoredBytes } from './stored-bytes.js';
import { recogniseOrWarn, treatmentOf } from './treatment.js';
import type { Artifact, NoticeEvent, OpenedSource, SourceEvent } from './types.js';

/** What becomes of an error of opening what is inside: thrown if undefined. */
export type OnFailure = (error: unknown) => NoticeEvent;

/**
 * Opens stored bytes, and what is inside, recursively, once it is asked for. Undefined if they are left out.
 * A large container is opened together with its content, so that both can be read at once.
 */
export function unpack(
  stored: StoredBytes,
  context: SourceContext,
  failed?: OnFailure,
): Promise<OpenedSource | undefined> {
  const allowance = allowanceOf(mostDecoded(stored.storage.length, context.expansion));
  return openAt(stored, context, { depth: 0, allowance, failed });
}

/** Where stored bytes are: in how many containers, and what these may still expand to. */
interface Place {
  depth: number;
  allowance: ExpansionBudget;
  failed: OnFailure | undefined;
}

const below = (place: Place): Place => ({ ...place, depth: place.depth + 1 });

/** Where what is reported of stored bytes goes. */
type Reported = Pick<Artifact, 'unread' | 'warnings'>;

/** `swept`: the artifact that these bytes were swept as. They are none again, and are reported on it. */
async function openAt(
  stored: StoredBytes,
  context: SourceContext,
  place: Place,
  swept?: Reported,
): Promise<OpenedSource | undefined> {
  // Kept beyond the consumer's close() of the artifact: what is inside is decoded afterwards.
  const release = stored.lease.acquire();
  try {
    const selected = stored.selected && (await selectedOf(stored, context));
    if (selected !== 'none')
      return await openSelected({ ...stored, selected }, context, place, release, swept);
    stored.selected?.leftOut.add(stored.path);
    release();
    return undefined;
  } catch (error) {
    release();
    throw error;
  }
}

/** {@link openAt} once it is known how much is selected. `release`: called by the consumer's close(). */
async function openSelected(
  stored: Selectable,
  context: SourceContext,
  place: Place,
  release: () => void,
  swept: Reported | undefined,
): Promise<OpenedSource> {
  const { path, storage, lease, live, watch, mtime, sha256, undumped } = stored;
  const artifact: Artifact = {
    path,
    storage,
    live,
    watch,
    unread: swept?.unread ?? stored.unread ?? [],
    warnings: swept?.warnings ?? stored.warnings ?? [],
    close: lease.acquire(),
    mtime,
    sha256,
    undumped,
  };
  try {
    const inside = await insideOf(stored, artifact, context, place);
    if (swept !== undefined) artifact.close();
    const { unread } = artifact;
    const source = opened(inside, {
      ...(swept === undefined && { artifact }),
      ...{ unread, context, place, release },
    });
    const { ifEmpty } = stored;
    const notice = storage.length > 0 || unread.length > 0 ? undefined : ifEmpty?.();
    return notice === undefined ? source : { ...source, inside: () => only(notice) };
  } catch (error) {
    artifact.close();
    throw error;
  }
}

async function* only(notice: NoticeEvent): AsyncGenerator<SourceEvent> {
  yield notice;
}

/** What opened bytes contain. */
interface Inside {
  content?: DecodableContent | undefined;
  /** Calls `isRead` once nothing of it is left unread. */
  events(isRead: () => void): AsyncGenerator<SourceEvent>;
}

/** What is opened besides its inside. */
interface Outside {
  artifact?: Artifact;
  /** What was not read of the bytes that contain it. */
  unread?: Artifact['unread'];
  context: SourceContext;
  place: Place;
  release: () => void;
}

function opened(inside: Inside | undefined, outside: Outside): OpenedSource {
  const { artifact, unread, context, place, release } = outside;
  const content = inside?.content;
  let left = inside;
  return {
    type: 'opened',
    ...(artifact && { artifact }),
    content,
    async *inside() {
      try {
        yield* inside?.events(() => {
          left = undefined;
        }) ?? [];
      } catch (error) {
        if (context.signal?.aborted || place.failed === undefined) throw error;
        yield place.failed(error);
      }
    },
    close() {
      // The artifact's `unread` is read later, for the report.
      if (left !== undefined && content?.artifact === undefined && context.signal?.aborted)
        unread?.push({
          offset: 0,
          length: null,
          reason: 'its content was not read: the scan was stopped',
        });
      release();
    },
  };
}

/** Recognises a container, which it names on the artifact; undefined if there is nothing to unpack. */
async function insideOf(
  stored: Selectable,
  artifact: Artifact,
  context: SourceContext,
  place: Place,
): Promise<Inside | undefined> {
  const container = recogniseOrWarn(artifact);
  if (container !== undefined) artifact.container = container.name;
  const treatment = container && treatmentOf(artifact, container, place.depth);
  if (container === undefined || treatment === undefined) return undefined;
  if ('list' in treatment) return insideOfArchive(stored, artifact, treatment.list, context, place);
  const { password } = context;
  const decode = (password && treatment.withPassword?.(password)) ?? treatment.decode;
  // A thread knows decoders by name alone, and no password.
  const isLarge = stored.storage.length >= context.large && decode === treatment.decode;
  const large = { stored, codec: container.name, nameOf: (report: DecodeReport) => named(stored, report) };
  const content = isLarge ? await largeContent(large, decode, context, place) : undefined;
  if (content !== undefined) artifact.isDecoded = content.isDecoded;
  const inSpool = async (isRead: () => void): Promise<OpenedSource | undefined> => {
    const { spool, report } = await decodeWithin(stored, decode, context, place);
    artifact.isDecoded = () => isFullyDecoded(report);
    isRead();
    const { selected, ifEmpty } = stored;
    const archivePath = archivePathOf(stored);
    const decoded = { ...fromSpool(stored, spool, report), ...named(stored, report) };
    return openAt({ ...decoded, archivePath, selected, ifEmpty }, context, below(place), content?.artifact);
  };
  return insideOfContent(content, inSpool, place);
}

/** Stored bytes of which something is selected. */
type Selectable = StoredBytes & { selected: Selected | undefined };

async function insideOfArchive(
  stored: Selectable,
  artifact: Artifact,
  list: Lister,
  context: SourceContext,
  place: Place,
): Promise<Inside> {
  const { selected } = stored;
  const leftOut = new LeftOut();
  const empty = new EmptyFiles();
  const { allowance, depth } = place;
  const isWhole = depth > 0 && artifact.unread.length === 0;
  const archivePath = archivePathOf(stored);
  const onEmpty = (name: Uint8Array) => empty.add(() => memberNames(archivePath, name).path);
  const listed = { artifact, list, isWhole, selected, leftOut, allowance, onEmpty };
  const { members, excluded } = await listMembers(listed, context);
  for (let i = 0; i < excluded.length; i++) leftOut.add(memberNames(archivePath, excluded.nameAt(i)).path);
  artifact.whole = stored.storage;
  artifact.storage = withoutMembers(stored.storage, [members, excluded]);
  return {
    async *events(isRead) {
      // Only the last member checks whether the file has changed meanwhile.
      const unwatched = { ...stored, watch: undefined };
      const last = members.length - 1;
      const inside = { ...below(place), empty };
      for (let i = 0; i <= last; i++) {
        yield* openMember(i === last ? stored : unwatched, members.at(i), context, inside);
      }
      isRead();
      yield* leftOut.notice(archivePath);
      yield* empty.notice(archivePath);
    },
  };
}

/** Content that is decoded into a spool, unless it was swept while it was decoded: then `swept` is called. */
const insideOfContent = (
  content: DecodableContent | undefined,
  inSpool: (isRead: () => void) => Promise<OpenedSource | undefined>,
  { allowance }: Place,
  swept?: () => void,
): Inside => ({
  content,
  async *events(isRead) {
    if (content?.artifact !== undefined && content.inner === undefined) {
      allowance.decoded -= content.charged;
      swept?.();
      return;
    }
    const decoded = await inSpool(isRead);
    if (decoded !== undefined) yield decoded;
  },
});

/** Path of an archive in the paths of its members: that of `dump.tar.gz` for the `dump.tar` in it. */
const archivePathOf = ({ path, archivePath = path }: StoredBytes): string => archivePath;

/**
 * Opens a member of an archive, unless it is left out. Its stored bytes follow if decoding did not give them
 * back whole: the archive's own sweep leaves them out.
 */
async function* openMember(
  archive: StoredBytes,
  member: SelectedMember,
  context: SourceContext,
  place: Place & { empty: EmptyFiles },
): AsyncGenerator<OpenedSource> {
  const names = memberNames(archivePathOf(archive), member.name);
  const mtime = earlier(archive.mtime, member.mtime);
  const ifEmpty = () => place.empty.add(names.path);
  const own = { ...names, mtime, selected: member.selected, ifEmpty };
  const storage = memberStorage(archive.storage, member);
  const { lease, watch } = archive;
  const archived = { ...own, lease, live: false, watch, expected: member.expected, storage };
  let isWhole = true;
  const source = await openContent(archived, member, context, place, () => {
    isWhole = false;
  });
  if (source !== undefined) yield source;
  if (isWhole || member.isPlainToo || context.signal?.aborted) return;
  const {
    expected: _expected,
    ifEmpty: _ifEmpty,
    ...stored
  } = { ...archived, path: `${names.path}!(stored)` };
  // A container was decoded as far as it can be.
  const isContainer = member.codec !== undefined && containerNamed(member.codec) !== undefined;
  const asStored = isContainer ? openPlain(stored, context, place) : await openAt(stored, context, place);
  if (asStored !== undefined) yield asStored;
}

/** Opens bytes that are swept as they are, whatever is inside. */
function openPlain(stored: StoredBytes, context: SourceContext, place: Place): OpenedSource {
  const { path, storage, lease, live, watch, mtime } = stored;
  const close = lease.acquire();
  const artifact = { path, storage, live, watch, mtime, unread: [], warnings: [], close };
  return opened(undefined, { artifact, context, place, release: lease.acquire() });
}

/** Opens a member's content. Undefined if it is left out. `partial`: called if it is not all there. */
async function openContent(
  archived: StoredBytes,
  member: SelectedMember,
  context: SourceContext,
  place: Place,
  partial: () => void,
): Promise<OpenedSource | undefined> {
  const { decrypt, codec } = member;
  const { path, contentName, mtime, selected, ifEmpty } = archived;
  const stored = decrypt === undefined ? archived : await decrypted(archived, decrypt, codec, context);
  if (stored.unread?.length) partial();
  const decode = codec && decoderOf(codec);
  if (!decode) return openAt(decrypt ? stored : await checked(stored, context), context, place);
  const release = stored.lease.acquire();
  try {
    // Decrypted bytes are in a spool already.
    const isLarge = decrypt === undefined && stored.storage.length >= context.large;
    const short = isLarge ? undefined : await decodeShort(stored.storage, member, context, place.allowance);
    if (short === undefined && (await isLeftOut(stored, decode, context))) {
      selected?.leftOut.add(path);
      release();
      return undefined;
    }
    const large = { stored, codec: codec!, nameOf: () => ({ path, mtime }) };
    const content = isLarge ? await largeContent(large, decode, context, place) : undefined;
    const inSpool = async (): Promise<OpenedSource | undefined> => {
      const { spool, report } = short ?? (await decodeWithin(stored, decode, context, place));
      if (decrypt !== undefined) addDecrypting(report, stored);
      if (report.unread.length > 0) partial();
      const own = { path, contentName: contentName!, mtime, selected, ifEmpty };
      return openAt({ ...fromSpool(stored, spool, report), ...own }, context, place, content?.artifact);
    };
    if (content !== undefined) {
      const swept = (): void => {
        if (!content.isWhole) partial();
      };
      return opened(insideOfContent(content, inSpool, place, swept), { context, place, release });
    }
    const decoded = await inSpool();
    release();
    return decoded;
  } catch (error) {
    release();
    throw error;
  }
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
  decode: ContainerDecoder,
  { spoolDir, signal }: SourceContext,
  { allowance }: Place,
): Promise<DecodableContent | undefined> {
  const { path, storage, lease, watch, expected } = stored;
  const report = newDecodeReport();
  const head = await headOf(decode(new DecoderInput(storage), report), signal);
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

/** Decodes a container into a spool, which the caller closes: as much as the place allows. */
async function decodeWithin(
  stored: StoredBytes,
  decode: ContainerDecoder,
  context: SourceContext,
  { allowance }: Place,
): ReturnType<typeof decodeAll> {
  const decoded = await decodeAll(stored, decode, context, allowance.decoded);
  allowance.decoded -= decoded.report.charged;
  return decoded;
}

import { sliceReader } from '../../../core/base/bytes/parts.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Secret } from '../../../core/base/crypto/secret.js';
import type { Warning } from '../../../core/base/runtime/warnings.js';
import { displayName } from '../../../core/base/text/escape.js';
import { type ContainerDecoder, warnings } from '../decoding/decoder.js';
import { type Lister, type Member, MOST_MEMBERS, reportRest, tooManyMembers } from '../decoding/member.js';
import { Steps } from '../decoding/yield-points.js';
import { type DirectoryEntry, readDirectory } from './directory.js';
import { decryptorOf, type Encryption } from './encryption.js';
import { zipPlace } from './end-record.js';
import { dataBehind, nextLocalHeader, nextSignature, readLocalHeader } from './local-header.js';

/** Decoders of methods (APPNOTE.TXT, 4.4.5); undefined: stored as it is. */
const CODECS: ReadonlyMap<number, string | undefined> = new Map([
  [0, undefined],
  [8, 'deflate'],
  [12, 'bzip2'],
  [93, 'zstd'],
  [95, 'xz'],
]);

/** Stored bytes of a member without content at most, whatever its method. */
const EMPTY = 2;

/** What is known of a member's data. */
interface MemberData {
  name: Uint8Array;
  method: number;
  encryption: Encryption | undefined;
}

/** The bytes that a member has with its header: [start, end). */
interface Place {
  start: number;
  end: number;
}

/** An entry of the directory at its place. */
interface Located extends Place {
  entry: DirectoryEntry;
  /** Offset of its data; undefined if there is no local header. */
  data: number | undefined;
  /** Field in which its local header disagrees with the directory. */
  conflict: string | undefined;
  overlaps: boolean;
}

/** A member that only has a local header. */
interface LocalMember {
  member: Member;
  encryption: Encryption | undefined;
}

/**
 * Lists the members that the central directory of a ZIP archive has, and those that only have a local header:
 * programs that read the archive as a stream unpack them too.
 */
export const listZip: Lister = async function* (reader, report) {
  const { front, end } = zipPlace(reader) ?? { front: 0, end: reader.length };
  const isAll = front === 0 && end === reader.length;
  const archive = isAll ? reader : sliceReader(reader, front, end - front);
  const { entries, isWhole } = await readDirectory(archive);
  if (!isWhole) reportRest(report, withoutDirectory());
  const steps = new Steps();
  const known: Located[] = [];
  for (const entry of entries) {
    if (steps.areMany()) yield undefined;
    known.push(locate(reader, entry, front));
  }
  const inOrder = [...known].sort((a, b) => a.start - b.start);
  markOverlaps(inOrder);
  const locks = new Locks(reader);
  for (const each of known) {
    const member = memberOf(each, reader.length);
    if (hasContent(member) || member.doubt) yield locks.add(member, each.entry.encryption);
    else if (member.problem === undefined) yield emptyMember(member);
  }
  let left = MOST_MEMBERS - known.length;
  for (const [from, to] of gaps(inOrder, reader.length))
    for (const found of localMembers(reader, from, to, steps)) {
      if (found === undefined) {
        yield undefined;
        continue;
      }
      const { member, encryption } = found;
      if (left-- <= 0) return reportRest(report, tooManyMembers(member.stored.offset));
      if (hasContent(member)) yield locks.add(member, encryption);
    }
};

const hasContent = ({ stored, length = stored.length }: Member): boolean =>
  length > 0 || stored.length > EMPTY;

/** Whatever it is stored as. */
const emptyMember = ({ name, stored: { offset } }: Member): Member => ({
  name,
  stored: { offset, length: 0 },
});

/** An entry of the directory, at its local header. */
function locate(reader: ByteReader, entry: DirectoryEntry, front: number): Located {
  const start = front + entry.header;
  const data = dataBehind(reader, start);
  const from = data ?? Math.min(start, reader.length);
  const conflict = data === undefined ? undefined : conflictOf(entry, reader, start);
  return { start, end: from + storedIn(reader.length, entry, from), entry, data, conflict, overlaps: false };
}

/** Bytes of an entry's data that the file has. */
const storedIn = (fileLength: number, { stored }: DirectoryEntry, from: number): number =>
  Math.max(0, Math.min(stored, fileLength - from));

/** The member of an entry: made when it is its turn, since there are many. */
function memberOf({ start, entry, data, conflict, overlaps }: Located, fileLength: number): Member {
  const { name, mtime, stored, length, crc32, encryption } = entry;
  const offset = data ?? Math.min(start, fileLength);
  const place = { offset, length: storedIn(fileLength, entry, offset) };
  const member: Member = { name, stored: place, length, expected: { crc32, length } };
  if (!Number.isNaN(mtime.getTime())) member.mtime = mtime;
  const isStored = methodOf(entry) === 0;
  const content = stored - (encryption?.overhead ?? 0);
  if (data === undefined || place.length < stored || (isStored && content !== length))
    member.problem = damaged(name, start);
  else describe(member, entry);
  if (overlaps) member.problem ??= overlapping(name, start);
  if (conflict !== undefined) member.doubt = conflicting(name, conflict, start);
  return member;
}

/** Field in which the local header of an entry disagrees with it: a program may go by either. */
function conflictOf(entry: DirectoryEntry, reader: ByteReader, start: number): string | undefined {
  const local = readLocalHeader(reader, start, reader.length);
  if (local === undefined) return 'version or method';
  if (local.method !== entry.method) return 'method';
  if (!local.name.equals(entry.name)) return 'name';
  if ((local.encryption === undefined) !== (entry.encryption === undefined)) return 'encryption';
  const { stored = entry.stored, length = entry.length } = local.sizes ?? {};
  return stored === entry.stored && length === entry.length ? undefined : 'size';
}

/** Sets how the content of a member is decoded, or why it cannot be. */
function describe(member: Member, data: MemberData): void {
  const { name } = data;
  const method = methodOf(data);
  const codec = CODECS.get(method);
  if (codec !== undefined) member.codec = codec;
  if (CODECS.has(method)) return;
  // Of an encrypted member it matters only if it can be decrypted.
  if (data.encryption) member.codec = `method ${method}`;
  else member.problem = notDecoded(name, method, member.stored.offset);
}

/** The method of the content. AES has the place of it, and states it itself. */
const methodOf = ({ method, encryption }: MemberData | DirectoryEntry): number =>
  encryption?.aes?.method ?? method;

/** Refuses members that share bytes with others, by which a small archive would expand without end. */
function markOverlaps(inOrder: readonly Located[]): void {
  let end = 0;
  for (const each of inOrder) {
    each.overlaps = each.start < end;
    end = Math.max(end, each.end);
  }
}

/** What is between the members, in order. */
function* gaps(inOrder: readonly Place[], length: number): Generator<[from: number, to: number]> {
  let end = 0;
  for (const each of inOrder) {
    if (each.start > end) yield [end, each.start];
    end = Math.max(end, each.end);
  }
  if (length > end) yield [end, length];
}

/** Members by their local headers alone. */
function* localMembers(
  reader: ByteReader,
  from: number,
  to: number,
  steps: Steps,
): Generator<LocalMember | undefined> {
  let start = nextLocalHeader(reader, from, to);
  while (start !== undefined) {
    if (steps.areMany()) yield undefined;
    const local = readLocalHeader(reader, start, to);
    let end = start + 4;
    if (local !== undefined) {
      const { data, name, sizes } = local;
      end = sizes ? Math.min(to, data + sizes.stored) : (nextSignature(reader, data, to) ?? to);
      const member: Member = { name, stored: { offset: data, length: end - data } };
      if (sizes) {
        member.length = sizes.length;
        member.expected = { crc32: sizes.crc32, length: sizes.length };
      }
      describe(member, local);
      yield { member, encryption: local.encryption };
    }
    start = nextLocalHeader(reader, end, to);
  }
}

const withoutDirectory = (): Warning =>
  warnings.of('archive-damaged', {
    message: 'the central directory of this ZIP archive is missing, damaged or too long',
    hint: 'get a whole copy; members were looked for by their own headers',
  });

const damaged = (name: Uint8Array, offset: number): Warning =>
  warnings.of('archive-damaged', {
    message: `the member ${displayName(name)} is not as the directory says at offset ${offset}`,
    hint: 'the archive is damaged: get a good copy',
    offset,
  });

const conflicting = (name: Uint8Array, what: string, offset: number): Warning =>
  warnings.of('archive-damaged', {
    message: `the member ${displayName(name)} has another ${what} in its local header than in the directory`,
    hint: 'programs differ in which of both they follow: unpack it by each, and scan the folders',
    offset,
  });

const notDecoded = (name: Uint8Array, method: number, offset: number): Warning =>
  warnings.of('member-not-decoded', {
    message: `the member ${displayName(name)} is compressed by method ${method}, which is not decoded`,
    hint: 'unpack it: 7z x FILE, and scan the folder',
    offset,
  });

const overlapping = (name: Uint8Array, offset: number): Warning =>
  warnings.of('members-overlap', {
    message: `the member ${displayName(name)} has bytes of another: its content was not searched`,
    hint: 'no common program makes such archives: unpack it where it can do no harm',
    offset,
  });

/** Members of one archive that the password may not fit: a trial of AES takes about a millisecond. */
const MOST_MISSES = 1000;

/** The encrypted members of one archive. */
class Locks {
  readonly #reader: ByteReader;
  #misses = 0;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** The member, with what unlocks it if it is encrypted. */
  add(member: Member, encryption: Encryption | undefined): Member {
    if (encryption === undefined) return member;
    const { expected: { crc32, ...length } = {}, problem, ...rest } = member;
    // AE-2 has zero in place of the checksum.
    const hasChecksum = crc32 !== undefined && encryption.aes?.hasChecksum !== false;
    const expected = hasChecksum ? { ...length, crc32 } : length;
    const unlock = (password?: Secret): ContainerDecoder | Warning =>
      this.#unlock(member, encryption, password);
    return { ...rest, ...(problem && { problem }), expected, unlock };
  }

  #unlock({ name, stored }: Member, encryption: Encryption, password?: Secret): ContainerDecoder | Warning {
    const { offset } = stored;
    if (password === undefined) return encrypted(name, 'its content was not searched', WITHOUT, offset);
    if (this.#misses >= MOST_MISSES) {
      const why = `the password was not tried, since it does not fit ${MOST_MISSES} others`;
      return encrypted(name, why, UNPACK, offset);
    }
    const decrypt = decryptorOf(this.#reader, stored, encryption, password);
    if (typeof decrypt !== 'string') return decrypt;
    this.#misses++;
    return encrypted(name, decrypt, UNPACK, offset);
  }
}

const UNPACK = 'unpack it with its password, and scan the folder';
const WITHOUT = 'give its password by --archive-password-file, or unpack it and scan the folder';

const encrypted = (name: Uint8Array, why: string, hint: string, offset: number): Warning =>
  warnings.of('member-encrypted', {
    message: `the member ${displayName(name)} is encrypted: ${why}`,
    hint,
    offset,
  });

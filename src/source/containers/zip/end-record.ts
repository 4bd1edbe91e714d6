import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { wipeAfterRuns } from '../../../core/base/runtime/scratch.js';

const END = Buffer.from('PK\x05\x06', 'latin1');
const ENTRY = Buffer.from('PK\x01\x02', 'latin1');
const DIRECTORY = 0x02014b50;
/** Bytes of an entry of the directory without its name. */
const ENTRY_LENGTH = 46;
/** Bytes of the record without its comment: of an archive without members. */
export const END_LENGTH = 22;
/** Bytes of the longest comment. What other bytes follow an archive may be as long. */
const MOST_BEHIND = 0xffff;

/** Magic numbers of a record that are looked at: a comment may have some. */
const MOST_RECORDS = 100;

/** All bits of a field: the value is in the zip64 record. */
const IN_ZIP64 = 0xffffffff;
const ENTRIES_IN_ZIP64 = 0xffff;
/** Zip64 end of central directory record without further data, and its locator (4.3.14, 4.3.15). */
const ZIP64_END = { signature: 0x06064b50, length: 56 };
const ZIP64_LOCATOR = { signature: 0x07064b50, length: 20 };

/** The end of the last file that was looked at: allocating it for each takes longer than reading it. */
let tailMemory: Buffer | undefined;

function tailBytes(): Buffer {
  if (tailMemory === undefined) {
    const memory = Buffer.alloc(END_LENGTH + MOST_BEHIND);
    wipeAfterRuns(() => memory.fill(0));
    tailMemory = memory;
  }
  return tailMemory;
}

/** Where a ZIP archive lies in a file: offsets of its first byte, and of the first one behind it. */
interface ZipPlace {
  front: number;
  end: number;
}

/**
 * The place of a ZIP archive that other bytes may precede, such as a program that unpacks it, and follow: the
 * end of central directory record (APPNOTE.TXT, 4.3.16) says where the directory would be without those in
 * front. Undefined if the last 64 KiB have no such record that leads to a directory.
 */
export function zipPlace(reader: ByteReader): ZipPlace | undefined {
  const from = Math.max(0, reader.length - END_LENGTH - MOST_BEHIND);
  const tail = tailBytes().subarray(0, Math.max(0, reader.length - from));
  if (tail.length < END_LENGTH || reader.read(from, tail) < tail.length) return undefined;
  let behind: ZipPlace | undefined;
  let records = MOST_RECORDS;
  let ends: ReadonlySet<number> | undefined;
  // Once for all records: a hostile file has many of both.
  const endsOfEntries = () => {
    ends ??= endsOfEntriesIn(tail);
    return ends;
  };
  for (
    let at = tail.lastIndexOf(END);
    at >= 0 && records-- > 0;
    at = at > 0 ? tail.lastIndexOf(END, at - 1) : -1
  ) {
    if (at + END_LENGTH > tail.length) continue;
    const end = at + END_LENGTH + tail.readUInt16LE(at + 20);
    const isLast = end === tail.length;
    if (!isLast && behind !== undefined) continue;
    const front = frontOf(reader, tail.subarray(at), from + at, isLast);
    if (front === undefined) {
      if (isDamagedEnd(tail, at, endsOfEntries) || startsWithDirectory(reader))
        behind = { front: 0, end: reader.length };
      continue;
    }
    const place = { front, end: from + Math.min(end, tail.length) };
    if (isLast) return place;
    behind = place;
  }
  return behind;
}

/** True if the directory is in front of the members, behind four bytes at most. */
function startsWithDirectory(reader: ByteReader): boolean {
  const start = Buffer.alloc(8);
  reader.read(0, start);
  return start.readUInt32LE(0) === DIRECTORY || start.readUInt32LE(4) === DIRECTORY;
}

/** True for a record that leads to no directory although it has the size of one, or an entry ends there. */
function isDamagedEnd(tail: Buffer, at: number, endsOfEntries: () => ReadonlySet<number>): boolean {
  const bySize = at - tail.readUInt32LE(at + 12);
  if (bySize >= 0 && bySize <= at - ENTRY_LENGTH && tail.readUInt32LE(bySize) === DIRECTORY) return true;
  return endsOfEntries().has(at);
}

/** Where entries of a directory end. */
function endsOfEntriesIn(tail: Buffer): ReadonlySet<number> {
  const ends = new Set<number>();
  for (let at = tail.indexOf(ENTRY); at >= 0; at = tail.indexOf(ENTRY, at + 1)) {
    if (at + ENTRY_LENGTH > tail.length) break;
    const [name, extra, comment] = [28, 30, 32].map((field) => tail.readUInt16LE(at + field));
    ends.add(at + ENTRY_LENGTH + name! + extra! + comment!);
  }
  return ends;
}

/** Bytes in front of the archive whose record lies at `at`. An empty archive must end with the file. */
function frontOf(reader: ByteReader, record: Buffer, at: number, isLast: boolean): number | undefined {
  const entries = record.readUInt16LE(10);
  const [size, offset] = [record.readUInt32LE(12), record.readUInt32LE(16)];
  if (size === IN_ZIP64 || offset === IN_ZIP64) return frontOfZip64(reader, at, isLast);
  const front = at - size - offset;
  if (entries === 0 && size === 0) return isLast && front >= 0 ? front : undefined;
  if (!isLast && entries !== ENTRIES_IN_ZIP64 && size < entries * ENTRY_LENGTH) return undefined;
  const magic = Buffer.alloc(4);
  const hasDirectory = (from: number): boolean =>
    from >= 0 && reader.read(from + offset, magic) === 4 && magic.readUInt32LE(0) === DIRECTORY;
  if (hasDirectory(front)) return front;
  // Some programs write the directory in front of the members.
  return hasDirectory(0) ? 0 : undefined;
}

/** The same by the zip64 records in front of the record at `end`. */
function frontOfZip64(reader: ByteReader, end: number, isLast: boolean): number | undefined {
  const at = end - ZIP64_LOCATOR.length - ZIP64_END.length;
  const bytes = Buffer.alloc(ZIP64_END.length + ZIP64_LOCATOR.length);
  if (at < 0 || reader.read(at, bytes) < bytes.length) return undefined;
  if (bytes.readUInt32LE(ZIP64_END.length) !== ZIP64_LOCATOR.signature) return undefined;
  if (bytes.readUInt32LE(0) !== ZIP64_END.signature) return isLast ? 0 : undefined;
  const front = at - Number(bytes.readBigUInt64LE(ZIP64_END.length + 8));
  return Number.isSafeInteger(front) && front >= 0 ? front : undefined;
}

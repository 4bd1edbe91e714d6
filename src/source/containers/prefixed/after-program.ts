import { FieldReader, OutOfBounds } from '../../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { readAt } from '../decoding/archive-reads.js';
import { starts } from '../decoding/container.js';

/** Bytes behind a program's own in which an archive begins: 7-Zip writes its settings in front of it. */
const MOST_BEHIND = 64 * 1024;
/** Bytes of a program whose headers make no sense. */
const MOST = 1024 * 1024;
/** Bytes of the tables that are read. */
const MOST_TABLE = 64 * 1024;

/**
 * Archives that are looked for behind other bytes than padding. Each is all that its row asks for, so that
 * the first place is enough: a hostile file has thousands of them.
 */
const SIGNATURES = ["7z\xbc\xaf'\x1c", 'Rar!\x1a\x07\0', 'Rar!\x1a\x07\x01'].map((magic) =>
  Buffer.from(magic, 'latin1'),
);

/** The end of a program's own bytes; undefined if it is none. Throws if its headers are damaged. */
const PROGRAMS: readonly ((head: FieldReader, reader: ByteReader) => number | undefined)[] = [
  endOfElf,
  endOfPe,
];

/** Offsets behind the bytes of a program where an archive may begin. */
export function* afterProgram(head: FieldReader, reader: ByteReader): Generator<number> {
  const end = endOf(head, reader);
  if (end === undefined || end === reader.length) return;
  const isDamaged = end > reader.length;
  const from = isDamaged ? 0 : end;
  const bytes = readAt(reader, from, isDamaged ? MOST : MOST_BEHIND);
  const start = isDamaged ? undefined : endOfPadding(reader, end, bytes);
  if (start !== undefined) yield start;
  for (const magic of SIGNATURES) {
    const at = bytes.indexOf(magic);
    if (at >= 0) yield from + at;
  }
}

/** Infinite if the headers are damaged. */
function endOf(head: FieldReader, reader: ByteReader): number | undefined {
  try {
    for (const end of PROGRAMS) {
      const found = end(head, reader);
      if (found !== undefined) return found;
    }
    return undefined;
  } catch (error) {
    if (error instanceof OutOfBounds) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

/** Files of these types, but for cores (System V ABI, "ELF Header"): object file, program, library. */
const ELF_TYPES = [1, 2, 3];
const NO_BITS = 8;

function endOfElf(head: FieldReader, reader: ByteReader): number | undefined {
  if (!starts('\x7fELF')(head)) return undefined;
  const isWide = head.u8(4) === 2;
  const fields = new FieldReader(head.bytes, head.u8(5) === 2 ? 'be' : 'le');
  if (!ELF_TYPES.includes(fields.u16(16))) return undefined;
  const number = (table: FieldReader, at: number): number => (isWide ? Number(table.u64(at)) : table.u32(at));
  const [segments, sections] = isWide
    ? [number(fields, 32), number(fields, 40)]
    : [number(fields, 28), number(fields, 32)];
  const counts = isWide ? 54 : 42;
  const [segmentSize, segmentCount] = [fields.u16(counts), fields.u16(counts + 2)];
  const [sectionSize, sectionCount] = [fields.u16(counts + 4), fields.u16(counts + 6)];
  let end = Math.max(segments + segmentSize * segmentCount, sections + sectionSize * sectionCount);
  // Mostly the table of sections comes last.
  if (end === reader.length) return end;
  const [offset, length] = isWide ? [8, 32] : [4, 16];
  for (const entry of entries(reader, segments, segmentSize, segmentCount, fields))
    end = Math.max(end, number(entry, offset) + number(entry, length));
  const [at, size] = isWide ? [24, 32] : [16, 20];
  for (const entry of entries(reader, sections, sectionSize, sectionCount, fields))
    if (entry.u32(4) !== NO_BITS) end = Math.max(end, number(entry, at) + number(entry, size));
  return end;
}

function* entries(
  reader: ByteReader,
  from: number,
  size: number,
  count: number,
  { endian }: FieldReader,
): Generator<FieldReader> {
  const table = new FieldReader(readAt(reader, from, Math.min(MOST_TABLE, size * count)), endian, from);
  for (let i = 0; i < count && (i + 1) * size <= MOST_TABLE; i++)
    yield new FieldReader(table.slice(i * size, size), endian, from + i * size);
}

/** A section of a PE file (Microsoft, "PE Format", Section Table), and the end of its header. */
const SECTION = 40;
const PE_HEADER = 24;

/** Of a program for DOS only: pages of 512 bytes, of which the last is not full. */
function endOfDos(head: FieldReader): number {
  const [last, pages] = [head.u16(2), head.u16(4)];
  return pages === 0 ? Number.POSITIVE_INFINITY : 512 * pages - (last > 0 ? 512 - last : 0);
}

function endOfPe(head: FieldReader, reader: ByteReader): number | undefined {
  if (!starts('MZ')(head)) return undefined;
  const at = head.u32(0x3c);
  const header = new FieldReader(readAt(reader, at, PE_HEADER), 'le', at);
  if (header.length < PE_HEADER || header.u32(0) !== 0x4550) return endOfDos(head);
  const [count, optional] = [header.u16(6), header.u16(20)];
  let end = 0;
  for (const entry of entries(reader, at + PE_HEADER + optional, SECTION, count, header))
    end = Math.max(end, entry.u32(16) + entry.u32(20));
  return end;
}

/** NUL, tab, line feed, carriage return, blank. */
const PADDING = [0x00, 0x09, 0x0a, 0x0d, 0x20];
const IS_PADDING = Uint8Array.from({ length: 256 }, (_, byte) => (PADDING.includes(byte) ? 1 : 0));
/** The byte order mark of UTF-8, which some programs write in front of everything. */
const MARK = [0xef, 0xbb, 0xbf];
/** Bytes of padding, at most. */
const AFTER_PADDING_MOST = 1024 * 1024;
const WINDOW = 64 * 1024;

/** The offset of the first byte behind zeros, blanks and line ends, if a file begins with any. */
export function* afterPadding(head: FieldReader, reader: ByteReader): Generator<number> {
  const mark = MARK.every((byte, i) => head.bytes[i] === byte) ? MARK.length : 0;
  const at = endOfPadding(reader, mark, head.bytes.subarray(mark));
  if (at !== undefined && at > 0) yield at;
}

/** The offset of the first byte from `from` on that is no padding. `first`: bytes there that are known. */
function endOfPadding(reader: ByteReader, from: number, first: Uint8Array): number | undefined {
  let at = from;
  for (
    let window = first;
    window.length > 0 && at < from + AFTER_PADDING_MOST;
    window = readAt(reader, at, WINDOW)
  ) {
    let i = 0;
    while (i < window.length && IS_PADDING[window[i]!] === 1) i++;
    at += i;
    if (i < window.length) return at;
  }
  return undefined;
}

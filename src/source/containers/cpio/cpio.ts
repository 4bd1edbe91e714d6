import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { readAt } from '../decoding/archive-reads.js';
import { corrupt, truncated } from '../decoding/decoder.js';
import { type ArchiveReport, type Lister, type Member, reportRest } from '../decoding/member.js';
import { Steps } from '../decoding/yield-points.js';
import { type HeaderFormat, headerFormat, MAGIC, REGULAR, TRAILER, TYPE } from './header.js';

/** Name of the entry at the end. */
const END = TRAILER.subarray(0, -1);
/** Longest name that is read. */
const MOST_NAME = 2 ** 16;

/** Lists the members of cpio archives, of all where they follow one another as in an initramfs. */
export const listCpio: Lister = async function* (reader, report) {
  let at = 0;
  const steps = new Steps();
  for (let ended = false; at < reader.length; ) {
    if (steps.areMany()) yield undefined;
    const skipped = ended ? yield* skipZeros(reader, at, steps) : at;
    const format = headerFormat(readAt(reader, skipped, MAGIC));
    if (ended && format === undefined) return yield* rest(reader, skipped);
    at = skipped;
    const next = format && readMember(reader, format, at);
    if (next === undefined) return reportRest(report, corrupt('cpio', at));
    if (next.name.equals(END)) ended = true;
    else {
      ended = false;
      // A file of several names has its content behind the last one only.
      if (next.isFile && (next.size > 0 || next.links < 2)) yield member(reader, next, report);
    }
    at = next.end;
    if (at >= reader.length && !ended) reportRest(report, truncated('cpio', reader.length));
  }
};

interface Read {
  name: Buffer;
  isFile: boolean;
  links: number;
  mtime: number;
  data: number;
  size: number;
  /** Offset of the next header. */
  end: number;
}

function readMember(reader: ByteReader, { length, align, read }: HeaderFormat, at: number): Read | undefined {
  const header = readAt(reader, at, length);
  const fields = header.length < length ? undefined : read(header);
  if (fields === undefined) return undefined;
  const { mode, links, mtime, nameLength, size } = fields;
  if (nameLength === 0 || nameLength > MOST_NAME) return undefined;
  const name = readAt(reader, at + length, nameLength - 1);
  const aligned = (offset: number): number => Math.ceil(offset / align) * align;
  const data = at + aligned(length + nameLength);
  const isFile = (mode & TYPE) === REGULAR;
  return { name, isFile, links, mtime, data, size, end: aligned(data - at + size) + at };
}

function member(reader: ByteReader, { name, mtime, data, size }: Read, report: ArchiveReport): Member {
  const length = Math.max(0, Math.min(size, reader.length - data));
  if (length < size) reportRest(report, truncated('cpio', reader.length));
  return { name, mtime: new Date(mtime * 1000), stored: { offset: data, length } };
}

/** What follows the last archive: an initramfs has a compressed one there. */
function* rest(reader: ByteReader, at: number): Generator<Member> {
  const length = reader.length - at;
  if (length > 0) yield { name: Buffer.from('rest'), stored: { offset: at, length } };
}

const WINDOW = 2 ** 16;
/** Steps that a window counts as. */
const STEPS = 64;

/** Offset of the next byte that is not zero. */
function* skipZeros(reader: ByteReader, from: number, steps: Steps): Generator<undefined, number> {
  for (let at = from; at < reader.length; at += WINDOW) {
    const window = readAt(reader, at, WINDOW);
    const found = window.findIndex((byte) => byte !== 0);
    if (found >= 0) return at + found;
    if (steps.areMany(STEPS)) yield undefined;
  }
  return reader.length;
}

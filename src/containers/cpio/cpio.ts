import type { ByteReader } from '../../base/bytes/storage.js';
import { readAt } from '../decoding/archive-reads.js';
import { corrupt, truncated } from '../decoding/decoder.js';
import { type ArchiveReport, type Lister, type Member, reportRest } from '../decoding/member.js';
import { Steps } from '../decoding/yield-points.js';

/** Numbers of a header (cpio(5) of libarchive): digits of a base, from an offset on. */
interface HeaderFormat {
  /** Bytes of the header. */
  length: number;
  base: 8 | 16;
  mode: Field;
  links: Field;
  mtime: Field;
  nameLength: Field;
  size: Field;
  /** Header and name together, and the content, end at a multiple of it. */
  align: number;
}
type Field = readonly [at: number, digits: number];

const NEW: HeaderFormat = {
  ...{ length: 110, base: 16, align: 4 },
  ...{ mode: [14, 8], links: [38, 8], mtime: [46, 8], size: [54, 8], nameLength: [94, 8] },
};
const OLD: HeaderFormat = {
  ...{ length: 76, base: 8, align: 1 },
  ...{ mode: [18, 6], links: [36, 6], mtime: [48, 11], nameLength: [59, 6], size: [65, 11] },
};
const FORMATS: Readonly<Record<string, HeaderFormat>> = { '070701': NEW, '070702': NEW, '070707': OLD };

const TRAILER = 'TRAILER!!!';
/** Longest name that is read. */
const MOST_NAME = 2 ** 16;
/** Type of a file in its mode (inode(7)), and that of regular files. */
const TYPE = 0o170000;
const REGULAR = 0o100000;

/** Lists the members of cpio archives, of all where they follow one another as in an initramfs. */
export const listCpio: Lister = async function* (reader, report) {
  let at = 0;
  const steps = new Steps();
  for (let ended = false; at < reader.length; ) {
    if (steps.areMany()) yield undefined;
    const skipped = ended ? yield* skipZeros(reader, at, steps) : at;
    const format = FORMATS[readAt(reader, skipped, 6).toString('latin1')];
    if (ended && format === undefined) return yield* rest(reader, skipped);
    at = skipped;
    const next = format && readMember(reader, format, at);
    if (next === undefined) return reportRest(report, corrupt('cpio', at));
    if (next.name.equals(Buffer.from(TRAILER))) ended = true;
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

function readMember(reader: ByteReader, format: HeaderFormat, at: number): Read | undefined {
  const header = readAt(reader, at, format.length).toString('latin1');
  const pattern = format.base === 8 ? /^[0-7]+$/ : /^[0-9A-Fa-f]+$/;
  if (header.length < format.length || !pattern.test(header.slice(6))) return undefined;
  const number = ([from, digits]: Field): number =>
    Number.parseInt(header.slice(from, from + digits), format.base);
  const nameLength = number(format.nameLength);
  if (nameLength === 0 || nameLength > MOST_NAME) return undefined;
  const name = readAt(reader, at + format.length, nameLength - 1);
  const aligned = (offset: number): number => Math.ceil(offset / format.align) * format.align;
  const data = at + aligned(format.length + nameLength);
  const size = number(format.size);
  const isFile = (number(format.mode) & TYPE) === REGULAR;
  const [mtime, links] = [number(format.mtime), number(format.links)];
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

import { readAt, untilNul } from '../decoding/archive-reads.js';
import { corrupt, truncated } from '../decoding/decoder.js';
import { type Lister, type Member, reportRest } from '../decoding/member.js';
import { Steps } from '../decoding/yield-points.js';

/** The magic before the first header. */
const MAGIC = 8;
/** Bytes of a header (ar(5)): name 16, time 12, owners 12, mode 8, size 10, and its end. */
const HEADER = 60;
const END = '`\n';
/** Longest table of names that is read. */
const LONGEST_TABLE = 2 ** 24;
/** Longest name that is read: files have shorter ones. */
const LONGEST_NAME = 2 ** 16;

/** Lists the members of an ar archive, with long names as GNU and BSD have them. */
export const listAr: Lister = async function* (reader, report) {
  let names: Buffer = Buffer.alloc(0);
  const steps = new Steps();
  for (let at = MAGIC; at < reader.length; ) {
    if (steps.areMany()) yield undefined;
    const header = readAt(reader, at, HEADER).toString('latin1');
    if (header.length < HEADER) return reportRest(report, truncated('ar', at));
    const size = number(header.slice(48, 58));
    if (header.slice(58) !== END || size === undefined) return reportRest(report, corrupt('ar', at));
    const data = at + HEADER;
    const length = Math.max(0, Math.min(size, reader.length - data));
    if (length < size) reportRest(report, truncated('ar', reader.length));
    const field = header.slice(0, 16).trimEnd();
    if (field === '//') names = readAt(reader, data, Math.min(length, LONGEST_TABLE));
    const member: Member = { name: nameOf(field, names), stored: { offset: data, length } };
    const inData = /^#1\/([0-9]+)$/.exec(field)?.[1];
    if (inData !== undefined) {
      const bytes = Math.min(Number(inData), length);
      member.name = untilNul(readAt(reader, data, Math.min(bytes, LONGEST_NAME)));
      member.stored = { offset: data + bytes, length: length - bytes };
    }
    const mtime = number(header.slice(16, 28));
    if (mtime !== undefined) member.mtime = new Date(mtime * 1000);
    const isTable = field === '/' || field === '//';
    if (member.stored.length > 0 || (size === length && !isTable)) yield member;
    at = data + size + (size & 1);
  }
};

const number = (field: string): number | undefined =>
  /^[0-9]+ *$/.test(field) ? Number.parseInt(field, 10) : undefined;

/** `name/` or `name`, or `/n`: the name at offset n of the table, up to a slash and a line feed. */
function nameOf(field: string, names: Buffer): Uint8Array {
  const offset = /^\/([0-9]+)$/.exec(field)?.[1];
  if (offset === undefined) return Buffer.from(field.replace(/(?<=[^/])\/$/, ''), 'latin1');
  const name = names.subarray(Number(offset), Number(offset) + LONGEST_NAME);
  const end = name.indexOf('\n');
  return name.subarray(0, end < 0 ? name.length : name[end - 1] === 0x2f ? end - 1 : end);
}

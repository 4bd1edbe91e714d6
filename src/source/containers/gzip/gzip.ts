import { crc32 } from 'node:zlib';
import { OutOfBounds } from '../../../core/base/bytes/field-reader.js';
import {
  type DecodeReport,
  mismatch,
  type OutputBuffer,
  reportDoubtful,
  reportLost,
  trailing,
  truncated,
  unlessCut,
} from '../decoding/decoder.js';
import type { DecoderInput } from '../decoding/input.js';
import { YieldPoints } from '../decoding/yield-points.js';
import { inflated } from '../deflate/inflated.js';

/** Longest header that is read: FEXTRA has up to 64 KiB, names and comments have no limit. */
const HEADER = 256 * 1024;

/** Bits of FLG (RFC 1952, section 2.3.1). */
const FHCRC = 2;
const FEXTRA = 4;
const FNAME = 8;
const FCOMMENT = 16;
const RESERVED = 0xe0;

/**
 * Deflate data and trailer of an empty member, as gzip writes it: a zlib stream for each would take 0.1 ms.
 */
const EMPTY_MEMBER = Buffer.of(3, 0, 0, 0, 0, 0, 0, 0, 0, 0);

interface MemberHeader {
  /** Length in bytes. */
  length: number;
  name: Uint8Array | undefined;
  /** Seconds since 1970, 0: not known. */
  mtime: number;
  hasExtraField: boolean;
}

/**
 * Member header (RFC 1952, section 2.3), or undefined if the
 * bytes are not one. Throws OutOfBounds if it is cut off.
 */
function readHeader(input: DecoderInput): MemberHeader | undefined {
  const fields = input.fields(HEADER);
  const flags = fields.u8(3);
  if (fields.u16(0) !== 0x8b1f || fields.u8(2) !== 8 || (flags & RESERVED) !== 0) return undefined;
  let at = 10;
  if (flags & FEXTRA) at += 2 + fields.u16(at);
  const text = (): Uint8Array => {
    const end = fields.bytes.indexOf(0, at);
    if (end < 0) throw new OutOfBounds('an unfinished name', fields.base + at);
    const bytes = Uint8Array.from(fields.slice(at, end - at)); // a copy: the input moves on
    at = end + 1;
    return bytes;
  };
  const name = flags & FNAME ? text() : undefined;
  if (flags & FCOMMENT) text();
  if (flags & FHCRC) at += 2;
  fields.slice(0, at);
  return { length: at, mtime: fields.u32(4), name, hasExtraField: (flags & FEXTRA) !== 0 };
}

/** gzip of any number of members (RFC 1952, section 2.2). */
export async function* gunzip(
  input: DecoderInput,
  report: DecodeReport,
  buffer?: OutputBuffer,
): AsyncGenerator<Uint8Array> {
  const yieldPoints = new YieldPoints();
  report.hasOnlyContent = true;
  for (let first = true; ; first = false) {
    const start = input.offset;
    if (!first && input.peek(1).length === 0) return;
    const header = headerOrCut(input);
    if (header === undefined) return trailing('gzip', input, report);
    if (header === 'cut') return reportLost(report, truncated('gzip', start));
    if (first) {
      if (header.name !== undefined) report.name = header.name;
      if (header.mtime !== 0) report.mtime = new Date(header.mtime * 1000);
    }
    if (header.hasExtraField) report.hasOnlyContent = false;
    input.skip(header.length);
    if (EMPTY_MEMBER.equals(input.peek(EMPTY_MEMBER.length))) {
      input.skip(EMPTY_MEMBER.length);
      yield* yieldPoints.next(input);
    } else if (!(yield* member(input, report, start, buffer))) return;
    else yield* yieldPoints.next(input);
  }
}

function headerOrCut(input: DecoderInput): MemberHeader | 'cut' | undefined {
  const magic = input.peek(2);
  if (magic[0] !== 0x1f || (magic.length > 1 && magic[1] !== 0x8b)) return undefined;
  return unlessCut(() => readHeader(input));
}

/** Deflate data and trailer of one member; false if the bytes after it cannot be decoded. */
async function* member(
  input: DecoderInput,
  report: DecodeReport,
  start: number,
  buffer: OutputBuffer | undefined,
): AsyncGenerator<Uint8Array, boolean> {
  const first = report.decoded;
  let sum = 0;
  const content = inflated(input, report, 'gzip', buffer);
  let next = await content.next();
  for (; !next.done; next = await content.next()) {
    sum = crc32(next.value, sum);
    yield next.value;
  }
  if (!next.value) return false;
  if (input.peek(8).length < 8) {
    reportLost(report, truncated('gzip', input.offset));
    return false;
  }
  const trailer = input.fields(8);
  const matches = trailer.u32(0) === sum && trailer.u32(4) === (report.decoded - first) % 2 ** 32;
  if (!matches) reportDoubtful(report, first, mismatch('gzip', 'CRC-32 or length', start));
  input.skip(8);
  return true;
}

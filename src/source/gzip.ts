import { constants, crc32, createInflateRaw } from 'node:zlib';
import { OutOfBounds } from '../base/bytes/field-reader.js';
import {
  type Account,
  corrupt,
  doubt,
  lose,
  mismatch,
  trailing,
  truncated,
  withoutFirst,
} from './decoder.js';
import type { Input } from './input.js';
import { YieldPoints } from './yield-points.js';
import { BLOCK, ZlibStream } from './zlib-stream.js';

/** Input given at once: DEFLATE expands at most 1,032 times, so one slice stays below 66 MiB of output. */
const SLICE = 64 * 1024;
/** Longest header that is looked at: FEXTRA holds up to 64 KiB, names and comments have no limit of their own. */
const HEADER = 256 * 1024;

/** Bits of FLG (RFC 1952, section 2.3.1). */
const FHCRC = 2;
const FEXTRA = 4;
const FNAME = 8;
const FCOMMENT = 16;
const RESERVED = 0xe0;

/** Deflate data and trailer of a member without content, as gzip writes it: an engine for each of them would take 0.1 ms. */
const NO_CONTENT = Buffer.of(3, 0, 0, 0, 0, 0, 0, 0, 0, 0);

interface MemberHeader {
  /** Length in bytes. */
  length: number;
  name?: Uint8Array;
  /** Seconds since 1970, 0: not known. */
  mtime: number;
}

/** Member header (RFC 1952, section 2.3), or undefined where the bytes are none; throws OutOfBounds at a cut. */
function readHeader(input: Input): MemberHeader | undefined {
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
  return { length: at, mtime: fields.u32(4), ...(name === undefined ? {} : { name }) };
}

const newEngine = (): ZlibStream =>
  new ZlibStream(createInflateRaw({ chunkSize: BLOCK, finishFlush: constants.Z_SYNC_FLUSH }));

/** gzip of any number of members (RFC 1952, section 2.2). */
export async function* gunzip(input: Input, account: Account): AsyncGenerator<Uint8Array> {
  const turns = new YieldPoints();
  for (let first = true; ; first = false) {
    const start = input.offset;
    if (!first && input.peek(1).length === 0) return;
    const header = headerOrCut(input);
    if (header === undefined) return trailing('gzip', input, account);
    if (header === 'cut') return lose(account, truncated('gzip', start));
    if (first) {
      if (header.name !== undefined) account.name = header.name;
      if (header.mtime !== 0) account.mtime = new Date(header.mtime * 1000);
    }
    input.skip(header.length);
    if (NO_CONTENT.equals(input.peek(NO_CONTENT.length))) {
      input.skip(NO_CONTENT.length);
      yield* turns.next(input);
    } else if (!(yield* member(input, account, start))) return;
  }
}

function headerOrCut(input: Input): MemberHeader | 'cut' | undefined {
  const magic = input.peek(2);
  if (magic[0] !== 0x1f || (magic.length > 1 && magic[1] !== 0x8b)) return undefined;
  try {
    return readHeader(input);
  } catch (error) {
    if (error instanceof OutOfBounds) return 'cut';
    throw error;
  }
}

/** Deflate data and trailer of one member; false where nothing after it can be read. */
async function* member(input: Input, account: Account, start: number): AsyncGenerator<Uint8Array, boolean> {
  const first = account.decoded;
  const data = input.offset;
  let sum = 0;
  const engine = newEngine();
  try {
    while (!engine.ended) {
      const slice = input.peek(SLICE);
      if (slice.length === 0) {
        lose(account, truncated('gzip', input.offset));
        return false;
      }
      let failed = false;
      await engine.push(slice).catch(() => {
        failed = true;
      });
      for (const chunk of engine.take()) {
        sum = crc32(chunk, sum);
        yield chunk;
      }
      if (failed) {
        yield* withoutFirst(inSmallSteps(input.rewound(data), input.offset), account.decoded - first);
        lose(account, corrupt('gzip', input.offset));
        return false;
      }
      input.skip(engine.consumed - (input.offset - data));
    }
  } finally {
    engine.close();
  }
  if (input.peek(8).length < 8) {
    lose(account, truncated('gzip', input.offset));
    return false;
  }
  const trailer = input.fields(8);
  const matches = trailer.u32(0) === sum && trailer.u32(4) === (account.decoded - first) % 2 ** 32;
  if (!matches) doubt(account, first, mismatch('gzip', 'CRC-32 or length', start));
  input.skip(8);
  return true;
}

/**
 * A damaged member once more, with the last slice given in small steps: zlib keeps the output of a failing call to
 * itself. Everything before the damage but for the last 64 bytes of input comes out.
 */
async function* inSmallSteps(input: Input, bad: number): AsyncGenerator<Uint8Array> {
  const engine = newEngine();
  try {
    for (;;) {
      const left = bad - input.offset;
      const slice = input.peek(left > 0 ? Math.min(SLICE, left) : 64);
      if (slice.length === 0) return;
      await engine.push(slice);
      input.skip(slice.length);
      yield* engine.take();
    }
  } catch {
    // The damage again, which is told already.
    yield* engine.take();
  } finally {
    engine.close();
  }
}

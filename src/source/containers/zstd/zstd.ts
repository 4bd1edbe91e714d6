import { DumpsieveError } from '../../../core/base/runtime/errors.js';
import type { Warning } from '../../../core/base/runtime/warnings.js';
import {
  corrupt,
  type DecodeReport,
  mismatch,
  type OutputBuffer,
  reportDoubtful,
  reportLost,
  skipFirst,
  trailing,
  truncated,
  unlessCut,
  warningOf,
  warnings,
} from '../decoding/decoder.js';
import type { DecoderInput } from '../decoding/input.js';
import { isSkippable } from '../decoding/skippable.js';
import { YieldPoints } from '../decoding/yield-points.js';
import {
  type FrameDecoder,
  type NewDecoder,
  nativeDecoder,
  ZSTD_WINDOW,
  zstdFallback,
} from './zstd-frame.js';

/** Magic number (RFC 8878, section 3.1.1). */
const FRAME = 0xfd2fb528;

/** Block_Type (RFC 8878, section 3.1.1.2). */
const RLE = 1;
const COMPRESSED = 2;
const RESERVED = 3;

/** Upper bound on the content of blocks decoded together, which bounds the memory. */
const BATCH = 8 * 1024 * 1024;
const BLOCK_MAX = 128 * 1024;
const BLOCK_HEADER = 3;

interface FrameHeader {
  /** Length in bytes, magic included. */
  length: number;
  /** Window_Size in bytes: the memory that a decoder needs. */
  window: number;
  dictionary: number;
  checksum: boolean;
  contentSize: number | undefined;
}

/**
 * Frame_Header (RFC 8878, section 3.1.1.1), or undefined if a reserved bit is set. Throws OutOfBounds if it
 * is cut off.
 */
function readFrameHeader(input: DecoderInput): FrameHeader | undefined {
  const fields = input.fields(18);
  const descriptor = fields.u8(4);
  if (descriptor & 8) return undefined;
  const single = (descriptor & 0x20) !== 0;
  let at = 5;
  let window = 0;
  if (!single) {
    const byte = fields.u8(at++);
    const base = 2 ** (10 + (byte >> 3));
    window = base + (base / 8) * (byte & 7);
  }
  const idLength = [0, 1, 2, 4][descriptor & 3] ?? 0;
  let dictionary = 0;
  for (let i = 0; i < idLength; i++) dictionary += fields.u8(at++) * 256 ** i;
  const sizeLength = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const size = {
    0: () => undefined,
    1: () => fields.u8(at),
    2: () => fields.u16(at) + 256,
    4: () => fields.u32(at),
    8: () => Number(fields.u64(at)),
  }[sizeLength as 0 | 1 | 2 | 4 | 8]();
  return {
    length: at + sizeLength,
    window: single ? (size ?? 0) : window,
    dictionary,
    checksum: (descriptor & 4) !== 0,
    contentSize: size,
  };
}

/** Decodes any number of frames, skippable ones included (RFC 8878, section 3.1). */
export async function* unzstd(
  input: DecoderInput,
  report: DecodeReport,
  buffer?: OutputBuffer,
  newDecoder = nativeDecoder() ?? zstdFallback,
): AsyncGenerator<Uint8Array> {
  const yieldPoints = new YieldPoints();
  report.hasOnlyContent = true;
  for (;;) {
    const start = input.offset;
    const head = input.peek(8);
    if (head.length === 0) return;
    if (head.length < 4) return trailing('zstd', input, report);
    const magic = input.fields(4).u32(0);
    if (isSkippable(magic)) {
      report.hasOnlyContent = false;
      const length = head.length < 8 ? 8 : 8 + input.fields(8).u32(4);
      if (input.skip(length) < length) return reportLost(report, truncated('zstd', input.offset));
      yield* yieldPoints.next(input);
    } else if (magic === FRAME) {
      if (!(yield* frame(input, report, start, { newDecoder, buffer }))) return;
    } else return trailing('zstd', input, report);
  }
}

/** The reason why a valid frame cannot be decoded here. */
function refusal(header: FrameHeader, start: number): Warning | undefined {
  const at = `the zstd frame at offset ${start} of the container`;
  if (header.dictionary !== 0) {
    return warnings.of('zstd-dictionary', {
      message: `${at} needs dictionary ${header.dictionary}`,
      hint: 'decode it with its dictionary: zstd -dc -D DICTIONARY FILE | dumpsieve scan -',
      offset: start,
    });
  }
  if (header.window <= ZSTD_WINDOW) return undefined;
  return warnings.of('zstd-window', {
    message: `${at} needs a window of ${header.window} bytes, more than the ${ZSTD_WINDOW} that are allowed`,
    hint: 'decode it outside: zstd -dc --long=31 FILE | dumpsieve scan -',
    offset: start,
  });
}

async function* frame(
  input: DecoderInput,
  report: DecodeReport,
  start: number,
  { newDecoder, buffer }: { newDecoder: NewDecoder; buffer: OutputBuffer | undefined },
): AsyncGenerator<Uint8Array, boolean> {
  const header = unlessCut(() => readFrameHeader(input));
  if (header === 'cut' || header === undefined) {
    reportLost(report, (header === 'cut' ? truncated : corrupt)('zstd', start));
    return false;
  }
  const refused = refusal(header, start);
  if (refused !== undefined) {
    reportLost(report, refused);
    return false;
  }
  const first = report.decoded;
  const decoder = newDecoder(header.window, buffer);
  try {
    const fault = yield* blocks(input, header, decoder);
    if (fault !== undefined) {
      // zlib discards the output of a failing call; fzstd yields every block before the damage.
      if (fault.code === corrupt('', 0).code && newDecoder !== zstdFallback) {
        const again = blocks(input.rewound(start), header, zstdFallback(header.window));
        yield* skipFirst(again, report.decoded - first);
      }
      reportLost(report, fault);
      return false;
    }
    if (header.checksum && !(yield* checksum(input, report, start, first, decoder))) return false;
  } finally {
    decoder.close();
  }
  if (header.contentSize !== undefined && header.contentSize !== report.decoded - first) {
    reportDoubtful(report, first, mismatch('zstd', 'content size', start));
  }
  return true;
}

/** Content_Checksum: the low four bytes of XXH64 (RFC 8878, section 3.1.1). False if it is cut off. */
async function* checksum(
  input: DecoderInput,
  report: DecodeReport,
  start: number,
  first: number,
  decoder: FrameDecoder,
): AsyncGenerator<Uint8Array, boolean> {
  const sum = Buffer.from(input.peek(4));
  if (sum.length < 4) {
    reportLost(report, truncated('zstd', input.offset));
    return false;
  }
  input.skip(4);
  const error = yield* untilError(decoder.decode(sum, true));
  if (error !== undefined) reportDoubtful(report, first, mismatch('zstd', 'checksum', start));
  return true;
}

type Fault = typeof truncated | typeof corrupt;

/** A block: its bytes with the header, and an upper bound on its content in bytes. */
interface Block {
  length: number;
  content: number;
  last: boolean;
}

/** Reads a Block_Header (RFC 8878, section 3.1.1.2), or returns what is wrong with it. */
function readBlock(input: DecoderInput, window: number): Block | Fault {
  const head = input.peek(BLOCK_HEADER);
  if (head.length < BLOCK_HEADER) return truncated;
  const word = (head[0] ?? 0) | ((head[1] ?? 0) << 8) | ((head[2] ?? 0) << 16);
  const type = (word >> 1) & 3;
  const size = word >> 3;
  if (type === RESERVED || size > Math.min(BLOCK_MAX, window)) return corrupt;
  return {
    length: BLOCK_HEADER + (type === RLE ? 1 : size),
    content: type === COMPRESSED ? BLOCK_MAX : size,
    last: (word & 1) === 1,
  };
}

/** Yields the content; returns the error that ended it, or undefined. */
async function* untilError(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, unknown> {
  try {
    yield* content;
    return undefined;
  } catch (error) {
    return error ?? new Error('unknown');
  }
}

/** Whole blocks of a frame, the first with the frame header, and the offset of the last one. */
interface Batch {
  bytes: Uint8Array;
  at: number;
}

/**
 * Splits a frame into blocks by their headers, so that its end and a cut are known exactly. A batch lies in
 * the input's memory, and is valid until the next but one. Returns what ended the frame early.
 */
function* batches(
  input: DecoderInput,
  { length, window }: FrameHeader,
): Generator<Batch, Warning | undefined> {
  let used = length;
  let room = BATCH;
  let at = input.offset;
  // A rewound input has no bytes buffered, and `skipped` needs them.
  input.peek(length);
  input.skip(length);
  const batch = (): Batch => {
    const bytes = input.skipped(used);
    used = 0;
    room = BATCH;
    return { bytes, at };
  };
  for (;;) {
    // The next read goes to other memory.
    if (used > 0 && !input.isBuffered(BLOCK_HEADER)) yield batch();
    at = input.offset;
    const block = readBlock(input, window);
    const faulty = typeof block === 'function';
    if (used > 0 && (faulty || !input.isBuffered(block.length))) yield batch();
    if (faulty) return block('zstd', at);
    if (input.peek(block.length).length < block.length) {
      if (used > 0) yield batch();
      return truncated('zstd', at);
    }
    used += input.skip(block.length);
    room -= Math.max(block.content, block.length);
    if (block.last || room <= 0) yield batch();
    if (block.last) return undefined;
  }
}

/**
 * Decodes a frame's blocks: one batch is decoded while the next is read and the output of the last is
 * consumed. Returns what ended the frame early.
 */
async function* blocks(
  input: DecoderInput,
  header: FrameHeader,
  decoder: FrameDecoder,
): AsyncGenerator<Uint8Array, Warning | undefined> {
  const gathered = batches(input, header);
  const begin = () => {
    try {
      const { done, value } = gathered.next();
      return done ? { fault: value } : { at: value.at, content: decoder.decode(value.bytes) };
    } catch (failure) {
      return { failure };
    }
  };
  let batch = begin();
  while (batch.content !== undefined) {
    const next = begin();
    const error = yield* untilError(batch.content);
    if (error instanceof DumpsieveError) return warningOf(error);
    if (error !== undefined) return corrupt('zstd', batch.at);
    batch = next;
  }
  if ('failure' in batch) throw batch.failure;
  if (batch.fault !== undefined || header.checksum) return batch.fault;
  const error = yield* untilError(decoder.decode(new Uint8Array(0), true));
  return error === undefined ? undefined : corrupt('zstd', input.offset);
}

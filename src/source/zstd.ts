import { OutOfBounds } from '../base/bytes/field-reader.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import type { Warning } from '../base/runtime/warnings.js';
import {
  type Account,
  corrupt,
  doubt,
  type Lender,
  lose,
  mismatch,
  trailing,
  truncated,
  withoutFirst,
} from './decoder.js';
import type { Input } from './input.js';
import { warningOf, warnings } from './warnings.js';
import { YieldPoints } from './yield-points.js';
import {
  type FrameDecoder,
  type NewDecoder,
  nativeDecoder,
  ZSTD_WINDOW,
  zstdFallback,
} from './zstd-frame.js';

/** Magic numbers (RFC 8878, sections 3.1.1 and 3.1.2). */
const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;

const isSkippable = (magic: number): boolean => (magic & 0xfffffff0) === SKIPPABLE;

/** Block_Type (RFC 8878, section 3.1.1.2). */
const RLE = 1;
const COMPRESSED = 2;
const RESERVED = 3;

/** Blocks are decoded together up to this much content, so that a slice bounds the memory. */
const BATCH = 8 * 1024 * 1024;
const BLOCK_MAX = 128 * 1024;
const BLOCK_HEADER = 3;

interface FrameHeader {
  /** Length in bytes, magic included. */
  length: number;
  /** Window_Size in bytes: how far back a match reaches, so what a decoder must hold. */
  window: number;
  dictionary: number;
  checksum: boolean;
  contentSize: number | undefined;
}

/** Frame_Header (RFC 8878, section 3.1.1.1), or undefined where a reserved bit is set; throws OutOfBounds at a cut. */
function readFrameHeader(input: Input): FrameHeader | undefined {
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

/** zstd of any number of frames, skippable ones among them (RFC 8878, section 3.1). */
export async function* unzstd(
  input: Input,
  account: Account,
  lender?: Lender,
  newDecoder = nativeDecoder() ?? zstdFallback,
): AsyncGenerator<Uint8Array> {
  const turns = new YieldPoints();
  for (;;) {
    const start = input.offset;
    const head = input.peek(8);
    if (head.length === 0) return;
    if (head.length < 4) return trailing('zstd', input, account);
    const magic = input.fields(4).u32(0);
    if (isSkippable(magic)) {
      const length = head.length < 8 ? 8 : 8 + input.fields(8).u32(4);
      if (input.skip(length) < length) return lose(account, truncated('zstd', input.offset));
      yield* turns.next(input);
    } else if (magic === FRAME) {
      if (!(yield* frame(input, account, start, { newDecoder, lender }))) return;
    } else return trailing('zstd', input, account);
  }
}

/** Why a frame that is well formed cannot be decoded here. */
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
  input: Input,
  account: Account,
  start: number,
  { newDecoder, lender }: { newDecoder: NewDecoder; lender: Lender | undefined },
): AsyncGenerator<Uint8Array, boolean> {
  const header = headerOrCut(input);
  if (header === 'cut' || header === undefined) {
    lose(account, (header === 'cut' ? truncated : corrupt)('zstd', start));
    return false;
  }
  const refused = refusal(header, start);
  if (refused !== undefined) {
    lose(account, refused);
    return false;
  }
  const first = account.decoded;
  const decoder = newDecoder(header.window, lender);
  try {
    const fault = yield* blocks(input, header, decoder);
    if (fault !== undefined) {
      // zlib keeps the output of a failing call to itself; fzstd gives every block before the damage.
      if (fault.code === corrupt('', 0).code && newDecoder !== zstdFallback) {
        const again = blocks(input.rewound(start), header, zstdFallback(header.window));
        yield* withoutFirst(again, account.decoded - first);
      }
      lose(account, fault);
      return false;
    }
    if (header.checksum && !(yield* checksum(input, account, start, first, decoder))) return false;
  } finally {
    decoder.close();
  }
  if (header.contentSize !== undefined && header.contentSize !== account.decoded - first) {
    doubt(account, first, mismatch('zstd', 'content size', start));
  }
  return true;
}

/** Content_Checksum: the low four bytes of XXH64 (RFC 8878, section 3.1.1). False where it is cut off. */
async function* checksum(
  input: Input,
  account: Account,
  start: number,
  first: number,
  decoder: FrameDecoder,
): AsyncGenerator<Uint8Array, boolean> {
  const sum = Buffer.from(input.peek(4));
  if (sum.length < 4) {
    lose(account, truncated('zstd', input.offset));
    return false;
  }
  input.skip(4);
  const error = yield* handedOut(decoder.decode(sum, true));
  if (error !== undefined) doubt(account, first, mismatch('zstd', 'checksum', start));
  return true;
}

function headerOrCut(input: Input): FrameHeader | 'cut' | undefined {
  try {
    return readFrameHeader(input);
  } catch (error) {
    if (error instanceof OutOfBounds) return 'cut';
    throw error;
  }
}

type Fault = typeof truncated | typeof corrupt;

/** A block: its length with its header, and the most content that it has, both in bytes. */
interface Block {
  length: number;
  content: number;
  last: boolean;
}

/** Block_Header, or what is wrong with it (RFC 8878, section 3.1.1.2). */
function readBlock(input: Input, window: number): Block | Fault {
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

/** Content, and the error that ended it, or undefined. */
async function* handedOut(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, unknown> {
  try {
    yield* content;
    return undefined;
  } catch (error) {
    return error ?? new Error('unknown');
  }
}

/** Whole blocks of a frame, the first with its header, and the offset of the last one. */
interface Batch {
  bytes: Uint8Array;
  at: number;
}

/**
 * Walks a frame's blocks by their headers, so that each frame's end and each cut is known to the byte. A batch lies in the input's own
 * memory and is valid until the next but one is asked for. Returns what ends the frame before its end.
 */
function* batches(input: Input, { length, window }: FrameHeader): Generator<Batch, Warning | undefined> {
  let used = length;
  let room = BATCH;
  let at = input.offset;
  // Of a rewound input nothing has been read: the header would be moved on by unseen.
  input.peek(length);
  input.skip(length);
  const batch = (): Batch => {
    const bytes = input.passed(used);
    used = 0;
    room = BATCH;
    return { bytes, at };
  };
  for (;;) {
    // What has to be read lies in other memory.
    if (used > 0 && !input.has(BLOCK_HEADER)) yield batch();
    at = input.offset;
    const block = readBlock(input, window);
    const faulty = typeof block === 'function';
    if (used > 0 && (faulty || !input.has(block.length))) yield batch();
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

/** Decodes a frame's blocks. While one batch is decoded, the next is gathered and what the last one gave is used. Returns what ended it. */
async function* blocks(
  input: Input,
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
    const error = yield* handedOut(batch.content);
    if (error instanceof DumpsieveError) return warningOf(error);
    if (error !== undefined) return corrupt('zstd', batch.at);
    batch = next;
  }
  if ('failure' in batch) throw batch.failure;
  if (batch.fault !== undefined || header.checksum) return batch.fault;
  const error = yield* handedOut(decoder.decode(new Uint8Array(0), true));
  return error === undefined ? undefined : corrupt('zstd', input.offset);
}

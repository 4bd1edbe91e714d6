import { OutOfBounds } from '../bytes.js';
import { type Account, corrupt, doubt, lose, mismatch, trailing, truncated } from './decoder.js';
import type { Input } from './input.js';
import { type FrameDecoder, nativeDecoder, ZSTD_WINDOW, zstdFallback } from './zstd-frame.js';

/** Magic numbers (RFC 8878, sections 3.1.1 and 3.1.2). */
const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;

const isSkippable = (magic: number): boolean => (magic & 0xfffffff0) === SKIPPABLE;

/** Block_Type (RFC 8878, section 3.1.1.2). */
const RLE = 1;
const RESERVED = 3;

/** Blocks are decoded together up to this much content, so that a slice bounds the memory. */
const BATCH = 1024 * 1024;
const BLOCK_MAX = 128 * 1024;

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
export async function* unzstd(input: Input, account: Account): AsyncGenerator<Uint8Array> {
  for (;;) {
    const start = input.offset;
    const head = input.peek(8);
    if (head.length === 0) return;
    if (head.length < 4) return trailing('zstd', input, account);
    const magic = input.fields(4).u32(0);
    if (isSkippable(magic)) {
      const length = head.length < 8 ? 8 : 8 + input.fields(8).u32(4);
      if (input.skip(length) < length) return lose(account, truncated('zstd', input.offset));
    } else if (magic === FRAME) {
      if (!(yield* frame(input, account, start))) return;
    } else return trailing('zstd', input, account);
  }
}

/** Why a frame that is well formed cannot be decoded here. */
function refusal(
  header: FrameHeader,
  start: number,
): { code: string; message: string; hint: string } | undefined {
  const at = `the zstd frame at offset ${start} of the container`;
  if (header.dictionary !== 0) {
    return {
      code: 'zstd-dictionary',
      message: `${at} needs dictionary ${header.dictionary}`,
      hint: 'decode it with its dictionary: zstd -dc -D DICTIONARY FILE | dumpsieve scan -',
    };
  }
  if (header.window <= ZSTD_WINDOW) return undefined;
  return {
    code: 'zstd-window',
    message: `${at} needs a window of ${header.window} bytes, more than the ${ZSTD_WINDOW} that are allowed`,
    hint: 'decode it outside: zstd -dc --long=31 FILE | dumpsieve scan -',
  };
}

async function* frame(input: Input, account: Account, start: number): AsyncGenerator<Uint8Array, boolean> {
  const header = headerOrCut(input);
  if (header === 'cut' || header === undefined) {
    lose(account, (header === 'cut' ? truncated : corrupt)('zstd', start));
    return false;
  }
  const refused = refusal(header, start);
  if (refused !== undefined) {
    lose(account, { ...refused, offset: start });
    return false;
  }
  const decoder = (nativeDecoder ?? zstdFallback)(header.window);
  const first = account.decoded;
  try {
    const outcome = yield* blocks(input, account, header, decoder);
    if (outcome !== 'end') {
      lose(account, outcome);
      return false;
    }
  } finally {
    decoder.close();
  }
  if (header.contentSize !== undefined && header.contentSize !== account.decoded - first) {
    doubt(account, first, mismatch('zstd', 'content size', start));
  }
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

type Outcome = 'end' | ReturnType<typeof truncated>;

/** Walks a frame's blocks by their headers, so that each frame's end and each cut is known to the byte. */
async function* blocks(
  input: Input,
  account: Account,
  header: FrameHeader,
  decoder: FrameDecoder,
): AsyncGenerator<Uint8Array, Outcome> {
  const start = input.offset;
  const first = account.decoded;
  let batch: Uint8Array[] = [Buffer.from(input.peek(header.length))];
  let room = BATCH;
  input.skip(header.length);
  for (let last = false; !last; ) {
    const at = input.offset;
    const head = input.peek(3);
    const word = (head[0] ?? 0) | ((head[1] ?? 0) << 8) | ((head[2] ?? 0) << 16);
    const type = (word >> 1) & 3;
    const size = word >> 3;
    last = (word & 1) === 1;
    const stored = type === RLE ? 1 : size;
    const whole = head.length === 3 && input.peek(3 + stored).length === 3 + stored;
    const sane =
      head.length < 3 || (type !== RESERVED && size <= Math.min(BLOCK_MAX, Math.max(header.window, 1)));
    if (whole && sane) {
      batch.push(Buffer.from(input.peek(3 + stored)));
      input.skip(3 + stored);
      room -= BLOCK_MAX;
    }
    if (last || room <= 0 || !whole || !sane) {
      const failed = await decoder.push(Buffer.concat(batch)).then(
        () => false,
        () => true,
      );
      yield* decoder.take();
      if (failed || !sane) return corrupt('zstd', at);
      if (!whole) return truncated('zstd', at);
      batch = [];
      room = BATCH;
    }
  }
  if (!header.checksum) {
    const failed = await decoder.push(new Uint8Array(0), true).then(
      () => false,
      () => true,
    );
    yield* decoder.take();
    return failed ? corrupt('zstd', input.offset) : 'end';
  }
  const sum = Buffer.from(input.peek(4));
  if (sum.length < 4) return truncated('zstd', input.offset);
  input.skip(4);
  const matches = await decoder.push(sum, true).then(
    () => true,
    () => false,
  );
  yield* decoder.take();
  if (!matches) doubt(account, first, mismatch('zstd', 'checksum', start));
  return 'end';
}

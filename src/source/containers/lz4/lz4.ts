import type { Warning } from '../../../core/base/runtime/warnings.js';
import {
  corrupt,
  type DecodeReport,
  mismatch,
  type OutputBuffer,
  reportDoubtful,
  reportLost,
  trailing,
  truncated,
  unlessCut,
  warnings,
} from '../decoding/decoder.js';
import type { DecoderInput } from '../decoding/input.js';
import { isSkippable } from '../decoding/skippable.js';
import { YieldPoints } from '../decoding/yield-points.js';
import { Lz4Kernel } from './lz4-kernel.js';

/** Magic numbers of frames (lz4_Frame_format.md). */
export const FRAME = 0x184d2204;
export const LEGACY = 0x184c2102;

/** Content of a legacy block, and the longest that one can be (LZ4_COMPRESSBOUND). */
const LEGACY_BLOCK = 8 * 1024 * 1024;
const LEGACY_LONGEST = LEGACY_BLOCK + Math.floor(LEGACY_BLOCK / 255) + 16;

/** Bit of a block's size: the block is stored. */
const STORED = 0x80000000;
const PEEK = 256 * 1024;

interface Context {
  input: DecoderInput;
  report: DecodeReport;
  buffer: OutputBuffer | undefined;
  kernel: Lz4Kernel;
  yieldPoints: YieldPoints;
}

/** Decodes any number of frames, legacy and skippable ones included. */
export async function* unlz4(
  input: DecoderInput,
  report: DecodeReport,
  buffer?: OutputBuffer,
): AsyncGenerator<Uint8Array> {
  const context = { input, report, buffer, kernel: new Lz4Kernel(), yieldPoints: new YieldPoints() };
  report.hasOnlyContent = true;
  for (;;) {
    const head = input.peek(8);
    if (head.length === 0) return;
    const magic = head.length < 4 ? 0 : input.fields(4).u32(0);
    let fault: Warning | undefined;
    if (isSkippable(magic)) {
      report.hasOnlyContent = false;
      const length = head.length < 8 ? 8 : 8 + input.fields(8).u32(4);
      if (input.skip(length) < length) fault = truncated('lz4', input.offset);
      yield* context.yieldPoints.next(input, report.decoded);
    } else if (magic === FRAME) fault = yield* frame(context);
    else if (magic === LEGACY) fault = yield* legacy(context);
    else return trailing('lz4', input, report);
    if (fault !== undefined) return reportLost(report, fault);
  }
}

/** Decodes a frame; returns what ended it early. */
async function* frame(context: Context): AsyncGenerator<Uint8Array, Warning | undefined> {
  const { input, report, kernel, yieldPoints } = context;
  const start = input.offset;
  const first = report.decoded;
  const header = readFrameHeader(input, kernel);
  if (header === undefined) return corrupt('lz4', start);
  if (header === 'cut') return truncated('lz4', start);
  if (header.dictionary !== undefined) return needsDictionary(header.dictionary, start);
  input.skip(header.length);
  kernel.begin(header.block, header.linked);
  for (let last = false; !last; ) {
    const at = input.offset;
    const size = readWord(input);
    if (size === undefined) return truncated('lz4', at);
    last = size === 0;
    if (!last) {
      const fault = yield* block(context, header, size, at);
      if (fault !== undefined) return fault;
    }
    yield* yieldPoints.next(input, report.decoded);
  }
  const doubt = (what: string): void => reportDoubtful(report, first, mismatch('lz4', what, start));
  if (header.contentSize !== undefined && header.contentSize !== report.decoded - first)
    doubt('content size');
  if (!header.contentChecksum) return undefined;
  const sum = readWord(input);
  if (sum === undefined) return truncated('lz4', input.offset);
  if (sum !== kernel.contentHash()) doubt('checksum');
  return undefined;
}

/** Decodes a block whose size is read; `at` is the size's offset. */
async function* block(
  context: Context,
  header: FrameHeader,
  size: number,
  at: number,
): AsyncGenerator<Uint8Array, Warning | undefined> {
  const { input, report, kernel } = context;
  const first = report.decoded;
  const isStored = size >= STORED;
  const length = isStored ? size - STORED : size;
  if (length > header.block) return corrupt('lz4', at);
  const isWhole = take(context, length);
  const fault = yield* decoded(context, isStored, header.contentChecksum, at);
  if (!isWhole) return truncated('lz4', input.offset);
  if (fault !== undefined || !header.blockChecksum) return fault;
  const sum = readWord(input);
  if (sum === undefined) return truncated('lz4', input.offset);
  if (sum !== kernel.inputHash()) reportDoubtful(report, first, mismatch('lz4', 'block checksum', at));
  return undefined;
}

/** Yields the content of the block that was read. */
async function* decoded(
  { kernel, buffer }: Context,
  isStored: boolean,
  hashed: boolean,
  at: number,
): AsyncGenerator<Uint8Array, Warning | undefined> {
  const outcome = isStored ? 'done' : kernel.decode();
  if (isStored) kernel.store();
  yield* kernel.content(hashed, buffer);
  return outcome === 'done' ? undefined : corrupt('lz4', at);
}

/**
 * Decodes a legacy frame, which ends with the file or before the next frame: nothing states its end, so a cut
 * between blocks cannot be recognised.
 */
async function* legacy(context: Context): AsyncGenerator<Uint8Array, Warning | undefined> {
  const { input, report, kernel, yieldPoints } = context;
  input.skip(4);
  kernel.begin(LEGACY_BLOCK, false);
  for (;;) {
    const at = input.offset;
    const rest = input.peek(4).length;
    if (rest === 0) return undefined;
    if (rest < 4) return truncated('lz4', at);
    const size = input.fields(4).u32(0);
    // The next frame, or what is none.
    if (size === 0 || size > LEGACY_LONGEST) return undefined;
    input.skip(4);
    const isWhole = take(context, size);
    const fault = yield* decoded(context, false, false, at);
    if (!isWhole) return truncated('lz4', input.offset);
    if (fault !== undefined) return fault;
    yield* yieldPoints.next(input, report.decoded);
  }
}

/** Reads a block; false if the input ends within it. */
function take({ input, kernel }: Context, length: number): boolean {
  kernel.expect(length);
  for (let left = length; left > 0; ) {
    const bytes = input.peek(Math.min(left, PEEK));
    if (bytes.length === 0) return false;
    kernel.add(bytes);
    input.skip(bytes.length);
    left -= bytes.length;
  }
  return true;
}

function readWord(input: DecoderInput): number | undefined {
  if (input.peek(4).length < 4) return undefined;
  const word = input.fields(4).u32(0);
  input.skip(4);
  return word;
}

const needsDictionary = (id: number, offset: number): Warning =>
  warnings.of('lz4-dictionary', {
    message: `the lz4 frame at offset ${offset} of the container needs dictionary ${id}`,
    hint: 'decode it with its dictionary: lz4 -dc -D DICTIONARY FILE | dumpsieve scan -',
    offset,
  });

/** Frame Descriptor (lz4_Frame_format.md). */
interface FrameHeader {
  /** Bytes, magic included. */
  length: number;
  linked: boolean;
  blockChecksum: boolean;
  contentChecksum: boolean;
  contentSize: number | undefined;
  dictionary: number | undefined;
  /** Bytes of content that a block may have. */
  block: number;
}

/** Longest header in bytes. */
const LONGEST = 19;

/** Reads a header; undefined if it is invalid, 'cut' if the input ends within it. */
function readFrameHeader(input: DecoderInput, kernel: Lz4Kernel): FrameHeader | 'cut' | undefined {
  return unlessCut(() => {
    const fields = input.fields(LONGEST);
    const [flags, sizes] = [fields.u8(4), fields.u8(5)];
    if (flags >> 6 !== 1 || (flags & 2) !== 0 || (sizes & 0x8f) !== 0 || sizes < 0x40) return undefined;
    const hasSize = (flags & 8) !== 0;
    const hasDictionary = (flags & 1) !== 0;
    const end = 6 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0);
    const sum = fields.u8(end);
    kernel.begin(LONGEST, false);
    kernel.expect(LONGEST);
    kernel.add(fields.slice(4, end - 4));
    if (((kernel.inputHash() >>> 8) & 0xff) !== sum) return undefined;
    return {
      length: end + 1,
      linked: (flags & 0x20) === 0,
      blockChecksum: (flags & 0x10) !== 0,
      contentChecksum: (flags & 4) !== 0,
      contentSize: hasSize ? Number(fields.u64(6)) : undefined,
      dictionary: hasDictionary ? fields.u32(end - 4) : undefined,
      block: 2 ** (8 + 2 * (sizes >> 4)),
    };
  });
}

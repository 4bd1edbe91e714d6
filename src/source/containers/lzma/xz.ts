import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
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
  warnings,
} from '../decoding/decoder.js';
import type { DecoderInput } from '../decoding/input.js';
import { YieldPoints } from '../decoding/yield-points.js';
import { filtered } from './filters.js';
import { LzmaKernel } from './lzma-kernel.js';
import { unlzma2 } from './lzma2.js';
import {
  CHECK_SIZES,
  isStreamFooter,
  MAGIC,
  readBlockHeader,
  readInteger,
  readStreamHeader,
  STREAM_EDGE,
} from './xz-header.js';

/** What one decoder has in common for all its streams. */
interface Context {
  input: DecoderInput;
  report: DecodeReport;
  kernel: LzmaKernel;
  yieldPoints: YieldPoints;
}

/** Decodes any number of streams with padding between them (.xz format, section 2). */
export async function* unxz(
  input: DecoderInput,
  report: DecodeReport,
  _buffer?: OutputBuffer,
  kernel = new LzmaKernel(),
): AsyncGenerator<Uint8Array> {
  const context = { input, report, kernel, yieldPoints: new YieldPoints() };
  report.hasOnlyContent = true;
  for (let first = true; ; first = false) {
    if (!first) yield* padding(context);
    const head = Uint8Array.from(input.peek(STREAM_EDGE));
    if (head.length === 0) return;
    if (!MAGIC.subarray(0, head.length).equals(head.subarray(0, 6))) return trailing('xz', input, report);
    if (head.length < STREAM_EDGE) return reportLost(report, truncated('xz', input.offset));
    const fault = yield* stream(context, head);
    if (fault !== undefined) return reportLost(report, fault);
  }
}

/** Skips zeros. Those at the end of a file may be of any number (tapes, block devices). */
async function* padding({ input, yieldPoints }: Context): AsyncGenerator<Uint8Array> {
  for (;;) {
    const part = input.peek(16 * 1024);
    const end = part.findIndex((byte) => byte !== 0);
    input.skip(end < 0 ? part.length : end);
    if (end >= 0 || part.length === 0) return;
    yield* yieldPoints.next(input);
  }
}

/** Decodes a stream; returns what ended it early. */
async function* stream(context: Context, head: Uint8Array): AsyncGenerator<Uint8Array, Warning | undefined> {
  const { input } = context;
  const start = input.offset;
  const check = readStreamHeader(head);
  if (check === undefined) return corrupt('xz', start);
  input.skip(STREAM_EDGE);
  const records = new Records();
  for (;;) {
    const [size] = input.peek(1);
    if (size === undefined) return truncated('xz', input.offset);
    if (size === 0) break;
    const fault = yield* block(context, 4 * (size + 1), check, records);
    if (fault !== undefined) return fault;
  }
  const index = yield* records.readIndex(input, context.yieldPoints);
  if (typeof index !== 'number') return index;
  const foot = Uint8Array.from(input.peek(STREAM_EDGE));
  if (foot.length < STREAM_EDGE) return truncated('xz', input.offset);
  input.skip(foot.length);
  if (isStreamFooter(foot, check, index)) return undefined;
  return mismatch('xz', 'footer', start);
}

/** Decodes a block (section 3). */
async function* block(
  { input, report, kernel, yieldPoints }: Context,
  headerLength: number,
  checkId: number,
  records: Records,
): AsyncGenerator<Uint8Array, Warning | undefined> {
  const start = input.offset;
  const first = report.decoded;
  const head = Uint8Array.from(input.peek(headerLength));
  if (head.length < headerLength) return truncated('xz', start);
  const header = readBlockHeader(head);
  if (header === undefined) return corrupt('xz', start);
  input.skip(headerLength);
  const check = newCheck(checkId, kernel);
  const filters = header.filters.map((newFilter) => newFilter());
  const data = input.offset;
  const chunks = unlzma2('xz', input, kernel, header.dictionary);
  let next = chunks.next();
  for (; !next.done; next = chunks.next()) {
    const content = filtered(filters, next.value, false);
    check?.update(content);
    if (content.length > 0) yield content;
    yield* yieldPoints.next(input, report.decoded);
  }
  // Bytes that a filter keeps can only be decoded with those after them.
  if (next.value !== undefined) return next.value;
  const rest = filtered(filters, new Uint8Array(0), true);
  check?.update(rest);
  if (rest.length > 0) yield rest;
  const packed = input.offset - data;
  const padded = (4 - (packed % 4)) % 4;
  const size = CHECK_SIZES[checkId]!;
  const tail = Buffer.from(input.peek(padded + size));
  if (tail.length < padded + size) return truncated('xz', input.offset);
  if (tail.subarray(0, padded).some((byte) => byte !== 0)) return corrupt('xz', input.offset);
  input.skip(tail.length);
  const content = report.decoded - first;
  records.add(headerLength + packed + size, content);
  const doubt = (warning: Warning): void => reportDoubtful(report, first, warning);
  if ((header.packed ?? packed) !== packed || (header.content ?? content) !== content)
    doubt(mismatch('xz', 'size', start));
  if (check === undefined) doubt(unknownCheck(checkId, start));
  else if (!check.digest().equals(tail.subarray(padded))) doubt(mismatch('xz', 'checksum', start));
  return undefined;
}

const unknownCheck = (id: number, offset: number): Warning =>
  warnings.of('container-checksum', {
    message: `the xz block at offset ${offset} of the container has a check of an unknown kind (${id})`,
    hint: 'its content was searched, but could not be verified: compare it with what a newer xz decodes',
    offset,
  });

/** A check over the content of a block. */
interface Check {
  update(bytes: Uint8Array): void;
  /** The check as stored. */
  digest(): Buffer;
}

class Crc32 implements Check {
  #sum = 0;

  update(bytes: Uint8Array): void {
    this.#sum = crc32(bytes, this.#sum);
  }

  digest(): Buffer {
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(this.#sum);
    return sum;
  }
}

class Crc64 implements Check {
  readonly #kernel: LzmaKernel;
  #sum = 0n;

  constructor(kernel: LzmaKernel) {
    this.#kernel = kernel;
  }

  update(bytes: Uint8Array): void {
    this.#sum = this.#kernel.crc64(this.#sum, bytes);
  }

  digest(): Buffer {
    const sum = Buffer.alloc(8);
    sum.writeBigUInt64LE(this.#sum);
    return sum;
  }
}

/** Without a check. */
const NONE: Check = { update: () => {}, digest: () => Buffer.alloc(0) };

/** A new check by its ID (.xz format, 2.1.1.2); undefined if the ID is reserved. */
function newCheck(id: number, kernel: LzmaKernel): Check | undefined {
  if (id === 0) return NONE;
  if (id === 1) return new Crc32();
  if (id === 4) return new Crc64(kernel);
  return id === 10 ? createHash('sha256') : undefined;
}

/** Longest multibyte integer, in bytes. */
const INTEGER = 9;

/** Sizes of blocks, of which only a hash is kept: there may be millions. */
class Sizes {
  /** Not created for streams without blocks, of which there may be millions, too. */
  #hash: Hash | undefined;
  count = 0;

  add(unpadded: number, content: number): void {
    this.#hash ??= createHash('sha256');
    this.#hash.update(Float64Array.of(unpadded, content));
    this.count++;
  }

  digest(): string | undefined {
    return this.#hash?.digest('hex');
  }
}

/** The blocks of a stream, for comparison with its index (.xz format, section 4). */
class Records {
  readonly #blocks = new Sizes();

  add(unpadded: number, content: number): void {
    this.#blocks.add(unpadded, content);
  }

  /** Reads the index. Returns its size in bytes, or what is wrong with it. */
  async *readIndex(
    input: DecoderInput,
    yieldPoints: YieldPoints,
  ): AsyncGenerator<Uint8Array, number | Warning> {
    const start = input.offset;
    let sum = 0;
    const take = (count: number): Uint8Array => {
      const bytes = Uint8Array.from(input.peek(count));
      sum = crc32(bytes, sum);
      input.skip(bytes.length);
      return bytes;
    };
    const integer = (): number | undefined => {
      const read = readInteger(input.peek(INTEGER), 0);
      if (read !== undefined) take(read.end);
      return read?.value;
    };
    const fault = (): Warning =>
      (input.peek(INTEGER).length < INTEGER ? truncated : corrupt)('xz', input.offset);
    take(1);
    const count = integer();
    if (count === undefined) return fault();
    const listed = new Sizes();
    for (; listed.count < count; ) {
      const [unpadded, content] = [integer(), integer()];
      if (unpadded === undefined || content === undefined) return fault();
      listed.add(unpadded, content);
      yield* yieldPoints.next(input);
    }
    take((4 - ((input.offset - start) % 4)) % 4);
    const stored = Buffer.from(input.peek(4));
    if (stored.length < 4) return truncated('xz', input.offset);
    input.skip(4);
    const isRight = stored.readUInt32LE(0) === sum && listed.count === this.#blocks.count;
    if (!isRight || listed.digest() !== this.#blocks.digest()) return mismatch('xz', 'index', start);
    return input.offset - start;
  }
}

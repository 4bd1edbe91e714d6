import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Warning } from '../../../core/base/runtime/warnings.js';
import { corrupt, mismatch, truncated } from '../decoding/decoder.js';
import type { DecoderInput } from '../decoding/input.js';
import type { YieldPoints } from '../decoding/yield-points.js';
import { readInteger } from './xz-header.js';

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
export class Records {
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

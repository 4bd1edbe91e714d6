import { setImmediate as turn } from 'node:timers/promises';
import { bufferReader, type Reader } from '../../../base/bytes/storage.js';
import type { Fill } from '../../core/fill.js';
import { Base64Pieces } from './base64-pieces.js';
import { inflate } from './inflate.js';
import { MemoryOrder } from './memory-order.js';
import { HEADERS, LONGEST_HEADER } from './stream-headers.js';

/** Bytes in which streams are looked for at once, and of a stream that are read at once. */
const CHUNK = 2 ** 22;
const PIECE = 2 ** 16;
/** Decoded bytes of all streams, for each byte of the file. */
const DECODED_EACH = 16;
const LEAST_BUDGET = 2 ** 26;
/** What a test for findings costs besides its bytes, and a look at base64; in decoded bytes. */
const TEST = 2048;
/** What a stream that begins by chance decodes to. */
const SHORTEST = 16;
/** `H4sI`: the first three bytes of gzip as base64. */
const GZIP_BASE64 = Buffer.from('H4sI', 'latin1');

/** First bytes of streams. */
const mayBegin = new Uint8Array(256);
for (const byte of [...Object.keys(HEADERS), GZIP_BASE64[0]!]) mayBegin[Number(byte)] = 1;

/** Streams one inside another. */
const DEEPEST = 3;
/** CRC-32 and length of gzip. */
const TRAILER = 8;

export interface CompressedSetup {
  /** True if decoded bytes hold a finding. */
  isSecret: (bytes: Uint8Array) => boolean;
  /** By default that of the file. */
  order?: MemoryOrder;
  /** Called once if the budget was spent before the end of the file. */
  onLimit?: () => void;
}

/**
 * Compressed streams in memory (gzip, zlib, ZIP; base64 of gzip) whose content holds a finding: as much of
 * each as can be decoded. Base64 ends where its memory does in the file.
 */
export async function* compressedFills(
  reader: Reader,
  { isSecret, order = new MemoryOrder(), onLimit }: CompressedSetup,
): AsyncGenerator<Fill> {
  const streams = new Streams(reader, isSecret, order);
  const chunk = new Uint8Array(CHUNK + LONGEST_HEADER);
  let after = 0;
  for (let from = 0; from < reader.length; from += CHUNK) {
    const bytes = chunk.subarray(0, reader.read(from, chunk));
    const end = Math.min(CHUNK, bytes.length);
    for (let at = Math.max(0, after - from); at < end; at++) {
      if (mayBegin[bytes[at]!] === 0) continue;
      const length = streams.length(bytes, at, from);
      if (streams.isSpent) return onLimit?.();
      if (length === 0) continue;
      for (const extent of order.extents(from + at, length)) yield { ...extent, cause: 'compressed stream' };
      at += Math.min(length, order.straight(from + at)) - 1;
      after = from + at + 1;
    }
    await turn();
  }
}

/** Decodes streams of a file, within a budget: of a hostile file each byte may begin one. */
class Streams {
  readonly #reader: Reader;
  readonly #isSecret: CompressedSetup['isSecret'];
  readonly #order: MemoryOrder;
  /** 1 for streams of the file, 2 for those in them. */
  readonly #depth: number;
  #left: number;

  constructor(
    reader: Reader,
    isSecret: CompressedSetup['isSecret'],
    order: MemoryOrder,
    { depth = 1, budget = Math.max(LEAST_BUDGET, DECODED_EACH * reader.length) } = {},
  ) {
    this.#reader = reader;
    this.#isSecret = isSecret;
    this.#order = order;
    this.#depth = depth;
    this.#left = budget;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /** Length of the stream with a finding that begins at an index of bytes; 0 if there is none. */
  length(bytes: Uint8Array, at: number, base: number): number {
    const byte = bytes[at]!;
    if (byte === GZIP_BASE64[0]) return this.#base64Length(bytes, at, base);
    const data = HEADERS[byte]?.(bytes, at) ?? -1;
    if (data < 0) return 0;
    const straight = Math.min(bytes.length - at, this.#order.straight(base + at));
    let read = straight;
    let next = this.#order.from(base + at + straight);
    const more = (): Uint8Array => {
      const piece = new Uint8Array(Math.min(PIECE, this.#order.straight(next)));
      const length = this.#reader.read(next, piece);
      read += length;
      next = this.#order.from(next + length);
      return piece.subarray(0, length);
    };
    const { used, complete, found } = this.#inflate(bytes.subarray(0, at + straight), data, more);
    if (!found) return 0;
    // With the check of the content, which tells a guess from another.
    const length = data - at + used + (complete ? TRAILER : 0);
    while (read < length && more().length > 0);
    return Math.min(read, length);
  }

  #base64Length(bytes: Uint8Array, at: number, base: number): number {
    for (let index = 1; index < GZIP_BASE64.length; index++)
      if (bytes[at + index] !== GZIP_BASE64[index]) return 0;
    const text = new Base64Pieces(this.#reader, base + at);
    const first = text.next();
    this.#left -= TEST;
    const data = HEADERS[0x1f]!(first, 0);
    if (data < 0 || !this.#inflate(first, data, () => text.next()).found) return 0;
    return text.end() - base - at;
  }

  #inflate(
    bytes: Uint8Array,
    data: number,
    more: () => Uint8Array,
  ): { used: number; complete: boolean; found: boolean } {
    let found = false;
    const test = (decoded: Uint8Array): void => {
      if (found || decoded.length < SHORTEST) return;
      this.#left -= TEST;
      found = this.#isSecret(decoded) || this.#holdsStream(decoded);
    };
    const inflated = inflate(bytes, data, Math.max(0, this.#left), { more, window: test });
    this.#left -= inflated.decoded + inflated.used;
    test(inflated.bytes);
    return { ...inflated, found };
  }
  /** True if decoded bytes have a stream with a finding in turn. */
  #holdsStream(bytes: Uint8Array): boolean {
    if (this.#depth === DEEPEST) return false;
    const setup = { depth: this.#depth + 1, budget: this.#left };
    const inner = new Streams(bufferReader(bytes), this.#isSecret, new MemoryOrder(), setup);
    let found = false;
    for (let at = 0; at < bytes.length && !found && !inner.isSpent; at++)
      found = mayBegin[bytes[at]!] === 1 && inner.length(bytes, at, 0) > 0;
    this.#left = inner.#left;
    return found;
  }
}

import { type ByteReader, bufferReader } from '../../../core/base/bytes/storage.js';
import { inflate } from '../../../core/encodings/inflate.js';
import {
  headerAt,
  mayBeginAt,
  mayInflate,
  type StreamText,
  textAt,
} from '../../../core/encodings/stream-forms.js';
import { MemoryOrder } from './memory-order.js';
import { TextPieces } from './text-pieces.js';

/** Bytes of a stream that are read at once. */
export const PIECE = 2 ** 16;
/** Decoded bytes of one search, for each byte of the file. */
const DECODED_EACH = 16;
const LEAST_BUDGET = 2 ** 26;
/** Decoded bytes of one task: it cannot be ended in between. */
export const MOST_DECODED = 2 ** 27;
/** What a test for findings costs besides its bytes, and a look at text; in decoded bytes. */
const TEST = 2048;
/** What a stream that begins by chance decodes to. */
const SHORTEST = 16;
/** Streams one inside another. */
const DEEPEST = 3;
/** CRC-32 and length of gzip. */
const TRAILER = 8;

/** Decoded bytes of one search (of all streams, or of all printed parts) in a file of a length. */
export const budgetFor = (length: number): number => Math.max(LEAST_BUDGET, DECODED_EACH * length);

/** True if decoded bytes, which are at the start of their memory, hold a finding. */
export type SecretTest = (bytes: Uint8Array) => boolean;

/** Decodes streams of a file, within a budget: of a hostile file each byte may begin one. */
export class MemoryStreams {
  readonly #reader: ByteReader;
  readonly #isSecret: SecretTest;
  readonly #order: MemoryOrder;
  /** 1 for streams of the file, 2 for those in them. */
  readonly #depth: number;
  #left: number;

  constructor(
    reader: ByteReader,
    isSecret: SecretTest,
    order: MemoryOrder,
    { depth = 1, budget = budgetFor(reader.length) } = {},
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

  /** What is left of the budget. */
  get left(): number {
    return this.#left;
  }

  /** Length of the stream with a finding that begins at an index of bytes; 0 if there is none. */
  length(bytes: Uint8Array, at: number, base: number): number {
    const text = textAt(bytes, at);
    if (text !== undefined) return this.#textLength(base + at, text);
    const data = headerAt(bytes, at);
    if (data < 0) return 0;
    const straight = Math.min(bytes.length - at, this.#order.straight(base + at));
    if (data + 5 <= at + straight && !mayInflate(bytes, data)) return 0;
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
    // The trailer too: the CRC-32 of the content confirms a guess of it.
    const length = data - at + used + (complete ? TRAILER : 0);
    while (read < length && more().length > 0);
    return Math.min(read, length);
  }

  #textLength(offset: number, within: StreamText): number {
    const text = new TextPieces(this.#reader, offset, within);
    const first = text.next();
    this.#left -= TEST;
    const data = headerAt(first, 0);
    if (data < 0 || !mayInflate(first, data) || !this.#inflate(first, data, () => text.next()).found)
      return 0;
    return text.end() - offset;
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
    const inner = new MemoryStreams(bufferReader(bytes), this.#isSecret, new MemoryOrder(), setup);
    let found = false;
    for (let at = 0; at < bytes.length && !found && !inner.isSpent; at++)
      found = mayBeginAt(bytes, at) && inner.length(bytes, at, 0) > 0;
    this.#left = inner.#left;
    return found;
  }
}

import { upperBound } from '../../../core/base/bytes/binary-search.js';
import { type ByteReader, bufferReader } from '../../../core/base/bytes/storage.js';
import { BASE64_DIGITS } from '../../../core/encodings/digits.js';
import { inflate } from '../../../core/encodings/inflate.js';
import {
  headerAt,
  mayBeginAt,
  mayInflate,
  type StreamText,
  textAt,
} from '../../../core/encodings/stream-forms.js';
import type { Extent } from '../../../core/model/report.js';
import type { Seam } from '../../../formats/memory/types.js';

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

/** Characters read at once: few at first, as most texts are no streams. */
const FIRST = 2 ** 10;
const MOST = 2 ** 16;

const [LF, CR] = [0x0a, 0x0d];

/** Characters of a text, and how many of them are a whole number of bytes. */
const TEXTS: Readonly<Record<StreamText, { characters: Uint8Array; group: number }>> = {
  base64: { characters: charactersOf(`${BASE64_DIGITS}+/-_=`), group: 4 },
  hex: { characters: charactersOf('0123456789abcdefABCDEF'), group: 2 },
};

function charactersOf(digits: string): Uint8Array {
  const characters = new Uint8Array(256);
  for (const character of Buffer.from(`${digits}\r\n`, 'latin1')) characters[character] = 1;
  return characters;
}

/** A text of base64 or hex that begins at an offset of a file, decoded in pieces. */
class TextPieces {
  readonly #reader: ByteReader;
  readonly #within: StreamText;
  #offset: number;
  #size = FIRST;
  #ended = false;
  /** Digits of the last group, of which others are in the next piece. */
  #rest = Buffer.alloc(0);

  constructor(reader: ByteReader, offset: number, within: StreamText) {
    this.#reader = reader;
    this.#within = within;
    this.#offset = offset;
  }

  /** The next decoded bytes; none at the end of the text. */
  next(): Uint8Array {
    const text = this.#read();
    const digits = Buffer.alloc(this.#rest.length + text.length);
    digits.set(this.#rest);
    let length = this.#rest.length;
    for (let at = 0; at < text.length; at++) {
      const character = text[at]!;
      if (character !== LF && character !== CR) digits[length++] = character;
    }
    const whole = this.#ended ? length : length - (length % TEXTS[this.#within].group);
    this.#rest = digits.subarray(whole, length);
    return Buffer.from(digits.toString('latin1', 0, whole), this.#within);
  }

  /** Reads on to the end of the text. Returns its offset. */
  end(): number {
    while (!this.#ended) this.#read();
    return this.#offset;
  }

  #read(): Uint8Array {
    if (this.#ended) return new Uint8Array(0);
    const block = new Uint8Array(this.#size);
    const bytes = block.subarray(0, this.#reader.read(this.#offset, block));
    const { characters } = TEXTS[this.#within];
    let length = 0;
    while (length < bytes.length && characters[bytes[length]!] === 1) length++;
    this.#ended = length < block.length;
    this.#offset += length;
    this.#size = Math.min(MOST, 2 * this.#size);
    return bytes.subarray(0, length);
  }
}

/** Seams that are followed: a dump with more has segments of a page. */
const MEMORY_ORDER_MOST = 2 ** 20;

/** Seams as plain data for any thread, in shared memory. */
export interface SeamColumns {
  /** Offsets, ascending. */
  ends: Float64Array;
  /** Where memory goes on. */
  next: Float64Array;
}

/** Some seams of a dump, by where they are in the file. */
export function seamColumns(seams: Iterable<Pick<Seam, 'endOffset' | 'offset'>>): SeamColumns {
  const rows: Pick<Seam, 'endOffset' | 'offset'>[] = [];
  for (const seam of seams) if (rows.push(seam) === MEMORY_ORDER_MOST) break;
  rows.sort((a, b) => a.endOffset - b.endOffset);
  const column = () => new Float64Array(new SharedArrayBuffer(8 * rows.length));
  const [ends, next] = [column(), column()];
  for (const [index, { endOffset, offset }] of rows.entries())
    [ends[index], next[index]] = [endOffset, offset];
  return { ends, next };
}

/** The bytes of a file in the order of their addresses: at a seam memory goes on elsewhere in the file. */
export class MemoryOrder {
  readonly #ends: Float64Array;
  readonly #next: Float64Array;

  constructor({ ends, next }: SeamColumns = seamColumns([])) {
    this.#ends = ends;
    this.#next = next;
  }

  /** Bytes from an offset on to the next seam, which may be none: then it is infinite. */
  straight(offset: number): number {
    return (this.#ends[upperBound(this.#ends, offset)] ?? Number.POSITIVE_INFINITY) - offset;
  }

  /** Where memory goes on behind an offset. */
  from(end: number): number {
    const index = upperBound(this.#ends, end) - 1;
    return this.#ends[index] === end ? this.#next[index]! : end;
  }

  /** Parts of the file that have this many bytes of memory from an offset on. */
  *extents(offset: number, length: number): Generator<Extent> {
    for (let [at, left] = [offset, length]; left > 0; ) {
      const part = Math.min(left, this.straight(at));
      yield { offset: at, length: part };
      left -= part;
      at = this.from(at + part);
    }
  }
}

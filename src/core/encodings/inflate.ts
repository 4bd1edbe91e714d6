import { type Code, codeOf, entryIn, MAX_BITS } from './huffman.js';

/** What could be decoded of a deflate stream (RFC 1951). */
export interface InflatedPart {
  /**
   * Decoded bytes, up to an error, the end of the input, the end of the stream or the bound; of a long stream
   * the last ones.
   */
  bytes: Uint8Array;
  /** Number of all decoded bytes. */
  decoded: number;
  /** Bytes of the input that were read. */
  used: number;
  /** True if the last block ended. */
  complete: boolean;
}

/** Lengths and distances: base and extra bits, by symbol (RFC 1951, 3.2.5). */
const LENGTH_BASE = Uint16Array.of(
  ...[3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31],
  ...[35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258],
);
const LENGTH_EXTRA = Uint8Array.of(
  ...[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0],
);
const DISTANCE_BASE = Uint16Array.of(
  ...[1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769],
  ...[1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577],
);
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const END_OF_BLOCK = 256;
const FIRST_LENGTH = 257;
const LONGEST_COPY = 258;
/** Bytes of a length and a distance, and of what is read ahead. */
const LONGEST_SYMBOLS = 12;
/** Bits to which another byte can be added. */
const REFILL = 24;
/** Bytes of the first output, and by how much it grows: most streams are short. */
const FIRST_BYTES = 2 ** 11;
const GROWTH = 4;
/** Decoded bytes that are handed on at once. */
const WINDOW = 2 ** 22;
/** Bytes of a window that are in the next one too: the farthest distance is 2^15, and no secret is longer. */
const OVERLAP = 2 ** 16;

/** A stream that does not fit in memory. */
export interface LongStream {
  /** What follows the input; empty at its end. */
  more: () => Uint8Array;
  /** Takes the decoded bytes of each full window, which are overwritten later. */
  window: (bytes: Uint8Array) => void;
}

const FIXED = {
  literals: codeOf(
    Uint8Array.from({ length: 288 }, (_, symbol) =>
      symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
    ),
  )!,
  distances: codeOf(new Uint8Array(32).fill(5))!,
};

/** Ends the decoding: the input is wrong or ends, or there is enough output. */
class Ended extends Error {}
const ENDED = new Ended();
const NOTHING = new Uint8Array(0);

/** Memory behind the output in which it can be searched. */
const ROOM = 8;
const outputOf = (length: number): Uint8Array => new Uint8Array(new ArrayBuffer(length + ROOM), 0, length);

class Inflater {
  #input: Uint8Array;
  readonly #most: number;
  readonly #long: LongStream | undefined;
  #at: number;
  /** Bytes of earlier inputs. */
  #before = 0;
  #held = 0;
  #bits = 0;
  #output = outputOf(FIRST_BYTES);
  #length = 0;
  #decoded = 0;

  constructor(input: Uint8Array, from: number, most: number, long: LongStream | undefined) {
    this.#input = input;
    this.#at = from;
    this.#most = most;
    this.#long = long;
  }

  run(from: number): InflatedPart {
    let complete = false;
    try {
      while (!complete) {
        complete = this.#take(1) === 1;
        const type = this.#take(2);
        if (type === 0) this.#stored();
        else if (type === 1) this.#codes(FIXED.literals, FIXED.distances);
        else if (type === 2) this.#dynamic();
        else throw ENDED;
      }
    } catch (error) {
      if (error !== ENDED) throw error;
      complete = false;
    }
    const used = this.#before + this.#at - from;
    return { bytes: this.#output.subarray(0, this.#length), decoded: this.#decoded, used, complete };
  }

  #byte(): number {
    if (this.#at >= this.#input.length) {
      const next = this.#long?.more() ?? NOTHING;
      if (next.length === 0) throw ENDED;
      this.#before += this.#input.length;
      this.#input = next;
      this.#at = 0;
    }
    return this.#input[this.#at++]!;
  }

  #take(count: number): number {
    while (this.#bits < count) {
      this.#held |= this.#byte() << this.#bits;
      this.#bits += 8;
    }
    const value = this.#held & ((1 << count) - 1);
    this.#held >>>= count;
    this.#bits -= count;
    return value;
  }

  #symbol(code: Code): number {
    for (;;) {
      const entry = entryIn(code, this.#held, this.#bits);
      if (entry < 0) throw ENDED;
      if (entry > 0) {
        this.#held >>>= entry & 15;
        this.#bits -= entry & 15;
        return entry >>> 4;
      }
      this.#held |= this.#byte() << this.#bits;
      this.#bits += 8;
    }
  }

  #put(byte: number): void {
    if (this.#decoded >= this.#most) throw ENDED;
    if (this.#length === WINDOW && this.#long !== undefined) {
      this.#long.window(this.#output);
      this.#output.copyWithin(0, WINDOW - OVERLAP);
      this.#length = OVERLAP;
    }
    if (this.#length === this.#output.length) {
      const longer = outputOf(Math.min(GROWTH * this.#length, Math.max(WINDOW, 2 * this.#length)));
      longer.set(this.#output);
      this.#output = longer;
    }
    this.#output[this.#length++] = byte;
    this.#decoded++;
  }

  /** Copies bytes of the input as long as it and the output have room. Returns their number. */
  #copy(most: number): number {
    const room = Math.min(this.#output.length - this.#length, this.#most - this.#decoded);
    const count = Math.min(most, room, this.#input.length - this.#at);
    this.#output.set(this.#input.subarray(this.#at, this.#at + count), this.#length);
    this.#at += count;
    this.#length += count;
    this.#decoded += count;
    return count;
  }

  #stored(): void {
    this.#held = 0;
    this.#bits = 0;
    const length = this.#byte() | (this.#byte() << 8);
    if ((length ^ (this.#byte() | (this.#byte() << 8))) !== 0xffff) throw ENDED;
    for (let index = 0; index < length; ) {
      index += this.#copy(length - index);
      if (index < length) {
        this.#put(this.#byte());
        index++;
      }
    }
  }

  #dynamic(): void {
    const literals = this.#take(5) + 257;
    const distances = this.#take(5) + 1;
    const codes = this.#take(4) + 4;
    if (literals > 286 || distances > 30) throw ENDED;
    const lengths = new Uint8Array(19);
    for (let index = 0; index < codes; index++) lengths[CODE_ORDER[index]!] = this.#take(3);
    const code = codeOf(lengths);
    if (code === undefined) throw ENDED;
    const all = new Uint8Array(literals + distances);
    for (let index = 0; index < all.length; ) {
      const symbol = this.#symbol(code);
      if (symbol < 16) {
        all[index++] = symbol;
        continue;
      }
      if (symbol === 16 && index === 0) throw ENDED;
      const value = symbol === 16 ? all[index - 1]! : 0;
      const count =
        symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
      if (index + count > all.length) throw ENDED;
      all.fill(value, index, index + count);
      index += count;
    }
    const [first, second] = [codeOf(all.subarray(0, literals)), codeOf(all.subarray(literals))];
    if (first === undefined || second === undefined || all[END_OF_BLOCK] === 0) throw ENDED;
    this.#codes(first, second);
  }

  /** The symbols of a block. */
  #codes(literals: Code, distances: Code): void {
    for (;;) {
      if (this.#codesInside(literals, distances)) return;
      const symbol = this.#symbol(literals);
      if (symbol === END_OF_BLOCK) return;
      if (symbol < END_OF_BLOCK) {
        this.#put(symbol);
        continue;
      }
      const row = symbol - FIRST_LENGTH;
      if (row >= LENGTH_BASE.length) throw ENDED;
      const length = LENGTH_BASE[row]! + this.#take(LENGTH_EXTRA[row]!);
      const far = this.#symbol(distances);
      if (far >= DISTANCE_BASE.length) throw ENDED;
      const distance = DISTANCE_BASE[far]! + this.#take(far < 4 ? 0 : (far >> 1) - 1);
      if (distance > this.#length) throw ENDED;
      for (let index = 0; index < length; index++) this.#put(this.#output[this.#length - distance]!);
    }
  }

  /**
   * The symbols of a block as long as the input, the output and the bound have room for any. True at the end
   * of the block. What is wrong is left to be read once more.
   */
  #codesInside(literals: Code, distances: Code): boolean {
    const input = this.#input;
    const output = this.#output;
    const last = input.length - LONGEST_SYMBOLS;
    const room = Math.min(output.length, this.#length + this.#most - this.#decoded) - LONGEST_COPY;
    let [at, held, bits, length] = [this.#at, this.#held, this.#bits, this.#length];
    let isEnd = false;
    while (at <= last && length <= room) {
      const [startAt, startHeld, startBits] = [at, held, bits];
      for (; bits <= REFILL; bits += 8) held |= input[at++]! << bits;
      let entry = entryIn(literals, held, MAX_BITS);
      const symbol = entry >> 4;
      held >>>= entry & 15;
      bits -= entry & 15;
      if (entry > 0 && symbol < END_OF_BLOCK) {
        output[length++] = symbol;
        continue;
      }
      isEnd = entry > 0 && symbol === END_OF_BLOCK;
      if (isEnd) break;
      const row = symbol - FIRST_LENGTH;
      if (entry <= 0 || row >= LENGTH_BASE.length) {
        [at, held, bits] = [startAt, startHeld, startBits];
        break;
      }
      const extra = LENGTH_EXTRA[row]!;
      let count = LENGTH_BASE[row]! + (held & ((1 << extra) - 1));
      held >>>= extra;
      bits -= extra;
      for (; bits <= REFILL; bits += 8) held |= input[at++]! << bits;
      entry = entryIn(distances, held, MAX_BITS);
      const far = entry >> 4;
      held >>>= entry & 15;
      bits -= entry & 15;
      for (; bits <= REFILL; bits += 8) held |= input[at++]! << bits;
      const further = far < 4 ? 0 : (far >> 1) - 1;
      const distance = (DISTANCE_BASE[far] ?? 0) + (held & ((1 << further) - 1));
      if (entry <= 0 || far >= DISTANCE_BASE.length || distance > length) {
        [at, held, bits] = [startAt, startHeld, startBits];
        break;
      }
      held >>>= further;
      bits -= further;
      for (; count > 0; count--, length++) output[length] = output[length - distance]!;
    }
    // Whole bytes that were read ahead.
    at -= bits >> 3;
    bits &= 7;
    this.#decoded += length - this.#length;
    [this.#at, this.#held, this.#bits, this.#length] = [at, held & ((1 << bits) - 1), bits, length];
    return isEnd;
  }
}

/**
 * Decodes a deflate stream that begins at an index, at most `most` bytes, up to an error: what precedes the
 * damage can be decoded by anyone. `inflateRawSync` of node:zlib returns nothing of a damaged stream
 * (docs/architecture.md: why there are two decoders).
 */
export const inflate = (input: Uint8Array, from: number, most: number, long?: LongStream): InflatedPart =>
  new Inflater(input, from, most, long).run(from);

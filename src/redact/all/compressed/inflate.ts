/** What could be decoded of a deflate stream (RFC 1951). */
export interface Inflated {
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
const MAX_BITS = 15;
const END_OF_BLOCK = 256;
const FIRST_BYTES = 2 ** 14;
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

/** A canonical Huffman code: number of codes of each length, and symbols in their order. */
interface Code {
  counts: Uint16Array;
  symbols: Uint16Array;
}

/** Undefined for lengths that no encoder writes: too many codes, or too few of more than one. */
function codeOf(lengths: Uint8Array): Code | undefined {
  const counts = new Uint16Array(MAX_BITS + 1);
  for (const length of lengths) counts[length]!++;
  let left = 1;
  for (let length = 1; length <= MAX_BITS; length++) {
    left = 2 * left - counts[length]!;
    if (left < 0) return undefined;
  }
  const used = lengths.length - counts[0]!;
  if (left > 0 && used > 1) return undefined;
  counts[0] = 0;
  const offsets = new Uint16Array(MAX_BITS + 2);
  for (let length = 1; length <= MAX_BITS; length++) offsets[length + 1] = offsets[length]! + counts[length]!;
  const symbols = new Uint16Array(lengths.length);
  for (const [symbol, length] of lengths.entries()) if (length > 0) symbols[offsets[length]!++] = symbol;
  return { counts, symbols };
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

class Inflater {
  #input: Uint8Array;
  readonly #most: number;
  readonly #long: LongStream | undefined;
  #at: number;
  /** Bytes of earlier inputs. */
  #before = 0;
  #held = 0;
  #bits = 0;
  #output = new Uint8Array(256);
  #length = 0;
  #decoded = 0;

  constructor(input: Uint8Array, from: number, most: number, long: LongStream | undefined) {
    this.#input = input;
    this.#at = from;
    this.#most = most;
    this.#long = long;
  }

  run(from: number): Inflated {
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

  #symbol({ counts, symbols }: Code): number {
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length <= MAX_BITS; length++) {
      code |= this.#take(1);
      const count = counts[length]!;
      if (code - count < first) return symbols[index + code - first]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw ENDED;
  }

  #put(byte: number): void {
    if (this.#decoded >= this.#most) throw ENDED;
    if (this.#length === WINDOW && this.#long !== undefined) {
      this.#long.window(this.#output);
      this.#output.copyWithin(0, WINDOW - OVERLAP);
      this.#length = OVERLAP;
    }
    if (this.#length === this.#output.length) {
      const longer = new Uint8Array(Math.max(FIRST_BYTES, 2 * this.#length));
      longer.set(this.#output);
      this.#output = longer;
    }
    this.#output[this.#length++] = byte;
    this.#decoded++;
  }

  #stored(): void {
    this.#held = 0;
    this.#bits = 0;
    const length = this.#byte() | (this.#byte() << 8);
    if ((length ^ (this.#byte() | (this.#byte() << 8))) !== 0xffff) throw ENDED;
    for (let index = 0; index < length; index++) this.#put(this.#byte());
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

  #codes(literals: Code, distances: Code): void {
    for (;;) {
      const symbol = this.#symbol(literals);
      if (symbol === END_OF_BLOCK) return;
      if (symbol < END_OF_BLOCK) {
        this.#put(symbol);
        continue;
      }
      const row = symbol - 257;
      if (row >= LENGTH_BASE.length) throw ENDED;
      const length = LENGTH_BASE[row]! + this.#take(LENGTH_EXTRA[row]!);
      const far = this.#symbol(distances);
      if (far >= DISTANCE_BASE.length) throw ENDED;
      const distance = DISTANCE_BASE[far]! + this.#take(far < 4 ? 0 : (far >> 1) - 1);
      if (distance > this.#length) throw ENDED;
      for (let index = 0; index < length; index++) this.#put(this.#output[this.#length - distance]!);
    }
  }
}

/**
 * Decodes a deflate stream that begins at an index, as far as it goes: what remains of a damaged one can be
 * decoded by anyone. At most `most` bytes. node:zlib returns nothing of a damaged stream.
 */
export const inflate = (input: Uint8Array, from: number, most: number, long?: LongStream): Inflated =>
  new Inflater(input, from, most, long).run(from);

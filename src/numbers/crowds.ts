import type { NumberSet } from './number-set.js';
import type { RunBytes } from './run-bytes.js';

const HEADER = 8;
/**
 * Reads for one set, after which nothing is asked: in files full of noise, where each number has its own, they cost more than multiplying 10,000.
 * JavaScript's noble-curves have 200,000 numbers in a heap of 40 MB.
 */
const MOST = 1 << 14;
/** Bytes that are read at once: in a heap numbers stand close together. */
const WINDOW = 16_384;
/** Zero bytes of a header, at least: an address of user space has two. */
const QUIET = 2;
/** The crowds of all that stand behind no header, and of all in images of programs and libraries, whose tables are numbers by the thousand. */
const NONE = -1;
const MODULE = -2;

/**
 * How many numbers stand behind a header like theirs: the size of a chunk, the length of an array or of an integer. A library's tables of
 * points are integers by the ten thousand, each behind the same word, and whoever keeps a key keeps few.
 */
export class Crowds {
  readonly #bytes: RunBytes;
  readonly #inModule: (offset: number) => boolean;
  readonly #sizes = new Map<NumberSet, { count: number; sizes: Uint32Array }>();
  readonly #memory = Buffer.alloc(WINDOW);
  /** What was read last, and its offset. */
  #window: Buffer = this.#memory.subarray(0, 0);
  #from = 0;
  #reads = 0;

  constructor(bytes: RunBytes, inModule: (offset: number) => boolean) {
    this.#bytes = bytes;
    this.#inModule = inModule;
  }

  /**
   * By the number's index in the set, to which none is added any more: where it stands first or last, whichever has the smaller crowd. `among`: those
   * that are counted, ascending; the others have none.
   */
  sizes(set: NumberSet, among?: readonly number[]): Uint32Array {
    const count = among?.length ?? set.length;
    const known = this.#sizes.get(set);
    if (known?.count === count) return known.sizes;
    const sizes = this.#count(set, among ?? Array.from({ length: count }, (_, i) => i));
    this.#sizes.set(set, { count, sizes });
    return sizes;
  }

  #count(set: NumberSet, among: readonly number[]): Uint32Array {
    const sizes = new Uint32Array(set.length);
    if (this.#readsFor(set, among) > MOST) return sizes;
    this.#reads = 0;
    const firsts = among.map((i) => this.#kindBefore(set.offset(i)));
    const lasts = among.map((i, k) =>
      set.last(i) === set.offset(i) ? firsts[k]! : this.#kindBefore(set.last(i)),
    );
    if (this.#reads > MOST) return sizes;
    const counts = new Map<number, number>();
    for (const kind of firsts) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    for (const [k, kind] of lasts.entries())
      if (kind !== firsts[k]) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    for (const [k, i] of among.entries())
      sizes[i] = Math.min(counts.get(firsts[k]!)!, counts.get(lasts[k]!)!);
    return sizes;
  }

  /** Reads that the words before all numbers take at least, up to one more than there may be: dense files have too many, and none is made for nothing. */
  #readsFor(set: NumberSet, among: readonly number[]): number {
    let reads = 0;
    let from = 0;
    let end = 0;
    const ask = (offset: number): void => {
      if (offset < HEADER || (offset - HEADER >= from && offset <= end)) return;
      if (this.#inModule(offset)) return;
      reads++;
      from = offset - HEADER;
      end = from + WINDOW;
    };
    for (const i of among) if (reads <= MOST) ask(set.offset(i));
    for (const i of among) if (reads <= MOST && set.last(i) !== set.offset(i)) ask(set.last(i));
    return reads;
  }

  /** What the word before a number is: a count, the upper half of an address or of a word that has a count there, or nothing quiet. */
  #kindBefore(offset: number): number {
    if (this.#inModule(offset)) return MODULE;
    const header = this.#reads > MOST ? undefined : this.#before(offset);
    if (header?.length !== HEADER) return NONE;
    let zeros = 0;
    for (const byte of header) if (byte === 0) zeros++;
    const [lower, upper] = [header.readUInt32LE(0), header.readUInt32LE(4)];
    if (upper === 0xffff_ffff) return upper * 2 + 1;
    if (zeros < QUIET) return NONE;
    return upper === 0 ? lower * 2 : upper * 2 + 1;
  }

  #before(offset: number): Buffer | undefined {
    if (offset < HEADER) return undefined;
    const at = offset - HEADER - this.#from;
    if (at >= 0 && at + HEADER <= this.#window.length) return this.#window.subarray(at, at + HEADER);
    this.#reads++;
    this.#from = offset - HEADER;
    this.#window = this.#bytes.readTo(this.#from, this.#memory, HEADER);
    return this.#window.subarray(0, HEADER);
  }
}

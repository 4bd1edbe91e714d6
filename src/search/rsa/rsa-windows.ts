import { releasable, release } from '../../core/base/bytes/growable-array.js';
import { WINDOW_WORDS } from '../../sweep/runs/extractor.js';
import { ENCODING_BITS, FITTED, HEADED, INNER, type NumberRecord, OWN } from '../../sweep/runs/records.js';
import { BEHIND_HEADER, encodingCode, FITTING, INSIDE, sizeOf, Windows, wordsOf } from '../core/columns.js';
import type { SkippedCounter, SkippedWork } from '../core/skipped-work.js';

/** Reason reported for windows dropped for lack of space. */
const NOT_KEPT = 'windows that may be a factor were not kept';

/** Windows of all rare sizes, of which there are a hundred: as many as of one usual size. */
const MAX_RARE = 1_000_000;

/** Rank of a place: a window is kept again when a copy of it has a higher rank. */
const RANKS = { [INSIDE]: 0, 0: 1, [BEHIND_HEADER]: 1, [FITTING]: 2 } as Readonly<Record<number, number>>;

/** Place of a window, from the detail of its record. */
function placeOf(detail: number): number {
  if (detail & FITTED) return FITTING;
  if (detail & INNER) return INSIDE;
  return detail & (HEADED | OWN) ? BEHIND_HEADER : 0;
}

/** Collects all windows that may be a prime or a modulus, while runs come in. */
export class RsaWindows {
  readonly bySize: ReadonlyMap<number, Windows> = new Map(
    WINDOW_WORDS.map((words) => [words, new Windows()]),
  );
  /** Windows of other sizes, which fill their run. */
  readonly #rare = new Map<number, Windows>();
  #rareCount = 0;
  readonly #dropped: SkippedCounter;
  /** Recognises copies, which need to be tried only once. */
  readonly #seen = new PairCache();

  constructor(skippedWork: SkippedWork) {
    this.#dropped = skippedWork.counter('rsa-unknown-n windows', NOT_KEPT);
  }

  /**
   * Adds a window found by the extractor. A copy of a window inside a run is added at an edge, and again
   * behind a header of its length: such windows are tried first, and over greater distances.
   */
  add({ offset, detail, sum, size, words, at }: NumberRecord): void {
    const reading = detail & ENCODING_BITS;
    const low = words[at / 4]!;
    const high = words[at / 4 + 1]!;
    const tag = high ^ sum ^ ((size * 3 + reading + 1) << 16);
    const place = placeOf(detail);
    if (!this.#seen.isNew(low, tag, RANKS[place])) return;
    if (!this.#columnsFor(size)?.pushHalves(offset, reading, place, low, high))
      this.#reportDropped(size, offset);
  }

  /** Adds a number that fills its run and has a rare length. */
  addAnyLength({ offset, detail, sum, size: bits, words, at }: NumberRecord): void {
    const reading = encodingCode(detail & ENCODING_BITS, detail >> 2);
    const [low, high] = [words[at / 4]!, words[at / 4 + 1]!];
    if (!this.#seen.isNew(low, high ^ sum ^ ((bits * 256 + reading) << 8))) return;
    const size = sizeOf(bits);
    if (!this.#columnsFor(size)?.pushHalves(offset, reading, FITTING, low, high))
      this.#reportDropped(size, offset);
  }

  /** Adds a window from another source. `reading`: a `readingCode`. */
  keep(size: number, offset: number, reading: number, low: bigint): void {
    if (!this.#columnsFor(size)?.push(offset, reading, low)) this.#reportDropped(size, offset);
  }

  /** All windows, after the last run; releases the cache of copies. */
  finish(): ReadonlyMap<number, Windows> {
    this.#seen.clear();
    return new Map([...this.bySize, ...this.#rare]);
  }

  /** Columns for one more window of a size; undefined if there is no space. */
  #columnsFor(size: number): Windows | undefined {
    const usual = this.bySize.get(size);
    if (usual) return usual;
    if (this.#rareCount === MAX_RARE) return undefined;
    this.#rareCount++;
    const windows = this.#rare.get(size) ?? new Windows();
    this.#rare.set(size, windows);
    return windows;
  }

  release(): void {
    for (const windows of [...this.bySize.values(), ...this.#rare.values()]) windows.release();
  }

  #reportDropped(size: number, offset: number): void {
    this.#dropped.add(offset, offset + wordsOf(size) * 8);
  }
}

/** Entries of a set, of two words each. */
const WAYS = 2;
const SET_WORDS = 2 * WAYS;
/** Binary logarithm of the number of sets, at first and at most: 16 MiB. */
const SET_BITS = { first: 10, last: 20 };

/** Bits of a tag that hold the rank. */
const RANK_MASK = 3;

/**
 * Two-way set-associative cache of pairs of a 32-bit word and a 30-bit tag, least recently used entry
 * replaced. It grows with the number of distinct pairs: of a million, as in gigabytes of dense files, most
 * are still recognised when they come again.
 */
export class PairCache {
  #sets = new Uint32Array(0);
  /** Number of sets, not from the column: the length of a resizable one is slow to read. */
  #count = 0;
  #bits = 0;
  #newPairs = 0;

  /**
   * Enters a pair with a rank of 0 to 3; true if it was not in the cache with this rank or a higher one.
   * The two lowest bits of the tag are ignored. The pair (0, 0) marks an empty entry and is never new.
   */
  isNew(low: number, tag: number, rank = 0): boolean {
    if (this.#newPairs >= this.#count && this.#bits < SET_BITS.last) this.#grow();
    const isNew = this.#insert(low >>> 0, ((tag & ~RANK_MASK) | rank) >>> 0);
    if (isNew) this.#newPairs++;
    return isNew;
  }

  clear(): void {
    release(this.#sets);
    this.#sets = new Uint32Array(0);
    this.#count = 0;
    this.#bits = 0;
    this.#newPairs = 0;
  }

  #insert(low: number, tag: number): boolean {
    const sets = this.#sets;
    const hash = Math.imul(low ^ Math.imul(tag | RANK_MASK, 0x85ebca6b), 0x9e3779b1);
    const at = (hash >>> (32 - this.#bits)) * SET_WORDS;
    const lastLow = sets[at]!;
    const lastTag = sets[at + 1]!;
    const isLast = lastLow === low && (lastTag ^ tag) >>> 0 <= RANK_MASK;
    if (isLast && lastTag >= tag) return false;
    const olderTag = sets[at + 3]!;
    const known = !isLast && sets[at + 2] === low && (olderTag ^ tag) >>> 0 <= RANK_MASK ? olderTag : -1;
    sets[at] = low;
    sets[at + 1] = Math.max(tag, known);
    if (!isLast) {
      sets[at + 2] = lastLow;
      sets[at + 3] = lastTag;
    }
    return known < tag;
  }

  #grow(): void {
    const before = this.#sets;
    this.#bits = before.length === 0 ? SET_BITS.first : Math.min(SET_BITS.last, this.#bits + 2);
    this.#count = 1 << this.#bits;
    this.#sets = releasable(SET_WORDS * this.#count);
    // Backwards: the older pair of each set is inserted first.
    for (let at = before.length - 2; at >= 0; at -= 2) this.#insert(before[at]!, before[at + 1]!);
    release(before);
  }
}

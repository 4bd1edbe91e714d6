import { WINDOW_WORDS } from '../../sweep/runs/extractor.js';
import { ENCODING_BITS, FITTED, HEADED, INNER, type NumberRecord, OWN } from '../../sweep/runs/records.js';
import { BEHIND_HEADER, encodingCode, FITTING, INSIDE, sizeOf, Windows, wordsOf } from '../core/columns.js';
import type { SkippedCounter, SkippedWork } from '../core/skipped-work.js';
import { PairCache } from './pair-cache.js';

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

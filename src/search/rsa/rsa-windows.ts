import { WINDOW_WORDS } from '../../runs/extractor.js';
import { FITTED, HEADED, INNER, type NumberRecord, OWN, READING } from '../../runs/records.js';
import { BEHIND_HEADER, FITTING, INSIDE, readingCode, sizeOf, Windows, wordsOf } from '../core/columns.js';
import type { SkippedWork } from '../core/skipped-work.js';
import { PairCache } from './pair-cache.js';

/** What is told of windows that there is no room for. */
const NOT_KEPT = 'windows that may be a factor were not kept';

/** Windows of other sizes than the usual ones, of which there are a hundred: as many as of each usual one. */
const MOST_RARE = 1_000_000;

/** How much a window is worth by its place: one that was met before counts again where it stands at a better one. */
const RANKS = { [INSIDE]: 0, 0: 1, [BEHIND_HEADER]: 1, [FITTING]: 2 } as Readonly<Record<number, number>>;

/** Of a window with this detail. */
function placeOf(detail: number): number {
  if (detail & FITTED) return FITTING;
  if (detail & INNER) return INSIDE;
  return detail & (HEADED | OWN) ? BEHIND_HEADER : 0;
}

/** Collects, while runs come in, every window that may be a prime or a modulus. */
export class RsaWindows {
  readonly bySize: ReadonlyMap<number, Windows> = new Map(
    WINDOW_WORDS.map((words) => [words, new Windows()]),
  );
  /** Those of other sizes, which have a run to themselves. */
  readonly #rare = new Map<number, Windows>();
  #rareLength = 0;
  readonly #shortfall: SkippedWork;
  /** What was kept: copies of one number need be tried once. */
  readonly #seen = new PairCache();

  constructor(shortfall: SkippedWork) {
    this.#shortfall = shortfall;
  }

  /** A window that the extractor has found. One that was met inside a run is kept once more where it stands at an edge, and once more behind a header of its length: those are tried first, and further apart. */
  add({ offset, detail, sum, size, words, at }: NumberRecord): void {
    const reading = detail & READING;
    const low = words[at / 4]!;
    const high = words[at / 4 + 1]!;
    const tag = high ^ sum ^ ((size * 3 + reading + 1) << 16);
    const place = placeOf(detail);
    if (!this.#seen.isNew(low, tag, RANKS[place])) return;
    if (!this.#of(size)?.pushHalves(offset, reading, place, low, high)) this.#leave(size, offset);
  }

  /** A number that fills its run and has a length that few have. */
  addOdd({ offset, detail, sum, size: bits, words, at }: NumberRecord): void {
    const reading = readingCode(detail & READING, detail >> 2);
    const [low, high] = [words[at / 4]!, words[at / 4 + 1]!];
    if (!this.#seen.isNew(low, high ^ sum ^ ((bits * 256 + reading) << 8))) return;
    const size = sizeOf(bits);
    if (!this.#of(size)?.pushHalves(offset, reading, FITTING, low, high)) this.#leave(size, offset);
  }

  /** A window that something else has found. `reading`: by readingCode. */
  keep(size: number, offset: number, reading: number, low: bigint): void {
    if (!this.#of(size)?.push(offset, reading, low)) this.#leave(size, offset);
  }

  /** All that were kept, when the last run has come: what tells copies is forgotten. */
  finish(): ReadonlyMap<number, Windows> {
    this.#seen.clear();
    return new Map([...this.bySize, ...this.#rare]);
  }

  /** What one more window of such a size goes to; undefined where there is no room. */
  #of(size: number): Windows | undefined {
    return this.bySize.get(size) ?? this.#ofRareSize(size);
  }

  #ofRareSize(words: number): Windows | undefined {
    if (this.#rareLength === MOST_RARE) return undefined;
    this.#rareLength++;
    const windows = this.#rare.get(words) ?? new Windows();
    this.#rare.set(words, windows);
    return windows;
  }

  /** Of no use any more. */
  release(): void {
    for (const windows of [...this.bySize.values(), ...this.#rare.values()]) windows.release();
  }

  #leave(size: number, offset: number): void {
    this.#shortfall.add('rsa-unknown-n windows', NOT_KEPT, offset, offset + wordsOf(size) * 8);
  }
}

import type { Extractor } from '../../runs/extractor.js';
import { toNumber, WORD_ENCODINGS } from '../core/integer-encodings.js';
import type { Kernel } from '../core/kernel.js';
import { isGrey, zeroBytes } from '../core/randomness-test.js';
import type { Piece, RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Place, Run, WordReading } from '../core/types.js';
import { WordIndex } from '../core/word-index.js';
import { derIntegers } from './der-integers.js';
import type { KnownPlaces } from './modulus.js';
import type { RsaText } from './rsa-texts.js';
import { runFillingNumbers } from './run-filling-numbers.js';
import { unalignedNumbers } from './unaligned-numbers.js';
import { WindowList } from './window-store.js';

/** Bytes of windows that are kept for one size. */
const ROOM = 8 << 20;
/** Windows of one size that do not fill their run and are kept: cores have some hundred, and with more the budget reaches fewer moduli. */
const MOST_OTHERS = 1024;

/** An odd number, which spreads any bit that differs. */
const MIX = 0x9e3779b1;

/** A window read as a number. */
export interface Part extends Place {
  value: bigint;
}

/** Words of a run that may be one object with others; at an edge of a longer one only what has a quiet word beside it. */
const LONG = 96;

/** Windows of some sizes at both edges of the runs and behind headers of DER, in one pass over them, and the texts of these sizes. */
export function collectRunEdgeWindows(
  sizes: readonly number[],
  bytes: RunBytes,
  runs: RunList,
  kernel: Kernel,
  extractor: Extractor,
  known: KnownPlaces,
  texts: readonly RsaText[],
  mostOthers = MOST_OTHERS,
): ReadonlyMap<number, RunEdgeWindows> {
  const all = new Map(sizes.map((words) => [words, new RunEdgeWindows(words, mostOthers)]));
  const gates = new Map(sizes.map((words) => [words, extractor.gate(words * 8)]));
  const least = Math.min(...sizes);
  const ascending = [...all.values()].sort((a, b) => a.words - b.words);
  const wanted: RunEdgeWindows[] = [];
  // The likeliest first: few dumps have any.
  for (const { octets, ...place } of texts) all.get(octets.length / 8)?.addText(octets, place);
  for (const run of runs.ofWords(least - 2)) {
    // A run that shows nothing new any more is not read.
    wanted.length = 0;
    for (const each of ascending) {
      if (each.words > run.words + 2) break;
      if (each.takes(run)) wanted.push(each);
    }
    if (wanted.length === 0) continue;
    for (const piece of bytes.pieces(run)) {
      const memory = kernel.bytes;
      for (const { at, length } of derIntegers(memory, piece)) {
        const offset = piece.offset + at - piece.at;
        const edges = all.get(length / 8);
        if (!edges?.takes(run) || known.meets(offset, offset + length)) continue;
        const isHere = at + length <= piece.at + piece.after;
        const octets = isHere ? memory.subarray(at, at + length) : bytes.read(offset, length);
        if (octets.length === length) edges.addOctets(octets, offset);
      }
      const ends = endsOf(piece, run, memory);
      if (!ends.starts && !ends.ends) continue;
      for (const { at, length } of piece.startsRun && piece.endsRun ? runFillingNumbers(memory, piece) : []) {
        const offset = piece.offset + at - piece.at;
        const edges = all.get(length / 8);
        if (!edges?.takes(run) || known.meets(offset, offset + length) || !gates.get(length / 8)!(at))
          continue;
        edges.add(memory.subarray(at, at + length), {
          offset,
          own: true,
          array: isIntArray(memory, at, length / 4),
        });
      }
      for (const edges of wanted) {
        const { words } = edges;
        const looksRandom = gates.get(words)!;
        const own = edges.isOwn(run);
        for (const at of unalignedNumbers(memory, piece, words * 8)) {
          const offset = piece.offset + at - piece.at;
          if (!known.meets(offset, offset + words * 8) && looksRandom(at))
            edges.addOctets(memory.subarray(at, at + words * 8), offset);
        }
        forStarts(piece.words, ends, words, (start) => {
          const offset = piece.offset + start * 8;
          const at = piece.at + start * 8;
          if (known.meets(offset, offset + words * 8) || !looksRandom(at)) return;
          const array = piece.before + start * 8 >= 8 && isIntArray(memory, at, words * 2);
          edges.add(memory.subarray(at, at + words * 8), { offset, own, array });
        });
      }
    }
  }
  for (const edges of all.values()) edges.close();
  return all;
}

/** Windows of one size: where a number stands that has a chunk of memory, or the end of one, to itself, or a header of its own. */
export class RunEdgeWindows {
  readonly words: number;
  /** Runs that there was no room for, and where they begin and end. */
  left = { count: 0, from: 0, to: 0 };
  /** Those that fill their run, or all of it but a word, and those that do not. */
  readonly #mostOthers: number;
  readonly #own: WindowList;
  readonly #others: WindowList;
  /** By index: what stands there is text, and the window its octets. */
  readonly #texts = new Map<number, Place>();
  /** By index: octets at any byte. */
  readonly #octets = new Set<number>();
  #seen = new WordIndex();

  /** `mostOthers`: windows that do not fill their run; with 0 nobody wants any. */
  constructor(words: number, mostOthers = MOST_OTHERS) {
    this.words = words;
    this.#mostOthers = mostOthers;
    this.#own = new WindowList(words * 8);
    this.#others = new WindowList(words * 8);
  }

  /** A number of this size fills the run. */
  isOwn({ words }: Run): boolean {
    return Math.abs(words - this.words) <= 1;
  }

  /** False where there is no room for what the run may have: it counts as left then. */
  takes(run: Run): boolean {
    const isOwn = this.isOwn(run);
    if (this.length * this.words * 8 < ROOM && (isOwn || this.#others.length < this.#mostOthers)) return true;
    if (!isOwn && this.#mostOthers === 0) return false;
    this.#leave(run.offset, run.words * 8);
    return false;
  }

  /** Adds a window, of a run that the size takes. */
  add(window: Buffer, { offset, own, array }: { offset: number; own: boolean; array: boolean }): void {
    const mark = markOf(window);
    if (!this.#seen.entries(mark).next().done) return;
    this.#seen.add(mark);
    (own ? this.#own : this.#others).add(window, offset, array);
  }

  /** A number that stands as text; it fills its string. Texts come before all windows. */
  addText(octets: Buffer, place: Place): void {
    const index = this.#own.length;
    this.add(octets, { offset: place.offset, own: true, array: false });
    if (this.#own.length > index) this.#texts.set(index, place);
  }

  /** A number in octets at any byte: behind a header of DER, as long as that says, or beside zeros. */
  addOctets(octets: Buffer, offset: number): void {
    const index = this.#own.length;
    this.add(octets, { offset, own: true, array: false });
    if (this.#own.length > index) this.#octets.add(index);
  }

  /** Octets at any byte: no window that the extractor gives is the same. */
  isOctets(index: number): boolean {
    return this.#octets.has(index);
  }

  /** No window comes any more. */
  close(): void {
    this.#seen = new WordIndex();
  }

  get length(): number {
    return this.own + this.#others.length;
  }

  /** The first so many fill their run, or all of it but a word. */
  get own(): number {
    return this.#own.length;
  }

  /** The window at an index; those that fill their run come first. */
  stored(index: number): Buffer {
    return index < this.own ? this.#own.stored(index) : this.#others.stored(index - this.own);
  }

  offset(index: number): number {
    return index < this.own ? this.#own.offset(index) : this.#others.offset(index - this.own);
  }

  part(index: number, reading: WordReading): Part {
    const { stored, ...place } = this.numberAt(index, reading);
    return { value: toNumber(stored, reading), ...place };
  }

  /** The window as it stands, and where that is. */
  numberAt(index: number, reading: WordReading): Place & { stored: Buffer } {
    const stored = this.stored(index);
    const place = this.#texts.get(index) ?? { offset: this.offset(index), length: stored.length, reading };
    return { stored, ...place };
  }

  /** In 32-bit integers, the most significant first, is only what begins an array of them; the octets of a text, of DER and of structures of octets are in order. */
  mayRead(index: number, reading: WordReading): boolean {
    if (this.#texts.has(index) || this.#octets.has(index)) return reading === 'bytes-be';
    if (reading !== 'int32-msw') return true;
    return index < this.own ? this.#own.isArray(index) : this.#others.isArray(index - this.own);
  }

  /** The window in each reading that it may have. */
  parts(index: number): Part[] {
    return this.readingsOf(index).map((reading) => this.part(index, reading));
  }

  readingsOf(index: number): readonly WordReading[] {
    return WORD_ENCODINGS.filter((reading) => this.mayRead(index, reading));
  }

  /** What the windows of some indices span. */
  range(first: number, end: number): { from: number; to: number } {
    let [from, to] = [Number.POSITIVE_INFINITY, 0];
    for (let index = first; index < end; index++) {
      const offset = this.offset(index);
      from = Math.min(from, offset);
      to = Math.max(to, offset);
    }
    return { from, to: to + this.words * 8 };
  }

  /** Of no use any more. */
  release(): void {
    this.#own.release();
    this.#others.release();
  }

  #leave(offset: number, length: number): void {
    const { count, from } = this.left;
    this.left = {
      count: count + 1,
      from: count === 0 ? offset : Math.min(from, offset),
      to: offset + length,
    };
  }
}

/** Differs where two windows do in any word, as copies of which one was overwritten in part. */
function markOf(window: Buffer): bigint {
  let [low, high] = [0, 0];
  for (let at = 0; at < window.length; at += 8) {
    low = Math.imul(low ^ window.readUInt32LE(at), MIX);
    high = Math.imul(high ^ window.readUInt32LE(at + 4), MIX);
    low = (low << 7) | (low >>> 25);
    high = (high << 7) | (high >>> 25);
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** The length of an array of so many 32-bit integers stands before, maybe with padding (src/runs/kernel/gate.as.ts). */
export const isIntArray = (bytes: Buffer, at: number, integers: number): boolean =>
  bytes.readUInt32LE(at - 4) === integers || bytes.readUInt32LE(at - 8) === integers;

/** Ends of its run that a piece has and at which a number may stand, and the words that a number may begin and end at. */
interface Ends {
  starts: boolean;
  ends: boolean;
  first: number;
  last: number;
}

function endsOf({ at, words, before, after, startsRun, endsRun }: Piece, run: Run, bytes: Buffer): Ends {
  const behind = at + words * 8;
  const quiet = (word: number) => zeroBytes(bytes, word) >= 2;
  const short = run.words <= LONG;
  const starts = startsRun && (short || before < 16 || quiet(at - 8) || quiet(at - 16));
  const ends = endsRun && (short || after < words * 8 + 16 || quiet(behind) || quiet(behind + 8));
  return {
    starts,
    ends,
    first: starts && before >= 8 && isGrey(bytes, at - 8) ? -1 : 0,
    last: ends && after >= (words + 1) * 8 && isGrey(bytes, behind) ? words + 1 : words,
  };
}

/** Words of a piece at which a number of `size` words may begin: at its edges, and one word beside them. Each once. */
function forStarts(
  words: number,
  { starts, ends, first, last }: Ends,
  size: number,
  take: (start: number) => void,
): void {
  if (starts) for (let start = first; start <= Math.min(1, last - size); start++) take(start);
  if (!ends) return;
  const tail = Math.max(words - size - 1, starts ? 2 : first);
  for (let start = tail; start <= last - size; start++) take(start);
}

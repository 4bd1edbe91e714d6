/**
 * Windows at the ends of runs that may hold the beginning or the end of a prime whose other words were
 * overwritten.
 */

import type { Extractor } from '../../sweep/runs/extractor.js';
import type { NumberKernel } from '../core/kernel.js';
import { mayEndNumber } from '../core/randomness-test.js';
import type { Piece, RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Run } from '../core/types.js';
import type { PlaceSet } from './modulus.js';
import { isIntArray } from './run-edge-windows.js';
import { SkippedRange } from './skipped-range.js';

/** Windows of one size; bytes of the windows of all sizes, each with an overhead. */
const MAX_WINDOWS = 1 << 15;
const MAX_BYTES = 32 << 20;
const OVERHEAD = 320;

export interface PrimePartWindow {
  offset: number;
  stored: Buffer;
  /** The end of the number that is present. */
  end: 'front' | 'back';
  /** Words of its run. */
  runWords: number;
  /** Preceded by the header of an array of 32-bit integers. */
  isArray: boolean;
}

/** Words of a prime, the fewest that must be present, and where they are looked for. */
export interface PrimeSize {
  words: number;
  least: number;
  /** Also in runs longer than the prime, and one word inside the ends of a run. */
  deep: boolean;
}

/** A piece of a run in the kernel's memory, and the places that are left out. */
interface RunPiece {
  piece: Piece;
  run: Run;
  memory: Buffer;
  publicPlaces: PlaceSet;
}

/** Windows of one size. */
export class PrimePartWindows {
  readonly windows: PrimePartWindow[] = [];
  readonly skipped = new SkippedRange();
  readonly #size: PrimeSize;
  readonly #looksRandom: (at: number) => boolean;
  readonly #seen = new Set<string>();
  /** Shared by all sizes, so that public keys of many lengths do not multiply the memory. */
  readonly #room: { bytes: number };

  constructor(size: PrimeSize, extractor: Extractor, room: { bytes: number }) {
    this.#size = size;
    this.#room = room;
    this.#looksRandom = extractor.randomnessTest(size.least * 8);
  }

  accepts({ words }: Run): boolean {
    return words + 1 >= this.#size.least && (this.#size.deep || words <= this.#size.words);
  }

  /** Adds the windows at those ends of the run that the piece has. */
  add(source: RunPiece): void {
    const { words, least, deep } = this.#size;
    const { piece, memory } = source;
    const { at, before, after } = piece;
    if (piece.startsRun) {
      const grey = before >= 16 && mayEndNumber(memory, at - 8);
      for (let start = grey ? -1 : 0; start <= (deep ? 1 : 0); start++)
        if (piece.words - start >= least)
          this.#add('front', start, Math.min(piece.words, start + words), source);
    }
    if (piece.endsRun) {
      const grey = after >= piece.words * 8 + 8 && mayEndNumber(memory, at + piece.words * 8);
      for (let end = piece.words + (grey ? 1 : 0); end >= piece.words - (deep ? 1 : 0); end--)
        if (end >= least) this.#add('back', Math.max(0, end - words), end, source);
    }
  }

  /** Words [from, to) of the piece. */
  #add(
    end: PrimePartWindow['end'],
    from: number,
    to: number,
    { piece, run, memory, publicPlaces }: RunPiece,
  ): void {
    const { words, least } = this.#size;
    const offset = piece.offset + from * 8;
    const length = (to - from) * 8;
    const at = piece.at + from * 8;
    // The `least` words at the end that is present decide.
    const sure = end === 'front' ? at : at + length - least * 8;
    if (publicPlaces.overlaps(offset, offset + length) || !this.#looksRandom(sure)) return;
    const [first, last] = [memory.readBigUInt64LE(sure), memory.readBigUInt64LE(sure + least * 8 - 8)];
    const mark = `${end} ${length} ${first} ${last}`;
    if (this.#seen.has(mark)) return;
    if (this.windows.length === MAX_WINDOWS || this.#room.bytes < length + OVERHEAD) {
      this.skipped.add(offset, offset + length);
      return;
    }
    this.#seen.add(mark);
    this.#room.bytes -= length + OVERHEAD;
    const isArray = end === 'front' && piece.before + from * 8 >= 8 && isIntArray(memory, at, words * 2);
    const stored = Buffer.from(memory.subarray(at, at + length));
    this.windows.push({ offset, stored, end, runWords: run.words, isArray });
  }
}

/** Windows of each size, in one pass over the runs. */
export function collectPrimeParts(
  sizes: readonly PrimeSize[],
  bytes: RunBytes,
  runs: RunList,
  kernel: NumberKernel,
  extractor: Extractor,
  publicPlaces: PlaceSet,
): ReadonlyMap<number, PrimePartWindows> {
  const room = { bytes: MAX_BYTES };
  const all = new Map(sizes.map((size) => [size.words, new PrimePartWindows(size, extractor, room)]));
  for (const run of runs) {
    const accepting = [...all.values()].filter((each) => each.accepts(run));
    if (accepting.length === 0) continue;
    for (const piece of bytes.pieces(run))
      for (const windows of accepting) windows.add({ piece, run, memory: kernel.bytes, publicPlaces });
  }
  return all;
}

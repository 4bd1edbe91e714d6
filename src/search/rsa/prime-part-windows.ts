import type { Extractor } from '../../runs/extractor.js';
import type { Kernel } from '../core/kernel.js';
import { isGrey } from '../core/randomness-test.js';
import type { Piece, RunBytes } from '../core/run-bytes.js';
import type { RunList } from '../core/run-list.js';
import type { Run } from '../core/types.js';
import type { KnownPlaces } from './modulus.js';
import { isIntArray } from './run-edge-windows.js';

/** Windows of one size that are kept, and what those of all sizes may take, each with so much beside its bytes. */
const MOST = 1 << 15;
const ROOM = 32 << 20;
const OVERHEAD = 320;

/** Words at an end of a run that may be the front or the back of a number. */
export interface PartWindow {
  offset: number;
  stored: Buffer;
  /** The end of the number that is there, and not lost. */
  end: 'front' | 'back';
  /** Words of its run. */
  run: number;
  /** The header of an array of 32-bit integers stands before it. */
  array: boolean;
}

/** What is left out of a search: how many, between two file offsets. */
export interface LeftOut {
  count: number;
  from: number;
  to: number;
}

/** Words of a number, the fewest of them that are enough, and where they are looked for. */
export interface Wanted {
  words: number;
  least: number;
  /** In runs that are longer than the number too, and a word inside of their ends. */
  deep: boolean;
}

/** Windows of one size. */
export class PartWindows {
  readonly windows: PartWindow[] = [];
  readonly left: LeftOut = { count: 0, from: Number.POSITIVE_INFINITY, to: 0 };
  readonly wanted: Wanted;
  readonly #looksRandom: (at: number) => boolean;
  readonly #seen = new Set<string>();
  /** What all sizes have left: a dump with public keys of every length must not multiply it. */
  readonly #room: { bytes: number };

  constructor(wanted: Wanted, extractor: Extractor, room: { bytes: number }) {
    this.wanted = wanted;
    this.#room = room;
    this.#looksRandom = extractor.gate(wanted.least * 8);
  }

  takes({ words }: Run): boolean {
    return words + 1 >= this.wanted.least && (this.wanted.deep || words <= this.wanted.words);
  }

  /** Takes what stands at both ends of a run that are in the piece; `memory` is the kernel's. */
  add(piece: Piece, run: Run, memory: Buffer, known: KnownPlaces): void {
    const { words, least, deep } = this.wanted;
    const { at, before, after } = piece;
    const behind = at + piece.words * 8;
    if (piece.startsRun) {
      const grey = before >= 16 && isGrey(memory, at - 8);
      for (let start = grey ? -1 : 0; start <= (deep ? 1 : 0); start++)
        if (piece.words - start >= least)
          this.#take('front', piece, start, Math.min(piece.words, start + words), run, memory, known);
    }
    if (piece.endsRun) {
      const grey = after >= piece.words * 8 + 8 && isGrey(memory, behind);
      for (let end = piece.words + (grey ? 1 : 0); end >= piece.words - (deep ? 1 : 0); end--)
        if (end >= least) this.#take('back', piece, Math.max(0, end - words), end, run, memory, known);
    }
  }

  #take(
    end: PartWindow['end'],
    piece: Piece,
    from: number,
    to: number,
    run: Run,
    memory: Buffer,
    known: KnownPlaces,
  ): void {
    const { words, least } = this.wanted;
    const offset = piece.offset + from * 8;
    const length = (to - from) * 8;
    const at = piece.at + from * 8;
    // The end of the window that counts in any case.
    const sure = end === 'front' ? at : at + length - least * 8;
    if (known.meets(offset, offset + length) || !this.#looksRandom(sure)) return;
    const mark = `${end} ${length} ${memory.readBigUInt64LE(sure)} ${memory.readBigUInt64LE(sure + least * 8 - 8)}`;
    if (this.#seen.has(mark)) return;
    if (this.windows.length === MOST || this.#room.bytes < length + OVERHEAD) {
      this.left.count++;
      this.left.from = Math.min(this.left.from, offset);
      this.left.to = Math.max(this.left.to, offset + length);
      return;
    }
    this.#seen.add(mark);
    this.#room.bytes -= length + OVERHEAD;
    const array = end === 'front' && piece.before + from * 8 >= 8 && isIntArray(memory, at, words * 2);
    const stored = Buffer.from(memory.subarray(at, at + length));
    this.windows.push({ offset, stored, end, run: run.words, array });
  }
}

/** Windows of each size, in one pass over the runs. */
export function collectParts(
  sizes: readonly Wanted[],
  bytes: RunBytes,
  runs: RunList,
  kernel: Kernel,
  extractor: Extractor,
  known: KnownPlaces,
): ReadonlyMap<number, PartWindows> {
  const room = { bytes: ROOM };
  const all = new Map(sizes.map((wanted) => [wanted.words, new PartWindows(wanted, extractor, room)]));
  for (const run of runs) {
    const takers = [...all.values()].filter((each) => each.takes(run));
    if (takers.length === 0) continue;
    for (const piece of bytes.pieces(run))
      for (const taker of takers) taker.add(piece, run, kernel.bytes, known);
  }
  return all;
}

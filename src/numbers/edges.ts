import { isGrey, looksRandom } from './gate.js';
import type { Kernel } from './kernel.js';
import type { KnownPlaces } from './modulus.js';
import { toNumber } from './readings.js';
import type { Piece, RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';
import type { Place, WordReading } from './types.js';

/** Bytes of windows that are kept for one size. */
const ROOM = 8 << 20;

/** A window read as a number. */
export interface Part extends Place {
  value: bigint;
  reading: WordReading;
}

/** Windows of one size at both edges of the runs: where a number stands that has a chunk of memory, or the end of one, to itself. */
export class Edges {
  readonly words: number;
  /** The first so many fill their run, or all of it but a word. */
  own = 0;
  /** Windows that there was no room for, and where they begin and end. */
  left = { count: 0, from: 0, to: 0 };
  readonly #bytes: Buffer[] = [];
  readonly #offsets: number[] = [];

  constructor(words: number, bytes: RunBytes, runs: RunList, kernel: Kernel, known: KnownPlaces) {
    this.words = words;
    const length = words * 8;
    const others: { offset: number; stored: Buffer }[] = [];
    const seen = new Set<bigint>();
    for (const run of runs) {
      if (run.words + 2 < words) continue;
      for (const piece of bytes.pieces(run)) {
        for (const start of starts(piece, words, kernel.bytes)) {
          const offset = piece.offset + start * 8;
          const at = piece.at + start * 8;
          if (known.meets(offset, offset + length) || !looksRandom(kernel.bytes, at, length)) continue;
          const mark = kernel.bytes.readBigUInt64LE(at) ^ kernel.bytes.readBigUInt64LE(at + length - 8);
          if (seen.has(mark)) continue;
          if ((this.length + others.length) * length >= ROOM) {
            this.#leave(offset, length);
            continue;
          }
          seen.add(mark);
          const stored = Buffer.from(kernel.bytes.subarray(at, at + length));
          if (Math.abs(run.words - words) <= 1) this.#push(offset, stored);
          else others.push({ offset, stored });
        }
      }
    }
    this.own = this.length;
    for (const { offset, stored } of others) this.#push(offset, stored);
  }

  get length(): number {
    return this.#offsets.length;
  }

  /** The window at an index; those that fill their run come first. */
  stored(index: number): Buffer {
    return this.#bytes[index]!;
  }

  offset(index: number): number {
    return this.#offsets[index]!;
  }

  part(index: number, reading: WordReading): Part {
    const stored = this.stored(index);
    return {
      value: toNumber(stored, reading),
      offset: this.offset(index),
      length: stored.length,
      reading,
    };
  }

  /** What the windows of some indices span. */
  range(first: number, end: number): { from: number; to: number } {
    const offsets = this.#offsets.slice(first, end);
    return {
      from: offsets.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      to: offsets.reduce((a, b) => Math.max(a, b), 0) + this.words * 8,
    };
  }

  #push(offset: number, stored: Buffer): void {
    this.#offsets.push(offset);
    this.#bytes.push(stored);
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

/** Words of a piece at which a number of `size` words may begin: at its edges, and one word beside them. */
function starts(
  { at, words, before, after, startsRun, endsRun }: Piece,
  size: number,
  bytes: Buffer,
): number[] {
  const first = startsRun && before >= 8 && isGrey(bytes, at - 8) ? -1 : 0;
  const last = endsRun && after >= (words + 1) * 8 && isGrey(bytes, at + words * 8) ? words + 1 : words;
  const wanted = [
    ...(startsRun ? [-1, 0, 1] : []),
    ...(endsRun ? [-1, 0, 1].map((more) => words - size + more) : []),
  ];
  return [...new Set(wanted)].filter((start) => start >= first && start + size <= last);
}

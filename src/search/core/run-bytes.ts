import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { Extent } from '../../core/model/report.js';
import { type Extractor, KEPT_MARGIN, partsOf, REACH } from '../../sweep/runs/extractor.js';
import type { RecordList } from '../../sweep/runs/records.js';
import type { NumberKernel } from './kernel.js';
import type { RunCache } from './run-cache.js';
import type { Run } from './types.js';

/**
 * Bytes of one read: few, since runs are far apart in most dumps; and the margin of a piece on both sides.
 */
const BLOCK = 1 << 14;
const MARGIN = 2 * REACH;

/** A run, or an edge of a long one, in the kernel's memory. */
export interface Piece {
  /** File offset of its first word. */
  offset: number;
  words: number;
  /** It begins where its run does, and ends where its run does. */
  startsRun: boolean;
  endsRun: boolean;
  /** Address of its first word in the kernel's memory. */
  at: number;
  /** Bytes that can be read before that address, and from it on. */
  before: number;
  after: number;
}

/** Cached bytes copied into the kernel's memory at once: more than any cached range has. */
const KEPT = 1 << 15;

/** Cached bytes in the kernel's memory, and the piece at an address; whether it ends its run is not known. */
interface KeptBlock {
  at: number;
  length: number;
  pieceAt(address: number): Piece;
}

/** Bytes read for one number: the next number is among them in half the cases. */
const AHEAD = 1 << 12;

/** Words of a block, which the digit net accepts or rejects as a whole. */
const DIGIT_BLOCK = 8;

/** A run of the digit net with a block on both sides, which may contain digits, too. */
export function engineRun({ offset, words }: Run): Run {
  const before = Math.min(DIGIT_BLOCK, Math.floor(offset / 8));
  return { offset: offset - before * 8, words: before + words + DIGIT_BLOCK };
}

/** Extents that the searches read for a run and for the numbers in it. */
export function runExtents({ offset, words }: Run): Extent[] {
  return partsOf(words).map(({ from, words }) => {
    const start = Math.max(0, offset + from * 8 - MARGIN);
    return { offset: start, length: offset + (from + words) * 8 + MARGIN - start };
  });
}

/**
 * Reads runs in file order, a block at a time, into the kernel's memory, or from the cache. Of a long run
 * only its edges.
 */
export class RunBytes {
  readonly #reader: ByteReader;
  readonly #kernel: NumberKernel;
  readonly #kept: RunCache | undefined;
  /** Address of the cached bytes in the kernel's memory, and their range in the cache. */
  readonly #window: number;
  #windowFrom = 0;
  #windowTo = 0;
  readonly #at: number;
  #from = 0;
  #to = 0;
  /** The bytes last read for a number, from `#begin` on. */
  readonly #room = Buffer.alloc(AHEAD);
  #ahead: Buffer = this.#room.subarray(0, 0);
  #begin = 0;

  constructor(reader: ByteReader, kernel: NumberKernel, kept?: RunCache) {
    this.#reader = reader;
    this.#kernel = kernel;
    this.#kept = kept;
    this.#window = kept ? kernel.allocate(KEPT) : 0;
    this.#at = kernel.allocate(BLOCK + 2 * MARGIN);
  }

  /**
   * The run, or its two edges, with up to {@link KEPT_MARGIN} bytes on both sides. Each is valid until the
   * next one.
   */
  *pieces(run: Run): Generator<Piece> {
    for (const { from, words, starts, ends } of partsOf(run.words)) {
      const offset = run.offset + from * 8;
      yield this.#loadKept(offset, words, starts, ends) ?? this.#load(offset, words, starts, ends);
    }
  }

  /** Pieces with up to {@link REACH} bytes on both sides. */
  *widePieces(run: Run): Generator<Piece> {
    for (const { from, words, starts, ends } of partsOf(run.words))
      yield this.#load(run.offset + from * 8, words, starts, ends);
  }

  /** All cached bytes in blocks. Each is valid until the next block or piece. */
  *keptBlocks(): Generator<KeptBlock> {
    const kept = this.#kept;
    for (const { from, to } of kept?.blocks(KEPT) ?? []) {
      this.#fillWindow(from, to);
      const at = this.#window;
      yield { at, length: to - from, pieceAt: (address) => this.#pieceWith(from + address - at) };
    }
  }

  #pieceWith(place: number): Piece {
    const { from, offset, length } = this.#kept!.rangeWith(place);
    const words = length / 8 - 2 * (KEPT_MARGIN / 8);
    const at = this.#window + from - this.#windowFrom + KEPT_MARGIN;
    return {
      ...{ offset: offset + KEPT_MARGIN, words, startsRun: false, endsRun: false },
      ...{ at, before: KEPT_MARGIN, after: words * 8 + KEPT_MARGIN },
    };
  }

  /** A piece with {@link REACH} bytes on both sides: itself, or a copy at another address. */
  widened(piece: Piece): Piece {
    if (piece.before > KEPT_MARGIN || piece.after > piece.words * 8 + KEPT_MARGIN) return piece;
    const { offset, words, startsRun, endsRun } = piece;
    return this.#load(offset, words, startsRun, endsRun);
  }

  /** A copy of `length` bytes of the file, or fewer at its end. */
  read(offset: number, length: number): Buffer {
    const kept = this.#kept?.placeOf(offset, length);
    if (kept !== undefined) return Buffer.from(this.#kept!.bytes.subarray(kept, kept + length));
    if (offset < this.#begin || offset + length > this.#begin + this.#ahead.length) {
      if (length > AHEAD) {
        const bytes = Buffer.alloc(length);
        return bytes.subarray(0, this.#reader.read(offset, bytes));
      }
      this.#ahead = this.readTo(offset, this.#room, length);
      this.#begin = offset;
    }
    const at = offset - this.#begin;
    return Buffer.from(this.#ahead.subarray(at, at + length));
  }

  /** At least `least` bytes into `target`, and what follows as far as it needs no decoding. */
  readTo(offset: number, target: Buffer, least: number): Buffer {
    const near = this.#reader.near?.(offset, target.length) ?? target.length;
    const wanted = target.subarray(0, Math.max(least, near));
    return wanted.subarray(0, this.#reader.read(offset, wanted));
  }

  #loadKept(offset: number, words: number, startsRun: boolean, endsRun: boolean): Piece | undefined {
    const length = words * 8 + 2 * KEPT_MARGIN;
    const from = this.#kept?.placeOf(offset - KEPT_MARGIN, length);
    if (from === undefined) return undefined;
    if (from < this.#windowFrom || from + length > this.#windowTo) this.#fillWindow(from, from + KEPT);
    const at = this.#window + from - this.#windowFrom + KEPT_MARGIN;
    return { offset, words, startsRun, endsRun, at, before: KEPT_MARGIN, after: words * 8 + KEPT_MARGIN };
  }

  /** Cached bytes [from, to), or fewer at the end. */
  #fillWindow(from: number, to: number): void {
    const bytes = this.#kept!.bytes.subarray(from, to);
    this.#kernel.view(this.#window, bytes.length).set(bytes);
    this.#windowFrom = from;
    this.#windowTo = from + bytes.length;
  }

  #load(offset: number, words: number, startsRun: boolean, endsRun: boolean): Piece {
    const end = offset + words * 8;
    if (offset - REACH < this.#from || end + REACH > this.#to) this.#fill(offset, end);
    return {
      offset,
      words: Math.max(0, Math.min(words, Math.floor((this.#to - offset) / 8))),
      startsRun,
      endsRun,
      at: this.#at + (offset - this.#from),
      before: offset - this.#from,
      after: Math.max(0, this.#to - offset),
    };
  }

  /** The block that begins a margin before `offset`, aligned by address, with zeros behind the file's end. */
  #fill(offset: number, end: number): void {
    this.#from = Math.max(offset % 8, offset - MARGIN);
    const target = this.#kernel.view(this.#at, BLOCK + 2 * MARGIN);
    const near = this.#reader.near?.(this.#from, target.length) ?? target.length;
    const needed = Math.max(near, end + REACH - this.#from);
    const length = this.#reader.read(this.#from, target.subarray(0, needed));
    target.fill(0, length);
    this.#to = this.#from + length;
  }
}

/**
 * Extracts the numbers of a run whose bytes are read for that: `body` if it is long and does not begin as an
 * object does, `none` if it does not look random. `isObject`: it begins where an object does, whatever word
 * precedes it.
 */
export function extractRun(
  run: Run,
  isObject: boolean,
  bytes: RunBytes,
  extractor: Extractor,
  into: RecordList,
): 'numbers' | 'none' | 'body' {
  into.open(run.offset, run.words);
  let random = false;
  for (const { words, startsRun, endsRun, at, before, after, offset } of bytes.widePieces(run)) {
    if (startsRun && !isObject && !extractor.begins(run.words, at, before)) return 'body';
    const part = { words, starts: startsRun, ends: endsRun };
    random = extractor.part(part, at, before, after, offset, into) || random;
  }
  return random ? 'numbers' : 'none';
}

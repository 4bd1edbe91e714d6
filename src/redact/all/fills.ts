import { partitionPoint } from '../../core/base/bytes/binary-search.js';
import type { FilledSpan } from '../../core/base/bytes/filled.js';

/** Bytes that were filled for one cause and for none before it. */
export interface CauseTally {
  readonly cause: string;
  /** Ranges that were added and had bytes that no other had. */
  readonly places: number;
  readonly bytes: number;
}

/** Bytes with one cause and one fill: [start, end). */
interface Piece {
  start: number;
  end: number;
  readonly fill: number;
  readonly cause: string;
}

/** Pieces in one leaf; a longer one is halved. */
const LEAF = 512;
/** Pieces of one plan. */
const MAX_PIECES = 2 ** 22;

/**
 * What a copy must not hold: the union of all ranges that were added. Each byte belongs to the range that was
 * first to have it. Pieces are kept in ascending order, in leaves of bounded length.
 */
export class Fills {
  readonly #length: number;
  /** The byte where a range names none. */
  readonly fill: number;
  readonly #leaves: Piece[][] = [];
  readonly #causes = new Map<string, { places: number; bytes: number }>();
  readonly #most: number;
  #pieces = 0;
  #bytes = 0;
  /** True if ranges were left out, since there were too many. */
  overflowed = false;

  /** `length`: of the input in bytes. `fill`: the byte where a range names none. */
  constructor(length: number, { fill = 0, most = MAX_PIECES } = {}) {
    this.#length = length;
    this.fill = fill;
    this.#most = most;
  }

  /** Bytes that are filled. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Fills a range. True if it has bytes that were not filled before. */
  add(offset: number, length: number, cause: string, fill = this.fill): boolean {
    const end = Math.min(offset + length, this.#length);
    let from = Math.max(0, offset);
    let added = 0;
    while (from < end) {
      const next = this.#firstEndingAfter(from);
      const to = Math.min(end, next?.start ?? end);
      if (from < to && this.#insert({ start: from, end: to, fill, cause })) added += to - from;
      from = Math.max(to, next?.end ?? end);
    }
    if (added === 0) return false;
    this.#bytes += added;
    const tally = this.#causes.get(cause) ?? { places: 0, bytes: 0 };
    tally.places++;
    tally.bytes += added;
    this.#causes.set(cause, tally);
    return true;
  }

  /** True if every byte of a range is filled. */
  covers(offset: number, length: number): boolean {
    for (let from = offset; from < offset + length; ) {
      const piece = this.#firstEndingAfter(from);
      if (piece === undefined || piece.start > from) return false;
      from = piece.end;
    }
    return true;
  }

  /** Ascending and disjoint; ranges that touch are one if their fill is the same. */
  spans(): readonly FilledSpan[] {
    const spans: { offset: number; length: number; fill: number }[] = [];
    for (const leaf of this.#leaves)
      for (const { start, end, fill } of leaf) {
        const last = spans.at(-1);
        if (last !== undefined && last.fill === fill && last.offset + last.length === start)
          last.length = end - last.offset;
        else spans.push({ offset: start, length: end - start, fill });
      }
    return spans;
  }

  /** What was filled for which cause, in the order in which causes came first. */
  byCause(): readonly CauseTally[] {
    return [...this.#causes].map(([cause, tally]) => ({ cause, ...tally }));
  }

  /** Every filled range with its cause, ascending and disjoint. */
  *extents(): Generator<FilledSpan & { readonly cause: string }> {
    for (const leaf of this.#leaves)
      for (const { start, end, fill, cause } of leaf)
        yield { offset: start, length: end - start, fill, cause };
  }

  #leafFor(offset: number): number {
    return partitionPoint(this.#leaves.length, (index) => this.#leaves[index]!.at(-1)!.end <= offset);
  }

  #firstEndingAfter(offset: number): Piece | undefined {
    const leaf = this.#leaves[this.#leafFor(offset)];
    return leaf?.[partitionPoint(leaf.length, (index) => leaf[index]!.end <= offset)];
  }

  /** Inserts a piece that overlaps no other, or lengthens the one before it if cause and fill are its own. */
  #insert(piece: Piece): boolean {
    const { start, end, fill, cause } = piece;
    const before = start > 0 ? this.#firstEndingAfter(start - 1) : undefined;
    if (before !== undefined && before.end === start && before.fill === fill && before.cause === cause) {
      before.end = end;
      return true;
    }
    if (this.#pieces >= this.#most) {
      this.overflowed = true;
      return false;
    }
    this.#pieces++;
    if (this.#leaves.length === 0) {
      this.#leaves.push([piece]);
      return true;
    }
    const index = Math.min(this.#leafFor(start), this.#leaves.length - 1);
    const leaf = this.#leaves[index]!;
    leaf.splice(
      partitionPoint(leaf.length, (at) => leaf[at]!.end <= start),
      0,
      piece,
    );
    if (leaf.length > LEAF) this.#leaves.splice(index + 1, 0, leaf.splice(LEAF / 2));
    return true;
  }
}

import { upperBound } from '../../../base/bytes/binary-search.js';
import type { Seam } from '../../../formats/memory/types.js';
import type { Extent } from '../../../model/report.js';

/** Seams that are followed: a dump with more has segments of a page. */
const MOST = 2 ** 20;

/** The bytes of a file in the order of their addresses: at a seam memory goes on elsewhere in the file. */
export class MemoryOrder {
  /** Ascending. */
  readonly #ends: Float64Array;
  readonly #next: Float64Array;

  constructor(seams: Iterable<Pick<Seam, 'endOffset' | 'offset'>> = []) {
    const rows: Pick<Seam, 'endOffset' | 'offset'>[] = [];
    for (const seam of seams) if (rows.push(seam) === MOST) break;
    rows.sort((a, b) => a.endOffset - b.endOffset);
    this.#ends = Float64Array.from(rows, ({ endOffset }) => endOffset);
    this.#next = Float64Array.from(rows, ({ offset }) => offset);
  }

  /** Bytes from an offset on to the next seam, which may be none: then it is infinite. */
  straight(offset: number): number {
    return (this.#ends[upperBound(this.#ends, offset)] ?? Number.POSITIVE_INFINITY) - offset;
  }

  /** Where memory goes on behind an offset. */
  from(end: number): number {
    const index = upperBound(this.#ends, end) - 1;
    return this.#ends[index] === end ? this.#next[index]! : end;
  }

  /** Parts of the file that have this many bytes of memory from an offset on. */
  *extents(offset: number, length: number): Generator<Extent> {
    for (let [at, left] = [offset, length]; left > 0; ) {
      const part = Math.min(left, this.straight(at));
      yield { offset: at, length: part };
      left -= part;
      at = this.from(at + part);
    }
  }
}

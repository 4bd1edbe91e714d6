import { upperBound } from '../../../core/base/bytes/binary-search.js';
import type { Extent } from '../../../core/model/report.js';
import type { Seam } from '../../../formats/memory/types.js';

/** Seams that are followed: a dump with more has segments of a page. */
const MOST = 2 ** 20;

/** Seams as plain data for any thread, in shared memory. */
export interface SeamColumns {
  /** Offsets, ascending. */
  ends: Float64Array;
  /** Where memory goes on. */
  next: Float64Array;
}

/** Some seams of a dump, by where they are in the file. */
export function seamColumns(seams: Iterable<Pick<Seam, 'endOffset' | 'offset'>>): SeamColumns {
  const rows: Pick<Seam, 'endOffset' | 'offset'>[] = [];
  for (const seam of seams) if (rows.push(seam) === MOST) break;
  rows.sort((a, b) => a.endOffset - b.endOffset);
  const column = () => new Float64Array(new SharedArrayBuffer(8 * rows.length));
  const [ends, next] = [column(), column()];
  for (const [index, { endOffset, offset }] of rows.entries())
    [ends[index], next[index]] = [endOffset, offset];
  return { ends, next };
}

/** The bytes of a file in the order of their addresses: at a seam memory goes on elsewhere in the file. */
export class MemoryOrder {
  readonly #ends: Float64Array;
  readonly #next: Float64Array;

  constructor({ ends, next }: SeamColumns = seamColumns([])) {
    this.#ends = ends;
    this.#next = next;
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

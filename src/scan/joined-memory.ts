import type { ByteReader, Storage } from '../core/base/bytes/storage.js';
import { extentsInFile, readerWithTail, type Tail } from '../core/base/bytes/tail.js';
import type { Limit } from '../core/limits/limit.js';
import type { Extent } from '../core/model/report.js';
import type { SecretCandidate } from '../detect/core/types.js';
import type { View } from '../formats/memory/types.js';

/** An offset in a statement about a key. */
const OFFSET = /\b0x[0-9a-f]+\b/g;

/**
 * What the search for bare keys reads: the file, and behind its end the bytes around seams once more, as they
 * lie in memory. Offsets behind the file's end are translated here and nowhere else.
 */
export class JoinedMemory {
  readonly reader: ByteReader;
  tail: Tail | undefined;

  constructor(stored: () => ByteReader) {
    this.reader = readerWithTail(stored, () => this.tail);
  }

  /** A view whose reader is this one. */
  view(view: View): View {
    const { inModule } = view;
    return {
      ...view,
      reader: this.reader,
      ...(inModule ? { inModule: (offset) => inModule(this.offsetOf(offset)) } : {}),
    };
  }

  /** Storage of the joined bytes, for any thread. */
  storage(stored: Storage): Storage {
    const { tail } = this;
    return tail === undefined ? stored : { kind: 'tailed', stored, tail, length: tail.length };
  }

  offsetOf(offset: number): number {
    return extentsInFile(this.tail, { offset, length: 1 })[0]?.offset ?? offset;
  }

  /** A candidate at its places in the file. */
  placed(candidate: SecretCandidate, view: Pick<View, 'sameInBothOrders'>): SecretCandidate {
    const extents = candidate.extents.flatMap((extent) => this.#inFile(extent));
    const { offset } = extents[0]!;
    const notAdjacentInMemory = extents.length === 1 && !view.sameInBothOrders(offset, 0, candidate.length);
    const evidence = candidate.evidence.map((statement) => this.statement(statement));
    return { ...candidate, offset, extents, evidence, notAdjacentInMemory };
  }

  /** A statement that names offsets. */
  statement(statement: string): string {
    return this.tail === undefined
      ? statement
      : statement.replace(OFFSET, (text) => `0x${this.offsetOf(Number(text)).toString(16)}`);
  }

  /** A limit's range within the file. */
  limit(limit: Limit, length: number): Limit {
    const { tail } = this;
    const to = limit.offset + limit.length;
    if (tail === undefined || to <= length) return limit;
    // What a search left may be on both sides of the file's end: its range is then the whole file.
    const offset = limit.offset < length ? limit.offset : 0;
    return { ...limit, offset, length: length - offset };
  }

  /** A number is never empty and begins with a byte of memory. */
  #inFile(extent: Extent): Extent[] {
    const extents = extentsInFile(this.tail, extent);
    return extents.length > 0 ? extents : [{ offset: 0, length: extent.length }];
  }
}

import { piecesOf } from '../base/bytes/pieces.js';
import type { Storage } from '../base/bytes/storage.js';
import type { Sink } from './decode-to-sink.js';
import type { Spool } from './spool.js';

/** Where data that follows a hole begins: in the content, and in the spool. */
interface Piece {
  start: number;
  offset: number;
}

/**
 * A spool in which long runs of zeros take no memory: a core of a program that reserves gigabytes is mostly
 * zeros, and so is what is made to exhaust a program that unpacks it.
 */
export class SparseSpool implements Sink {
  readonly #spool: Spool;
  readonly #pieces: Piece[] = [];
  /** Bytes of holes. */
  #skipped = 0;
  #isInHole = false;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  get length(): number {
    return this.#skipped + this.#spool.length;
  }

  write(chunk: Uint8Array): Promise<void> {
    if (this.#isInHole || this.#pieces.length === 0)
      this.#pieces.push({ start: this.length, offset: this.#spool.length });
    this.#isInHole = false;
    return this.#spool.write(chunk);
  }

  skip(zeros: number): void {
    this.#skipped += zeros;
    this.#isInHole = true;
  }

  storage(): Storage {
    const stored = this.#spool.storage();
    if (this.#skipped === 0) return stored;
    const rows = this.#pieces.map(({ start, offset }, i) => {
      const end = this.#pieces[i + 1]?.offset ?? stored.length;
      return { start, offset, length: end - offset };
    });
    return { kind: 'pieces', stored, pieces: piecesOf(rows), length: this.length };
  }

  close(): void {
    this.#spool.close();
  }
}

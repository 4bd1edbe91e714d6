import { piecesOf } from '../core/base/bytes/pieces.js';
import type { Storage } from '../core/base/bytes/storage.js';
import { isZero } from '../core/base/bytes/zeros.js';
import type { Sink } from './decode-to-sink.js';
import type { Spool } from './spool.js';

/** Zeros are looked for in blocks of this size. */
const BLOCK = 4 * 1024;

/** Least bytes of a hole: each costs a look-up, and the data behind it a read of its own. */
const LEAST_HOLE = 32 * 1024;

/** After this many holes the next must be twice as long: their list stays short. */
const MANY = 2 ** 14;

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
  #leastHole = LEAST_HOLE;
  /** Bytes of holes. */
  #skipped = 0;
  /** Zeros at the end that are not written: a hole if nothing follows, or many more. */
  #pending = 0;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  get length(): number {
    return this.#skipped + this.#spool.length + this.#pending;
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      const zeros = zerosAt(chunk, at);
      this.#pending += zeros;
      at += zeros;
      const end = this.#endOfData(chunk, at);
      if (end > at) await this.#writeData(chunk.subarray(at, end));
      at = end;
    }
  }

  /** Where the next zeros begin that may become a hole: many, or those at the end of the chunk. */
  #endOfData(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; ) {
      const zeros = zerosAt(chunk, at);
      if (zeros >= this.#leastHole || (zeros > 0 && at + zeros === chunk.length)) return at;
      at += zeros === 0 ? BLOCK : zeros;
    }
    return chunk.length;
  }

  async #writeData(data: Uint8Array): Promise<void> {
    if (this.#pending >= this.#leastHole) {
      this.#skipped += this.#pending;
      this.#pending = 0;
      this.#pieces.push({ start: this.length, offset: this.#spool.length });
      if (this.#pieces.length % MANY === 0) this.#leastHole *= 2;
    } else if (this.#pending > 0) {
      await this.#spool.write(new Uint8Array(this.#pending));
      this.#pending = 0;
    }
    await this.#spool.write(data);
  }

  storage(): Storage {
    const stored = this.#spool.storage();
    const { length } = this;
    if (length === stored.length) return stored;
    const pieces = [{ start: 0, offset: 0 }, ...this.#pieces];
    const rows = pieces.map(({ start, offset }, i) => {
      const end = pieces[i + 1]?.offset ?? stored.length;
      return { start, offset, length: end - offset };
    });
    return { kind: 'pieces', stored, pieces: piecesOf(rows), length };
  }

  close(): void {
    this.#spool.close();
  }
}

/** Number of zeros from an offset on: whole blocks, and a shorter one at the end that follows these. */
function zerosAt(chunk: Uint8Array, from: number): number {
  let at = from;
  while (at < chunk.length) {
    const block = chunk.subarray(at, at + BLOCK);
    const isShort = block.length < BLOCK && at === from && from > 0;
    if (isShort || !isZero(block)) break;
    at += block.length;
  }
  return at - from;
}

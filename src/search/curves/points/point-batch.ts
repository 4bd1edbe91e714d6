/** Candidates checked at once. */
export const BATCH_SIZE = 1024;

/** Candidates for uncompressed points of one size: columns of x and y. */
export class PointBatch {
  readonly size: number;
  length = 0;
  /** File offsets of the candidates. */
  readonly offsets: number[] = [];
  readonly #width: number;
  /** Empty until the first candidate: most small files have none. */
  #xs = Buffer.alloc(0);
  #ys = Buffer.alloc(0);

  constructor(size: number, width: number) {
    this.size = size;
    this.#width = width;
  }

  push(bytes: Buffer, at: number, offset: number): void {
    if (this.#xs.length === 0) {
      this.#xs = Buffer.alloc(BATCH_SIZE * this.#width);
      this.#ys = Buffer.alloc(BATCH_SIZE * this.#width);
    }
    // Right-aligned: big-endian numbers in whole words.
    const to = (this.length + 1) * this.#width - this.size;
    bytes.copy(this.#xs, to, at, at + this.size);
    bytes.copy(this.#ys, to, at + this.size, at + 2 * this.size);
    this.offsets[this.length++] = offset;
  }

  xs(): Buffer {
    return this.#xs.subarray(0, this.length * this.#width);
  }

  ys(): Buffer {
    return this.#ys.subarray(0, this.length * this.#width);
  }
}

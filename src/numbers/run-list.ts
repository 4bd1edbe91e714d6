import type { Run } from './types.js';

/** Runs that are kept, at 12 bytes each: those of 40 GB of dense files. */
const MOST_RUNS = 4_000_000;

/** The runs of an artifact, for searches that come back to them. */
export class RunList {
  length = 0;
  #offsets = new Float64Array(1024);
  #words = new Uint32Array(1024);

  /** False where there is no room for more. */
  push({ offset, words }: Run): boolean {
    if (this.length === MOST_RUNS) return false;
    if (this.length === this.#offsets.length) {
      const [offsets, lengths] = [this.#offsets, this.#words];
      this.#offsets = new Float64Array(this.length * 2);
      this.#offsets.set(offsets);
      this.#words = new Uint32Array(this.length * 2);
      this.#words.set(lengths);
    }
    this.#offsets[this.length] = offset;
    this.#words[this.length] = words;
    this.length++;
    return true;
  }

  *[Symbol.iterator](): Generator<Run> {
    for (let i = 0; i < this.length; i++) yield { offset: this.#offsets[i]!, words: this.#words[i]! };
  }
}

import type { RandomRuns } from '../formats/memory/types.js';
import type { ValueHits } from '../sweep/types.js';
import { isWideRun, runLength } from '../sweep/values/value-run.js';

/** Runs that are kept: 12 bytes each. */
const MOST = 2 ** 22;

/** Random-looking runs of an artifact whose format knows what holds them. */
export class RandomValues {
  #offsets = new Float64Array(64);
  #lengths = new Uint32Array(64);
  #count = 0;
  /** Runs beyond the most that are kept. */
  left = 0;
  readonly #most: number;

  constructor(most = MOST) {
    this.#most = most;
  }

  get count(): number {
    return this.#count;
  }

  push({ offsets, ids }: ValueHits): void {
    const taken = Math.min(offsets.length, this.#most - this.#count);
    this.left += offsets.length - taken;
    this.#reserve(this.#count + taken);
    for (let i = 0; i < taken; i++) {
      this.#offsets[this.#count] = offsets[i]!;
      this.#lengths[this.#count++] = (isWideRun(ids[i]!) ? 2 : 1) * runLength(ids[i]!);
    }
  }

  #reserve(count: number): void {
    if (count <= this.#offsets.length) return;
    const size = Math.max(count, Math.min(this.#most, 2 * this.#offsets.length));
    const [offsets, lengths] = [new Float64Array(size), new Uint32Array(size)];
    offsets.set(this.#offsets.subarray(0, this.#count));
    lengths.set(this.#lengths.subarray(0, this.#count));
    [this.#offsets, this.#lengths] = [offsets, lengths];
  }

  /** All of them, ascending; a file that grew was swept twice around its former end. */
  runs(): RandomRuns {
    const offsets = this.#offsets.subarray(0, this.#count);
    const lengths = this.#lengths.subarray(0, this.#count);
    if (offsets.every((offset, i) => i === 0 || offsets[i - 1]! <= offset)) return { offsets, lengths };
    const order = Array.from(offsets.keys()).sort((a, b) => offsets[a]! - offsets[b]!);
    return {
      offsets: Float64Array.from(order, (i) => offsets[i]!),
      lengths: Uint32Array.from(order, (i) => lengths[i]!),
    };
  }
}

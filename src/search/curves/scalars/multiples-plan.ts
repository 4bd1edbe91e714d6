import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { NumberKernel } from '../../core/kernel.js';
import type { NumberSet } from '../../core/number-set.js';
import {
  BLOCK_NUMBERS,
  BlockMultiples,
  type Multiplication,
  type NumberBlock,
  type PublicValues,
} from './block-multiples.js';

/** Numbers of a set that are multiplied in one way, and whose public values are kept. */
export interface MultiplesEntry {
  attempt: Multiplication;
  set: NumberSet;
  indices: readonly number[];
  /** Takes the values of a block, with the indices of its numbers in the set. */
  take(values: PublicValues, numbers: Uint32Array): void;
}

/** A block, with the entry that it is of. */
interface PlannedMultiples {
  block: NumberBlock;
  entry: MultiplesEntry;
  numbers: Uint32Array;
}

/** Multiples from which on threads share the work: 0.1 s on P-256. */
export const MANY_MULTIPLES = 4 * BLOCK_NUMBERS;

/** Numbers whose public values are kept, in blocks for all threads. */
export class MultiplesPlan {
  readonly #entries: readonly MultiplesEntry[];

  constructor(entries: readonly MultiplesEntry[]) {
    this.#entries = entries;
  }

  *blocks(): Generator<PlannedMultiples> {
    for (const entry of this.#entries) {
      const { attempt, set } = entry;
      for (let at = 0; at < entry.indices.length; at += BLOCK_NUMBERS) {
        const numbers = Uint32Array.from(entry.indices.slice(at, at + BLOCK_NUMBERS));
        yield { entry, numbers, block: { attempt, size: set.size, numbers: set.inOrder(numbers) } };
      }
    }
  }

  /** Takes the values of a block; to be called in the order of the blocks. */
  take({ entry, numbers }: PlannedMultiples, values: PublicValues): void {
    entry.take(values, numbers);
  }

  /** Multiplies all of it in this thread. */
  *run(kernel: NumberKernel): Pausing<never> {
    const multiples = new BlockMultiples(kernel);
    for (const planned of this.blocks()) {
      this.take(planned, multiples.columns(planned.block));
      yield;
    }
  }
}

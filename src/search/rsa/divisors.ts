/**
 * Exact-division test for all pairs of two lists, numbers of w words and numbers of 2 w words. The highest
 * limb of a quotient computed from the low end (Jebelean 1993) is compared with the one from the high end: 2
 * w products of words per pair instead of w^2 (kernel/divides.as.ts).
 */

import type { NumberKernel } from '../core/kernel.js';

/** Words of the divisors that go to the kernel at once. */
const BATCH_WORDS = 1 << 13;
/**
 * Room for pairs in addition to those of one divisor with all multiples, so that every call makes progress.
 */
const EXTRA_PAIRS = 256;

/**
 * Odd with the top bit set, most significant octet first: the only numbers that {@link DivisorFinder}
 * accepts.
 */
export const isFullOdd = (octets: Buffer, words: number): boolean =>
  octets.length === words * 8 && octets[0]! >= 0x80 && (octets.at(-1)! & 1) === 1;

/** Finds all divisors among numbers, and one false pair in ten million. */
export class DivisorFinder {
  readonly #kernel: NumberKernel;
  readonly #words: number;
  readonly #multipleCount: number;
  /** Divisors per batch. */
  readonly #batch: number;
  readonly #at: Readonly<Record<'lefts' | 'rights' | 'room' | 'hits' | 'next', number>>;

  /** `words` of a divisor; the multiples have twice as many. */
  constructor(kernel: NumberKernel, words: number, multiples: readonly Buffer[]) {
    this.#kernel = kernel;
    this.#words = words;
    this.#multipleCount = multiples.length;
    this.#batch = Math.ceil(BATCH_WORDS / words);
    this.#at = {
      lefts: kernel.allocate(this.#batch * words * 8),
      rights: kernel.allocate(multiples.length * words * 16),
      room: kernel.allocate(words * 16 + 8),
      hits: kernel.allocate(this.#maxPairs * 8),
      next: kernel.allocate(8),
    };
    this.#write(this.#at.rights, multiples);
  }

  get #maxPairs(): number {
    return this.#multipleCount + EXTRA_PAIRS;
  }

  /** Indices of a divisor and a multiple, among the first `multiples`. */
  *pairs(
    numbers: readonly Buffer[],
    multiples = this.#multipleCount,
  ): Generator<{ divisor: number; multiple: number }> {
    const { lefts, rights, room, hits, next } = this.#at;
    const [words, most] = [this.#words, this.#maxPairs];
    const { call } = this.#kernel;
    for (let done = 0; done < numbers.length; done += this.#batch) {
      const batch = numbers.slice(done, done + this.#batch);
      const { length } = batch;
      this.#write(lefts, batch);
      for (let from = 0; from < length; ) {
        const found = call.dividing(lefts, from, length, rights, multiples, words, room, hits, most, next);
        from = this.#kernel.u32(next, 1)[0]!;
        const pairs = this.#kernel.u32(hits, found * 2).slice();
        for (let k = 0; k < pairs.length; k += 2)
          yield { divisor: done + pairs[k]!, multiple: pairs[k + 1]! };
      }
    }
  }

  /** Little-endian, one after the other. */
  #write(at: number, numbers: readonly Buffer[]): void {
    let to = at;
    for (const octets of numbers) {
      this.#kernel.bytes.set(octets, to);
      this.#kernel.view(to, octets.length).reverse();
      to += octets.length;
    }
  }
}

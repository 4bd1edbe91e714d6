import type { Kernel } from '../core/kernel.js';

/** Words of divisors that go through the kernel at once, and pairs that there is room for beside as many as one divisor can make. */
const PART = 1 << 13;
const PAIRS = 256;

/** Odd, and its top bit set: what {@link Divisors} takes, the most significant octet first. */
export const isDividable = (octets: Buffer, words: number): boolean =>
  octets.length === words * 8 && octets[0]! >= 0x80 && (octets.at(-1)! & 1) === 1;

/**
 * Numbers of some words that divide others of twice as many: all that do, and one in ten million that does not. Of two numbers of w and 2 w limbs
 * 2 w products are formed in place of w^2 (kernel/divides.as.ts).
 */
export class Divisors {
  readonly #kernel: Kernel;
  readonly #words: number;
  readonly #others: number;
  /** Divisors that there is room for. */
  readonly #step: number;
  readonly #at: Readonly<Record<'lefts' | 'rights' | 'room' | 'hits' | 'next', number>>;

  /** `words`: of a divisor. */
  constructor(kernel: Kernel, words: number, multiples: readonly Buffer[]) {
    this.#kernel = kernel;
    this.#words = words;
    this.#others = multiples.length;
    this.#step = Math.ceil(PART / words);
    this.#at = {
      lefts: kernel.allocate(this.#step * words * 8),
      rights: kernel.allocate(multiples.length * words * 16),
      room: kernel.allocate(words * 16 + 8),
      hits: kernel.allocate(this.#most * 8),
      next: kernel.allocate(8),
    };
    this.#write(this.#at.rights, multiples);
  }

  get #most(): number {
    return this.#others + PAIRS;
  }

  /** Indices of a number and of one that it divides, of the first so many. */
  *among(
    numbers: readonly Buffer[],
    others = this.#others,
  ): Generator<{ divisor: number; multiple: number }> {
    const { lefts, rights, room, hits, next } = this.#at;
    const { call } = this.#kernel;
    for (let done = 0; done < numbers.length; done += this.#step) {
      const some = numbers.slice(done, done + this.#step);
      this.#write(lefts, some);
      for (let from = 0; from < some.length; ) {
        const found = call.dividing(
          lefts,
          from,
          some.length,
          rights,
          others,
          this.#words,
          room,
          hits,
          this.#most,
          next,
        );
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

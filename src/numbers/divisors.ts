import type { Kernel } from './kernel.js';

/** Words of divisors that go through the kernel at once, and pairs that there is room for beside as many as one divisor can make. */
const PART = 1 << 13;
const PAIRS = 256;

/** Numbers of one length, the most significant octet first; {@link isDividable} is true of each. */
export interface Numbers {
  readonly words: number;
  readonly octets: readonly Buffer[];
}

/** Odd, and its top bit set: what the kernel takes. */
export const isDividable = (octets: Buffer, words: number): boolean =>
  octets.length === words * 8 && octets[0]! >= 0x80 && (octets.at(-1)! & 1) === 1;

/**
 * Pairs of a number and one of twice as many words, by index: all where the one divides the other, and one in ten million where it does not.
 * Nothing is lost, and 2 w products in place of w^2 are formed of two numbers of w and 2 w limbs (kernel/divides.as.ts).
 */
export function* divisorsAmong(
  kernel: Kernel,
  divisors: Numbers,
  multiples: Numbers,
): Generator<{ divisor: number; multiple: number }> {
  const { words } = divisors;
  const [all, others] = [divisors.octets.length, multiples.octets.length];
  const step = Math.min(all, Math.ceil(PART / words));
  const most = others + PAIRS;
  const lefts = kernel.allocate(step * words * 8);
  const rights = kernel.allocate(others * words * 16);
  const room = kernel.allocate(words * 16 + 8);
  const hits = kernel.allocate(most * 8);
  const next = kernel.allocate(8);
  write(kernel, rights, multiples.octets);
  for (let done = 0; done < all; done += step) {
    const count = Math.min(step, all - done);
    write(kernel, lefts, divisors.octets.slice(done, done + count));
    for (let from = 0; from < count; ) {
      const found = kernel.call.dividing(lefts, from, count, rights, others, words, room, hits, most, next);
      from = kernel.u32(next, 1)[0]!;
      const pairs = kernel.u32(hits, found * 2).slice();
      for (let k = 0; k < pairs.length; k += 2) yield { divisor: done + pairs[k]!, multiple: pairs[k + 1]! };
    }
  }
}

/** Little-endian, one after the other. */
function write(kernel: Kernel, at: number, numbers: readonly Buffer[]): void {
  let to = at;
  for (const octets of numbers) {
    kernel.bytes.set(octets, to);
    kernel.view(to, octets.length).reverse();
    to += octets.length;
  }
}

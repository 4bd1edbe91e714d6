import type { KernelCurve } from './field.js';
import { fromLow, lowWord, toNumber } from './readings.js';
import type { Place } from './types.js';

/** A number of the dump as the scalar of a curve, and what the generator times that scalar is. */
export interface Multiple {
  curve: KernelCurve;
  x: bigint;
  /** Little-endian. */
  scalar: Buffer;
  place: Place;
}

/** Every multiple of a generator that was computed, by its x: a later search may find what a number is from there. */
export class Multiples {
  readonly #byCurve = new Map<KernelCurve, Map<bigint, Multiple>>();

  add(multiple: Multiple): void {
    const known = this.#byCurve.get(multiple.curve);
    if (known) known.set(multiple.x, multiple);
    else this.#byCurve.set(multiple.curve, new Map([[multiple.x, multiple]]));
  }

  get(curve: KernelCurve, x: bigint): Multiple | undefined {
    return this.#byCurve.get(curve)?.get(x);
  }

  get curves(): KernelCurve[] {
    return [...this.#byCurve.keys()];
  }

  *[Symbol.iterator](): Generator<Multiple> {
    for (const multiples of this.#byCurve.values()) yield* multiples.values();
  }
}

/** The last eight bytes of x as it is written big-endian, read little-endian. */
export function lastWord({ x }: Multiple): bigint {
  return fromLow(lowWord(x), 'bytes-be');
}

export function scalarOf({ scalar }: Multiple): bigint {
  return toNumber(scalar, 'limbs-le');
}

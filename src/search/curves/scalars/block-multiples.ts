import { DOMAINS, WEI25519 } from '../../../core/asn1/domain.js';
import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { NumberKernel } from '../../core/kernel.js';
import type { NumberSet } from '../../core/number-set.js';
import { EXPANDED, INTERPRETATIONS } from '../edwards/curve25519-interpretations.js';
import { curve25519PublicKeys } from '../edwards/curve25519-public-keys.js';
import { MAX_SCALARS } from '../points/comb.js';
import { fastestMultiples } from '../points/fastest-multiples.js';
import { KernelCurve } from '../points/kernel-curve.js';
import type { ScalarEncoding } from '../points/multiples.js';
import { conversion, type StoredForm } from './scalar-sources.js';

/** Octets of a key of Curve25519. */
const KEY = 32;

/** A way in which numbers are multiplied: read as scalars of a curve. */
export type Multiplication =
  | { curve: string; stored: StoredForm; reading: ScalarEncoding }
  /** On Curve25519, in every interpretation. `inDigits`: from digits of a JavaScript engine. */
  | { curve: 'Curve25519'; inDigits: boolean };

/** Numbers that are multiplied in one way, concatenated: plain data for any thread. */
export interface NumberBlock {
  attempt: Multiplication;
  /** Octets of a number. */
  size: number;
  numbers: Uint8Array;
}

/** Numbers of a block: a call of the kernel, and 20 ms on P-256. */
export const BLOCK_NUMBERS = 2048;

/**
 * Takes a public value, little-endian, with the index of its number in the block and, on Curve25519, of the
 * interpretation. The value is overwritten by the next one.
 */
type TakeValue = (value: Uint8Array, index: number, interpretation: number) => void;

/** Public values of a block in columns: plain data. */
export interface PublicValues {
  /** Index of the number in the block, and of its interpretation on Curve25519. */
  indices: Uint32Array;
  interpretations: Uint8Array;
  /** Concatenated. */
  values: Uint8Array;
}

/** Multiplies blocks of numbers by the generators of curves. */
export class BlockMultiples {
  readonly #kernel: NumberKernel;
  readonly #curves = new Map<string, KernelCurve>();

  constructor(kernel: NumberKernel) {
    this.#kernel = kernel;
  }

  /** The public values of a block's numbers, in their order. */
  each({ attempt, size, numbers }: NumberBlock, take: TakeValue): void {
    const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    if ('reading' in attempt) this.#onCurve(attempt, size, bytes, take);
    else this.#onCurve25519(bytes, attempt.inDigits, take);
  }

  /** All public values of a block. */
  columns(block: NumberBlock): PublicValues {
    const { attempt, size, numbers } = block;
    const count = (numbers.length / size) * ('reading' in attempt ? 1 : INTERPRETATIONS.length);
    const { width } = this.#curveOf(attempt.curve);
    const [indices, interpretations] = [new Uint32Array(count), new Uint8Array(count)];
    const values = new Uint8Array(count * width);
    let filled = 0;
    this.each(block, (value, index, interpretation) => {
      indices[filled] = index;
      interpretations[filled] = interpretation;
      values.set(value, filled++ * width);
    });
    return {
      indices: indices.subarray(0, filled),
      interpretations: interpretations.subarray(0, filled),
      values: values.subarray(0, filled * width),
    };
  }

  #onCurve(
    { curve: name, stored, reading }: Extract<Multiplication, { reading: ScalarEncoding }>,
    size: number,
    numbers: Buffer,
    take: TakeValue,
  ): void {
    const curve = this.#curveOf(name);
    const toWords = conversion(curve, stored, reading);
    const count = numbers.length / size;
    const scalars = Buffer.alloc(count * curve.width);
    for (let i = 0; i < count; i++)
      scalars.set(toWords(numbers.subarray(i * size, (i + 1) * size)), i * curve.width);
    let i = 0;
    // The blocks of a search are many, so the table pays off.
    for (const x of fastestMultiples(curve, scalars, Number.POSITIVE_INFINITY)) {
      if (x) take(x, i, 0);
      i++;
    }
  }

  #onCurve25519(numbers: Buffer, inDigits: boolean, take: TakeValue): void {
    const curve = this.#curveOf('Curve25519');
    const scalars = Buffer.alloc(MAX_SCALARS * KEY);
    const indices = new Uint32Array(MAX_SCALARS);
    const interpretations = new Uint8Array(MAX_SCALARS);
    const count = numbers.length / KEY;
    for (let from = 0; from < count; ) {
      let filled = 0;
      for (; from < count && filled + INTERPRETATIONS.length <= MAX_SCALARS; from++) {
        const number = numbers.subarray(from * KEY, (from + 1) * KEY);
        for (const [interpretation, { scalarOf }] of INTERPRETATIONS.entries()) {
          if (inDigits && interpretation !== EXPANDED) continue;
          const scalar = scalarOf(number);
          if (scalar === undefined) continue;
          scalars.set(scalar, filled * KEY);
          indices[filled] = from;
          interpretations[filled++] = interpretation;
        }
      }
      const publicKeyOf = curve25519PublicKeys(
        {
          bytes: scalars.subarray(0, filled * KEY),
          curveOf: (i) => INTERPRETATIONS[interpretations[i]!]!.curve,
        },
        curve,
      );
      for (let i = 0; i < filled; i++) {
        const publicKey = publicKeyOf(i);
        if (publicKey) take(publicKey, indices[i]!, interpretations[i]!);
      }
    }
  }

  #curveOf(name: string): KernelCurve {
    const domain = name === 'Curve25519' ? WEI25519 : DOMAINS.find((each) => each.name === name)!;
    const curve = this.#curves.get(name) ?? new KernelCurve(this.#kernel, domain);
    this.#curves.set(name, curve);
    return curve;
  }
}

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

import { DOMAINS, WEI25519 } from '../../../asn1/domain.js';
import type { NumberKernel } from '../../core/kernel.js';
import { WordTable, type WordTableColumns } from '../../core/word-table.js';
import { EXPANDED, INTERPRETATIONS } from '../edwards/curve25519-interpretations.js';
import { curve25519PublicKeys } from '../edwards/curve25519-public-keys.js';
import { MAX_SCALARS } from '../points/comb.js';
import { fastestMultiples } from '../points/fastest-multiples.js';
import { KernelCurve } from '../points/kernel-curve.js';
import type { ScalarEncoding } from '../points/multiples.js';
import { conversion, type StoredForm } from './scalar-sources.js';

/** Octets of a key of Curve25519. */
const KEY = 32;

/** The public halves that numbers are tried against: plain data for any thread. */
export interface Identities {
  /** Distinguishes them from those of other artifacts. */
  id: number;
  /** Lowest words of the x coordinates, by the name of the curve. */
  points: ReadonlyMap<string, WordTableColumns>;
  /** First words of what may be public keys of Curve25519. */
  keys?: WordTableColumns;
}

/** A way in which numbers are tried: read as scalars, and multiplied on a curve. */
export type TrialAttempt =
  | { curve: string; stored: StoredForm; reading: ScalarEncoding }
  /** On Curve25519, in every interpretation. `inDigits`: from digits of a JavaScript engine. */
  | { curve: 'Curve25519'; inDigits: boolean };

/** Numbers that are tried in one way, concatenated: plain data for any thread. */
export interface TrialBlock {
  attempt: TrialAttempt;
  /** Octets of a number. */
  size: number;
  numbers: Uint8Array;
}

/** Numbers of a block: a call of the kernel, and 20 ms on P-256. */
export const BLOCK_NUMBERS = 2048;

/**
 * Tries numbers against known public halves. A public value is computed once, looked up among all identities,
 * and not kept.
 */
export class ScalarTrial {
  readonly #kernel: NumberKernel;
  readonly #points: ReadonlyMap<string, WordTable>;
  readonly #keys: WordTable | undefined;
  readonly #curves = new Map<string, KernelCurve>();

  constructor(kernel: NumberKernel, { points, keys }: Identities) {
    this.#kernel = kernel;
    this.#points = new Map([...points].map(([name, columns]) => [name, new WordTable(columns)]));
    this.#keys = keys && new WordTable(keys);
  }

  /**
   * Indices of the numbers whose public value begins as that of an identity. `beside`: first words of numbers
   * that may be public keys of Curve25519 besides.
   */
  matches({ attempt, size, numbers }: TrialBlock, beside?: WordTable): Uint32Array {
    const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    const found =
      'reading' in attempt
        ? this.#onCurve(attempt, size, bytes)
        : this.#onCurve25519(bytes, attempt.inDigits, beside);
    return Uint32Array.from(found);
  }

  *#onCurve(
    { curve: name, stored, reading }: Extract<TrialAttempt, { reading: ScalarEncoding }>,
    size: number,
    numbers: Buffer,
  ): Generator<number> {
    const points = this.#points.get(name);
    if (points === undefined) return;
    const curve = this.#curveOf(name);
    const toWords = conversion(curve, stored, reading);
    const count = numbers.length / size;
    const scalars = Buffer.alloc(count * curve.width);
    for (let i = 0; i < count; i++)
      scalars.set(toWords(numbers.subarray(i * size, (i + 1) * size)), i * curve.width);
    let i = 0;
    // The blocks of a trial are many, so the table pays off.
    for (const x of fastestMultiples(curve, scalars, Number.POSITIVE_INFINITY)) {
      if (x && startsIn(points, x)) yield i;
      i++;
    }
  }

  *#onCurve25519(numbers: Buffer, inDigits: boolean, beside: WordTable | undefined): Generator<number> {
    const keys = this.#keys;
    if (keys === undefined) return;
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
      let last = -1;
      for (let i = 0; i < filled; i++) {
        const publicKey = publicKeyOf(i);
        if (publicKey === undefined || indices[i] === last) continue;
        if (!startsIn(keys, publicKey) && !(beside && startsIn(beside, publicKey))) continue;
        last = indices[i]!;
        yield last;
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

/** The first eight bytes are a word of the table. */
function startsIn(table: WordTable, bytes: Uint8Array): boolean {
  const at = (i: number): number =>
    (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)) >>> 0;
  return table.has(at(0), at(4));
}

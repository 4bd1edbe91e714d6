import { inverseOfPower } from '../../../core/base/bytes/integers.js';
import { NUMBER_FORMS } from '../../../core/encodings/number-forms.js';
import {
  charactersOf,
  isText,
  TEXT_ENCODINGS,
  toBigEndian,
  toNumber,
  WORD_ENCODINGS,
} from '../../core/integer-encodings.js';
import type { NumberSet } from '../../core/number-set.js';
import type { WordEncoding } from '../../core/types.js';
import type { CurveNumbers } from '../numbers/curve-numbers.js';
import { toLittleEndian } from '../numbers/octets.js';
import type { KernelCurve } from '../points/kernel-curve.js';
import type { ScalarEncoding } from '../points/multiples.js';

/**
 * How the numbers of a set are stored: as in memory, in any encoding; as little-endian words; or as octets
 * decoded from a text, most significant first.
 */
export type StoredForm = 'memory' | 'words' | 'octets';

/** Numbers of one set, and the encodings in which each of them may be a scalar. */
export interface Source {
  set: NumberSet;
  stored: StoredForm;
  readings: readonly ScalarEncoding[];
  /** `int32-msw` is tried only for numbers with the flag `ARRAY_START`. */
  arrays?: boolean;
  /** A number of the set as whole little-endian words. */
  toWords(bytes: Buffer, reading: ScalarEncoding): Buffer;
}

type Scalars = Pick<KernelCurve, 'width' | 'domain'>;

/** Every set of numbers that may hold scalars of a curve. */
export function* scalarSources(numbers: CurveNumbers, curve: Scalars): Generator<Source> {
  const source = (set: NumberSet, stored: StoredForm, readings: readonly ScalarEncoding[]): Source => {
    const conversions = new Map(readings.map((reading) => [reading, conversion(curve, stored, reading)]));
    return { set, stored, readings, toWords: (bytes, reading) => conversions.get(reading)!(bytes) };
  };
  const whole = numbers.bySize.get(curve.domain.size);
  if (whole) yield { ...source(whole, 'memory', [...WORD_ENCODINGS, 'mont-le']), arrays: true };
  for (const [reading, set] of numbers.inWords.get(curve.width)!)
    yield source(set, 'words', reading === 'limbs-le' ? [reading, 'mont-le'] : [reading]);
  for (const [reading, set] of numbers.jsEngineSets(curve.width)) yield source(set, 'words', [reading]);
  for (const reading of TEXT_ENCODINGS) {
    const set = numbers.texts[reading].get(curve.width);
    if (set) yield source(set, 'octets', [reading]);
  }
}

/** Numbers beside others in their runs. */
export const innerSource = (set: NumberSet): Source => ({
  set,
  stored: 'memory',
  readings: ['limbs-le', 'bytes-be'],
  toWords: (bytes, reading) => (reading === 'limbs-le' ? bytes : Buffer.from(bytes).reverse()),
});

/** From a stored number to a scalar in whole little-endian words. */
export function conversion(
  curve: Scalars,
  stored: StoredForm,
  reading: ScalarEncoding,
): (bytes: Buffer) => Buffer {
  if (reading === 'mont-le') return fromMontgomery(curve);
  if (stored === 'octets') return (bytes) => Buffer.from(bytes).reverse();
  if (stored === 'words' || reading === 'limbs-le') return (bytes) => bytes;
  return (bytes) => toBigEndian(bytes, reading as WordEncoding).reverse();
}

/**
 * d from d * R mod n, R = 2^(8 width), both in little-endian words. Rust's ring keeps its private keys in
 * this Montgomery form only.
 */
function fromMontgomery({ width, domain: { n } }: Scalars): (words: Buffer) => Buffer {
  const factor = inverseOfPower(8 * width, n);
  return (words) => toLittleEndian((toNumber(words, 'limbs-le') * factor) % n, width);
}

/** Bytes of a stored scalar of `size` octets. */
export function storedLength(reading: ScalarEncoding, size: number): number {
  if (reading === 'mont-le' || reading === 'limbs-le') return Math.ceil(size / 8) * 8;
  if (isText(reading)) return charactersOf(size, reading);
  // A scalar of P-521 has 521 bits, but a text spells its 66 octets in full (RFC 7518, 6.2.1.2).
  return NUMBER_FORMS[reading].storedLength(size === 66 ? 521 : size * 8);
}

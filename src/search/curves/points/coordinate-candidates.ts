import type { Domain } from '../../../core/asn1/domain.js';
import { bitsOf, inverseOfPower } from '../../../core/base/bytes/integers.js';
import { TEXT_ENCODINGS, toNumber } from '../../core/integer-encodings.js';
import type { NumberSet } from '../../core/number-set.js';
import { ARRAY_START } from '../numbers/number-flags.js';
import { toLittleEndian } from '../numbers/octets.js';
import { nearLikely, repeated } from './candidate-order.js';
import type { PointContext } from './jacobian-points.js';
import type { KernelCurve, StoredCoordinate } from './kernel-curve.js';

/**
 * Largest set of numbers tried in full as coordinates, 2 us each: all that are kept. Large cores have 20,000.
 */
const MANY_NUMBERS = 1 << 18;
const UNTRIED = 'numbers were not tried as coordinates of a point';
/** Numbers tried of a larger set. */
const MAX_TRIED = 1 << 12;
/** And of those that are in more than one place. */
const MAX_REPEATED = 1 << 13;

/** Numbers of a curve's size in one form. `written`: this form is an encoding of public keys. */
export interface CoordinateValues {
  values: Buffer;
  form: StoredCoordinate;
  written: boolean;
  /** File offsets of the number at an index. */
  placesOf?(index: number): number[];
}

/** Selects the numbers tried as coordinates. */
export class CoordinateCandidates {
  readonly #from: PointContext;
  readonly #chosen = new Map<NumberSet, Pick<CoordinateValues, 'values' | 'placesOf'>>();

  constructor(from: PointContext) {
    this.#from = from;
  }

  /** Numbers of a curve's size, in each form. */
  *forms(curve: KernelCurve): Generator<CoordinateValues> {
    for (const form of this.#bareForms(curve)) yield { ...form, written: false };
    for (const reading of TEXT_ENCODINGS) {
      const texts = this.#from.numbers.texts[reading].get(curve.width);
      if (texts) yield { values: texts.bytes, form: 'bytes-be', written: true };
    }
  }

  *#bareForms({ domain, width }: KernelCurve): Generator<Omit<CoordinateValues, 'written'>> {
    const { inWords, bySize } = this.#from.numbers;
    for (const [reading, set] of inWords.get(width)!) {
      yield { ...this.#valuesOf(set), form: 'limbs-le' };
      if (reading === 'limbs-le') yield { ...this.#valuesOf(set), form: 'montgomery' };
    }
    yield* this.#engineForms(domain, width);
    const set = bySize.get(domain.size);
    if (set === undefined) return;
    for (const form of ['limbs-le', 'montgomery', 'bytes-be'] as const)
      yield { ...this.#valuesOf(set), form };
    const arrays = Buffer.concat([...set.indicesWith(ARRAY_START)].map((i) => set.at(i)));
    yield { values: arrays.swap32(), form: 'bytes-be' };
  }

  /**
   * Numbers in digits of a JavaScript engine. x and y may have different digit forms, so all are joined
   * together: plain, and in the Montgomery form that bn.js uses for primes without a special reduction.
   */
  *#engineForms(domain: Domain, width: number): Generator<Omit<CoordinateValues, 'written'>> {
    const all = [...this.#from.numbers.jsEngineSets(width).values()].map((set) => this.#valuesOf(set));
    if (all.length === 0) return;
    const values = Buffer.concat(all.map((each) => each.values));
    const places = all.flatMap(({ values, placesOf }) =>
      Array.from({ length: values.length / width }, (_, i) => placesOf?.(i) ?? []),
    );
    const placesOf = (index: number) => places[index]!;
    yield { values, placesOf, form: 'limbs-le' };
    yield { values: fromBnMontgomery(values, domain, width), placesOf, form: 'limbs-le' };
  }

  /** Numbers of a set, concatenated. If a set is cut, the rest is reported once for all curves. */
  #valuesOf(set: NumberSet): Pick<CoordinateValues, 'values' | 'placesOf'> {
    const { budget, skippedWork } = this.#from;
    const placesOf = (index: number) => [set.offset(index), set.last(index)];
    if (set.length <= budget(MANY_NUMBERS)) return { values: set.bytes, placesOf };
    const known = this.#chosen.get(set);
    if (known) return known;
    const likely = nearLikely(set).subarray(0, budget(MAX_TRIED));
    const indices = Uint32Array.from(new Set([...likely, ...repeated(set, MAX_REPEATED)]));
    const values = Buffer.from(set.inOrder(indices).buffer);
    const chosen = { values, placesOf: (index: number) => placesOf(indices[index]!) };
    this.#chosen.set(set, chosen);
    const left = set.length - indices.length;
    const { from, to } = set.extent;
    if (left > 0) skippedWork.add('ec-coordinates', { target: 'any', left }, UNTRIED, from, to);
    return chosen;
  }
}

/** Bits of a word of bn.js. */
const WORD_BITS = 26;

/**
 * The integers x of x * R mod p, where R = 2^(26 w) for a modulus of w words of bn.js (`BN.mont`). Input and
 * output are little-endian words of `width` bytes each. The result is meaningless for a value not below p.
 */
function fromBnMontgomery(values: Buffer, { p }: Domain, width: number): Buffer {
  const factor = inverseOfPower(Math.ceil(bitsOf(p) / WORD_BITS) * WORD_BITS, p);
  const plain = Buffer.from(values);
  for (let at = 0; at < plain.length; at += width) {
    const value = toNumber(plain.subarray(at, at + width), 'limbs-le');
    plain.set(toLittleEndian((value * factor) % p, width), at);
  }
  return plain;
}

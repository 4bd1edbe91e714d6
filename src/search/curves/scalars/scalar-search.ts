import { isTrivial } from '../../../core/asn1/trivial-scalar.js';
import { Secret } from '../../../core/base/crypto/secret.js';
import { finish, Pace, type Pausing } from '../../../core/base/runtime/turns.js';
import type { LimitTarget } from '../../../core/limits/limit.js';
import type { KeyMaterial } from '../../../core/model/key-material.js';
import { FITTED } from '../../../sweep/runs/records.js';
import { TEXT_BITS, toBigEndian, toNumber } from '../../core/integer-encodings.js';
import type { WordEncoding } from '../../core/types.js';
import { type CurveContext, indicesOf } from '../numbers/curve-numbers.js';
import { innerNumbers } from '../numbers/inner-numbers.js';
import { ARRAY_START, LIKELY } from '../numbers/number-flags.js';
import { toOctets } from '../numbers/octets.js';
import { type HeaderFrequency, rankScalars } from '../numbers/scalar-rank.js';
import { isNative, nativePoint } from '../points/compressed-points.js';
import { fastestMultiples } from '../points/fastest-multiples.js';
import type { KernelCurve } from '../points/kernel-curve.js';
import {
  type Multiple,
  Multiples,
  type ScalarEncoding,
  type ScalarSource,
  scalarOf,
} from '../points/multiples.js';
import { type CurvePoints, encodePoint, identitiesOf, type Point, type Points } from '../points/points.js';
import { MANY_MULTIPLES, type MultiplesEntry, MultiplesPlan } from './block-multiples.js';
import { numbersNear } from './numbers-near-points.js';
import { chooseScalars, countScalars, firstScalars, scalarBudget, UNTRIED } from './scalar-choice.js';
import { innerSource, type Source, scalarSources, storedLength } from './scalar-sources.js';
import { placesOf, ScalarTrials } from './scalar-trials.js';

/** A private scalar whose public point is in the dump. */
export interface ScalarFound {
  material: Extract<KeyMaterial, { type: 'ec' }>;
  point: Point;
  offset: number;
  length: number;
  reading: ScalarEncoding;
  /** The stored number is n - d: BIP 340 signers negate keys whose point has an odd y. */
  negated: boolean;
}

/** Curves whose public keys are usually stored compressed, so that no pair of coordinates shows their use. */
const COMPRESSED_CURVES = new Set(['secp256k1']);
/**
 * Numbers multiplied on such a curve if no point of it was found: 0.1 s at most. Small programs have fewer,
 * an idle JVM 5,600 arrays of 32 bytes.
 */
const MAX_WITHOUT_POINT = 8_192;
/**
 * Largest set that is ranked when no point was found. In a larger one, as in Java's cores, ranking costs more
 * than it gains: only numbers behind a header of exactly their length are tried, if these are few.
 */
const MAX_RANKED = 8192;

/** Octets of scalars that are cut out of runs. */
const INNER_SIZES: ReadonlySet<number> = new Set([32, 48]);

/** Multiples between two pauses. */
const PACE = 32;

/** Numbers of a source that are multiplied on a curve. */
interface Chosen {
  curve: KernelCurve;
  source: Source;
  chosen: readonly number[];
}

/** Numbers of a source that are left out. */
type LeftOut = Pick<Source, 'set' | 'readings'> & { count: number };

const DIGESTS_UNTRIED = 'numbers were not tried as digests of a signature';
/** Points as plain numbers from which a process is one that computes with them: libraries keep few. */
const MIN_COMPUTED = 16;

/**
 * Octets of a digest that is shorter than the order it is signed under (RFC 5656, 6.2.1; RFC 8446, 4.2.3), by
 * the octets of a scalar, and the most numbers tried as such a digest.
 */
const DIGESTS: ReadonlyMap<number, { octets: number; most: number }> = new Map([
  [48, { octets: 32, most: 1024 }],
  [66, { octets: 64, most: 256 }],
]);

/**
 * Multiplies numbers of the dump by the generators of curves. All computed multiples go to {@link multiples}.
 */
export class ScalarSearch {
  readonly multiples = new Multiples();
  readonly #headerFrequency: HeaderFrequency;
  readonly #context: CurveContext;
  readonly #pace = new Pace(PACE);
  readonly trials: ScalarTrials;

  constructor(headerFrequency: HeaderFrequency, context: CurveContext) {
    this.#headerFrequency = headerFrequency;
    this.#context = context;
    this.trials = new ScalarTrials({
      context,
      isSolved: (curve, point) => this.#isSolved(curve, point),
      isComputed: (point) => this.#isComputed(point),
      multiply: (curve, source, chosen) => finish(this.#multiply(curve, source, chosen)),
    });
  }

  /** True for a point of the process itself, whose coordinates are bare numbers. */
  readonly #isComputed = ({ written, places = [] }: Point): boolean =>
    !written && places.some((place) => !this.#context.inModule(place));

  /**
   * Multiplies the likeliest numbers, and collects the others for a trial against the points that are not
   * solved by these.
   */
  *begin(points: CurvePoints): Pausing<MultiplesPlan> {
    const likeliest: Chosen[] = [];
    const rest: Chosen[] = [];
    for (const [curve, known] of points) {
      if (!isNative(curve.domain)) continue;
      if (known.size > 0) this.#chooseLikeliest(curve, known, likeliest, rest);
      else if (COMPRESSED_CURVES.has(curve.domain.name)) likeliest.push(...this.#withoutPoint(curve));
      yield;
    }
    yield* this.#multiplyAll(likeliest);
    const unsolved = new Map<KernelCurve, Point[]>();
    for (const [curve, known] of points)
      if (isNative(curve.domain)) unsolved.set(curve, this.#unsolved(curve, known));
    const open = [...unsolved].filter(([, left]) => left.length > 0).map(([curve]) => curve);
    yield* this.#multiplyAll(open.flatMap((curve) => this.#inner(curve)));
    for (const { curve, source, chosen } of rest) {
      const left = unsolved.get(curve)!;
      if (left.length === 0) continue;
      const ranked = rankScalars(source.set, chosen, this.#headerFrequency, placesOf(left));
      this.trials.add({ curve, known: points.get(curve)!, source, ...ranked });
      yield;
    }
  }

  /** Adds the likeliest numbers of each source to `likeliest`, and to `rest` if there are others. */
  #chooseLikeliest(curve: KernelCurve, known: Points, likeliest: Chosen[], rest: Chosen[]): void {
    const { numbers, length, budget } = this.#context;
    const coordinates = new Set([...known.values()].flatMap(({ x, y }) => [x, y]));
    const computes = [...known.values()].filter(this.#isComputed).length >= MIN_COMPUTED;
    for (const source of scalarSources(numbers, curve)) {
      const { set, readings, toWords } = source;
      const room = scalarBudget(length, set.size, budget, computes);
      // Coordinates are deferred only if they would fill much of the budget: the comparison costs time.
      const plain = readings.filter((reading) => reading !== 'mont-le');
      const isCoordinate = (i: number) =>
        plain.some((reading) => coordinates.has(toNumber(toWords(set.at(i), reading), 'limbs-le')));
      let left = 0;
      const chosen = chooseScalars(
        set,
        room,
        this.#headerFrequency,
        (count) => {
          left = count;
        },
        coordinates.size > room.most / 4 ? isCoordinate : undefined,
      );
      // A crowd of plain numbers has none in Montgomery form.
      const isCrowd = chosen.length > scalarBudget(length, set.size, budget).all;
      likeliest.push({ curve, source: isCrowd ? { ...source, readings: plain } : source, chosen });
      if (left > 0 || numbers.overflows(set)) rest.push({ curve, source, chosen });
    }
  }

  #unsolved(curve: KernelCurve, known: Points): Point[] {
    return [...known.values()].filter((point) => !this.#isSolved(curve, point));
  }

  #isSolved(curve: KernelCurve, { x }: Point): boolean {
    return this.multiples.get(curve, x) !== undefined;
  }

  /** Scalars d with d * G = Q for a point Q of the dump, curve by curve. */
  *keys(points: CurvePoints): Pausing<ScalarFound> {
    const { numbers, managed } = this.#context;
    for (const [curve, known] of points) {
      if (!isNative(curve.domain) || known.size === 0) continue;
      const plainNumbers = numbers.bySize.get(curve.domain.size);
      if (!managed && plainNumbers) {
        const set = numbersNear(this.#unsolved(curve, known), plainNumbers, this.#context);
        const toWords = (bytes: Buffer, as: ScalarEncoding) =>
          toBigEndian(bytes, as as WordEncoding).reverse();
        const source = { set, stored: 'memory', readings: ['limbs-le', 'bytes-be'], toWords } as const;
        yield* this.#multiply(curve, source, indicesOf(set));
      }
      for (const point of known.values()) {
        const multiple = this.multiples.get(curve, point.x);
        for (const each of multiple ? identitiesOf(point) : []) {
          const found = keyOfMultiple(multiple!, each);
          if (found) yield found;
        }
      }
    }
  }

  /** Numbers beside others in one object: of a long run only for Curve25519, which has cheap multiples. */
  #inner(curve: KernelCurve): Chosen[] {
    const { size } = curve.domain;
    if (!INNER_SIZES.has(size)) return [];
    const set = innerNumbers(size, this.#context);
    return [{ curve, source: innerSource(set), chosen: [...set.indicesWith(LIKELY)] }];
  }

  /** Multiplies numbers shorter than the curve's scalars that may be the digest of a signed message. */
  *multiplyDigests(curve: KernelCurve): Pausing<never> {
    const { numbers, skippedWork, budget } = this.#context;
    const digests = DIGESTS.get(curve.domain.size);
    const set = digests && numbers.bySize.get(digests.octets);
    if (digests === undefined || set === undefined) return;
    const most = budget(digests.most);
    const room = { all: most, most, least: most };
    const { from, to } = set.extent;
    const chosen = chooseScalars(set, room, this.#headerFrequency, (left) =>
      skippedWork.add('ecdsa-nonces', { target: 'any', left }, DIGESTS_UNTRIED, from, to),
    );
    const toWords = (bytes: Buffer) => Buffer.from(bytes).reverse();
    yield* this.#multiply(curve, { set, stored: 'memory', readings: ['bytes-be'], toWords }, chosen);
  }

  /**
   * Texts, and plain numbers if one of them may begin a compressed point (SEC 1, 2.3.3); the pass over all
   * runs then finds the compressed point of a multiple.
   */
  *#withoutPoint(curve: KernelCurve): Generator<Chosen> {
    const { numbers, budget } = this.#context;
    for (const source of scalarSources(numbers, curve)) {
      const { set, arrays } = source;
      const isText = source.readings.some((reading) => reading in TEXT_BITS);
      const mayBePoint = () => indicesOf(set).some((i) => set.at(i)[0]! >> 1 === 1);
      if (!isText && !(arrays && mayBePoint())) continue;
      const chosen =
        set.length > budget(MAX_RANKED)
          ? indicesOf(set).filter((i) => set.flags(i) & FITTED)
          : firstScalars(set, budget(MAX_WITHOUT_POINT), this.#headerFrequency);
      const tried = chosen.length > budget(MAX_WITHOUT_POINT) ? [] : chosen;
      const readings = source.readings.filter((reading) => reading !== 'mont-le');
      const count = countScalars(set) - tried.length;
      if (count > 0) this.#reportLeft('ec-scalars without a point', [{ set, readings, count }], ['blind']);
      yield { curve, source: { ...source, readings }, chosen: tried };
    }
  }

  /** Reports numbers of sources that were not multiplied. */
  #reportLeft(
    search: 'ec-scalars' | 'ec-scalars without a point',
    sources: readonly LeftOut[],
    targets: readonly LimitTarget[],
  ): void {
    for (const { set, count } of sources) {
      const { from, to } = set.extent;
      for (const target of targets)
        this.#context.skippedWork.add(search, { target, left: count }, UNTRIED, from, to);
    }
  }

  /** Multiplies chosen numbers, in each of their encodings: many of them on all threads. */
  *#multiplyAll(all: readonly Chosen[]): Pausing<MultiplesPlan> {
    const count = all.reduce((sum, { source, chosen }) => sum + chosen.length * source.readings.length, 0);
    if (count >= MANY_MULTIPLES) yield new MultiplesPlan(all.flatMap((each) => this.#entries(each)));
    else for (const { curve, source, chosen } of all) yield* this.#multiply(curve, source, chosen);
  }

  #entries({ curve, source, chosen }: Chosen): MultiplesEntry[] {
    const { set, stored, readings } = source;
    const { width, domain } = curve;
    return readings.map((reading) => {
      const own = sourceOf(curve, source, reading);
      return {
        attempt: { curve: domain.name, stored, reading },
        ...{ set, indices: numbersIn(source, reading, chosen) },
        take: ({ indices, values }, numbers) => {
          for (const [k, index] of indices.entries())
            this.multiples.add(own, values.subarray(k * width, (k + 1) * width), numbers[index]!);
        },
      };
    });
  }

  /** Multiplies the chosen numbers of a source in this thread. */
  *#multiply(curve: KernelCurve, source: Source, chosen: readonly number[]): Pausing<never> {
    if (chosen.length === 0) return;
    const { set, readings } = source;
    const count = chosen.length * readings.length;
    for (const reading of readings) {
      const own = sourceOf(curve, source, reading);
      const read = numbersIn(source, reading, chosen);
      const scalars = Buffer.alloc(read.length * curve.width);
      for (const [k, i] of read.entries()) scalars.set(own.toWords(set.at(i)), k * curve.width);
      let k = 0;
      for (const x of fastestMultiples(curve, scalars, count)) {
        if (x) this.multiples.add(own, x, read[k]!);
        k++;
        if (this.#pace.isDue()) yield;
      }
    }
  }
}

const sourceOf = (curve: KernelCurve, { set, toWords }: Source, reading: ScalarEncoding): ScalarSource => ({
  ...{ curve, set, reading, length: storedLength(reading, curve.domain.size) },
  toWords: (bytes) => toWords(bytes, reading),
});

/** Arrays of 32-bit integers are read only where one begins. */
const numbersIn = (
  { set, arrays = false }: Source,
  reading: ScalarEncoding,
  chosen: readonly number[],
): readonly number[] =>
  arrays && reading === 'int32-msw' ? chosen.filter((i) => set.flags(i) & ARRAY_START) : chosen;

/**
 * The private key of a point that has the x of a multiple: d, or n - d if the other point with this x is
 * meant. Undefined for a trivial scalar, which is no secret.
 */
export function keyOfMultiple(multiple: Multiple, point: Point): ScalarFound | undefined {
  const { domain } = multiple.curve;
  const { name, n, size } = domain;
  const scalar = scalarOf(multiple);
  if (isTrivial(scalar, n)) return undefined;
  const d = scalar % n;
  const own = nativePoint(domain, d);
  const negated = own !== undefined && own.y !== point.y;
  const material: ScalarFound['material'] = {
    type: 'ec',
    curve: name,
    point: encodePoint(point, size),
    d: new Secret(toOctets(negated ? n - d : d, size)),
  };
  return { material, negated, point, ...multiple.place };
}

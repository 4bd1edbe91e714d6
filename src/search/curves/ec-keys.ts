import { createECDH, type ECDH, getCurves } from 'node:crypto';
import { curveByName } from '../../asn1/curves.js';
import { isTrivial } from '../../asn1/trivial-scalar.js';
import { inverseOfPower, toBytes } from '../../base/bytes/integers.js';
import { Secret } from '../../base/crypto/secret.js';
import type { KeyMaterial } from '../../model/key-material.js';
import { FITTED } from '../../runs/records.js';
import {
  TEXT_BITS,
  TEXT_ENCODINGS,
  toBigEndian,
  toNumber,
  WORD_ENCODINGS,
} from '../core/integer-encodings.js';
import type { NumberSet } from '../core/number-set.js';
import type { SearchContext } from '../core/search-context.js';
import type { Budget, SkippedWork } from '../core/skipped-work.js';
import type { WordReading } from '../core/types.js';
import { ARRAY, type CurveNumbers } from './coordinates.js';
import type { KernelCurve } from './field.js';
import type { HeaderFrequency } from './header-frequency.js';
import { type Multiple, type Multiples, type ScalarReading, scalarOf } from './multiples.js';
import { nativePoint } from './native-point.js';
import { numbersNear } from './near-points.js';
import { encodePoint, type Point, type Points } from './points.js';
import { firstOf, roomFor, scalarsOf } from './scalars.js';

/** A private scalar whose public point the dump shows. */
export interface EcFound {
  material: Extract<KeyMaterial, { type: 'ec' }>;
  point: Point;
  offset: number;
  length: number;
  reading: ScalarReading;
  /** The number is the order minus d, as signers make it whose points have an even y (BIP 340). */
  negated: boolean;
}

/** Curves whose users write points compressed (Bitcoin's and all that came after): no equation shows that there is one. */
const COMPRESSED = new Set(['secp256k1']);
/** Numbers that are multiplied on such a curve where no other point is: 40 ms at most. The core of a small program has no more. */
const UNSEEN = 500;
/** Where there are more, as in Java's cores, which of them come first costs more to say than they are worth: those behind a header of just such an object alone, if these are few. */
const MOST_UNSEEN = 8192;

/** Where OpenSSL multiplies faster than the kernel does (13 us against 40). */
const NATIVE = new Set(['P-256']);

/** Scalars with d * G = Q for a point Q of the dump, curve by curve. What was multiplied is kept in `multiples`. */
export function* ecKeys(
  numbers: CurveNumbers,
  points: ReadonlyMap<KernelCurve, Points>,
  multiples: Multiples,
  crowds: HeaderFrequency,
  parts: Parameters<typeof numbersNear>[2] & { length: number; managed: boolean; shortfall: SkippedWork },
): Generator<EcFound> {
  const { length, managed, shortfall, budget } = parts;
  for (const [curve, known] of points) {
    if (!getCurves().includes(curveByName(curve.domain.name)?.openssl ?? '')) continue;
    if (known.size === 0) {
      if (COMPRESSED.has(curve.domain.name)) multiplyFew(numbers, curve, multiples, crowds, budget);
      continue;
    }
    const coordinates = new Set([...known.values()].flatMap(({ x, y }) => [x, y]));
    for (const source of sources(numbers, curve)) {
      const { set, readings, toWords } = source;
      const room = roomFor(length, set.size, budget);
      // A few do not fill the budget, and to know them costs more than they do.
      const plain = readings.filter((reading) => reading !== 'mont-le');
      const isCoordinate = (i: number) =>
        coordinates.size > room.most / 4 &&
        plain.some((reading) => coordinates.has(toNumber(toWords(set.at(i), reading), 'limbs-le')));
      enter(multiples, curve, source, scalarsOf(set, room, 'ec-scalars', crowds, shortfall, isCoordinate));
    }
    const { size } = curve.domain;
    const open = [...known.values()].filter(({ x }) => multiples.get(curve, x) === undefined);
    const whole = numbers.bySize.get(size);
    if (!managed && whole) {
      const set = numbersNear(open, whole, parts);
      const toWords = (bytes: Buffer, as: ScalarReading) => toBigEndian(bytes, as as WordReading).reverse();
      const all = Array.from({ length: set.length }, (_, i) => i);
      enter(multiples, curve, { set, readings: ['limbs-le', 'bytes-be'], toWords }, all);
    }
    for (const point of known.values()) {
      const multiple = multiples.get(curve, point.x);
      const found = multiple && keyAt(multiple, point);
      if (found) yield found;
    }
  }
}

/** Multiplies the chosen numbers of a source, in each of its readings. */
function enter(multiples: Multiples, curve: KernelCurve, from: Source, chosen: readonly number[]): void {
  if (chosen.length === 0) return;
  const { set, readings, arrays = false, toWords } = from;
  for (const reading of readings) {
    const read = arrays && reading === 'int32-msw' ? chosen.filter((i) => set.flags(i) & ARRAY) : chosen;
    const source = {
      ...{ curve, set, reading, length: lengthOf(reading, curve.domain.size) },
      toWords: (bytes: Buffer) => toWords(bytes, reading),
    };
    const all = Buffer.alloc(read.length * curve.width);
    for (const [k, i] of read.entries()) all.set(source.toWords(set.at(i)), k * curve.width);
    let k = 0;
    for (const x of multiply(curve, all)) {
      if (x) multiples.add(source, x, read[k]!);
      k++;
    }
  }
}

/**
 * Numbers as they stand, where one may be the beginning of a compressed point (SEC 1, 2.3.3), and texts: whoever looks through the runs for the
 * multiples finds out. It is no search of which the rest would be told: without any other point none was done at all.
 */
function multiplyFew(
  numbers: CurveNumbers,
  curve: KernelCurve,
  multiples: Multiples,
  crowds: HeaderFrequency,
  budget: Budget,
): void {
  const mayBePoint = (set: NumberSet) => indices(set).some((i) => set.at(i)[0]! >> 1 === 1);
  for (const source of sources(numbers, curve)) {
    const { set, arrays } = source;
    const isText = source.readings.some((reading) => reading in TEXT_BITS);
    if (!isText && !(arrays && mayBePoint(set))) continue;
    const chosen =
      set.length > budget(MOST_UNSEEN)
        ? indices(set).filter((i) => set.flags(i) & FITTED)
        : firstOf(set, budget(UNSEEN), crowds);
    if (chosen.length > budget(UNSEEN)) continue;
    const readings = source.readings.filter((reading) => reading !== 'mont-le');
    enter(multiples, curve, { ...source, readings }, chosen);
  }
}

const indices = ({ length }: NumberSet): number[] => Array.from({ length }, (_, i) => i);

/** Octets of digests that are shorter than a curve's order and usual with it (RFC 5656, 6.2.1; RFC 8446, 4.2.3), and how many numbers are tried as one. */
const DIGESTS: ReadonlyMap<number, { octets: number; most: number }> = new Map([
  [48, { octets: 32, most: 1024 }],
  [66, { octets: 64, most: 256 }],
]);

/** Numbers that may be what was signed on a curve, where they are shorter than its scalars. */
export function multiplyDigests(
  numbers: CurveNumbers,
  curve: KernelCurve,
  multiples: Multiples,
  crowds: HeaderFrequency,
  { shortfall, budget }: Pick<SearchContext, 'shortfall' | 'budget'>,
): void {
  const digests = DIGESTS.get(curve.domain.size);
  const set = digests && numbers.bySize.get(digests.octets);
  if (digests === undefined || set === undefined) return;
  const most = budget(digests.most);
  const chosen = scalarsOf(set, { all: most, most, least: most }, 'ecdsa-nonces', crowds, shortfall);
  const toWords = (bytes: Buffer) => Buffer.from(bytes).reverse();
  enter(multiples, curve, { set, readings: ['bytes-be'], toWords }, chosen);
}

/** The number of a multiple as the private key of its point; undefined where anybody knows that number. */
export function keyAt(multiple: Multiple, point: Point): EcFound | undefined {
  if (isTrivial(scalarOf(multiple), multiple.curve.domain.n)) return undefined;
  return { ...keyOf(multiple, point), point, ...multiple.place };
}

/** The key of a point whose x is that of the multiple: d, or the order minus d, whose point has the other y. */
function keyOf(multiple: Multiple, point: Point): Pick<EcFound, 'material' | 'negated'> {
  const { domain } = multiple.curve;
  const { name, n, size } = domain;
  const d = scalarOf(multiple) % n;
  const own = nativePoint(domain, d);
  const negated = own !== undefined && own.y !== point.y;
  const bytes = toBytes(negated ? n - d : d);
  const material: EcFound['material'] = {
    ...{ type: 'ec', curve: name, point: encodePoint(point, size) },
    d: new Secret(Buffer.concat([Buffer.alloc(size - bytes.length), bytes])),
  };
  return { material, negated };
}

/** Bytes of a scalar's units, and the bits in each. */
const PLACES: { [K in ScalarReading]: { unit: number; bits: number } } = {
  'limbs-le': { unit: 8, bits: 64 },
  'mont-le': { unit: 8, bits: 64 },
  'bytes-be': { unit: 1, bits: 8 },
  'int32-msw': { unit: 4, bits: 32 },
  'digits30-le32': { unit: 4, bits: 30 },
  'digits60-le64': { unit: 8, bits: 60 },
  'v8-smi28': { unit: 8, bits: 28 },
  'v8-smi26': { unit: 8, bits: 26 },
  'v8-smi28c': { unit: 4, bits: 28 },
  'v8-smi26c': { unit: 4, bits: 26 },
  'v8-double28': { unit: 8, bits: 28 },
  'v8-double26': { unit: 8, bits: 26 },
  'jsc-int28': { unit: 8, bits: 28 },
  'jsc-int26': { unit: 8, bits: 26 },
  base64url: { unit: 1, bits: TEXT_BITS.base64url },
  hex: { unit: 1, bits: TEXT_BITS.hex },
};

interface Source {
  set: NumberSet;
  readings: readonly ScalarReading[];
  /** Only some may be 32-bit integers, the most significant first: those flagged so. */
  arrays?: boolean;
  /** A number of the set as whole little-endian words. */
  toWords(bytes: Buffer, reading: ScalarReading): Buffer;
}

function* sources(numbers: CurveNumbers, curve: KernelCurve): Generator<Source> {
  const reduce = fromMontgomery(curve);
  const whole = numbers.bySize.get(curve.domain.size);
  if (whole)
    yield {
      set: whole,
      readings: [...WORD_ENCODINGS, 'mont-le'],
      arrays: true,
      toWords: (bytes, reading) =>
        reading === 'mont-le' ? reduce(bytes) : toBigEndian(bytes, reading).reverse(),
    };
  for (const [reading, set] of numbers.inWords.get(curve.width)!)
    yield {
      set,
      readings: reading === 'limbs-le' ? [reading, 'mont-le'] : [reading],
      toWords: (bytes, as) => (as === 'mont-le' ? reduce(bytes) : bytes),
    };
  for (const [reading, set] of numbers.engine(curve.width))
    yield { set, readings: [reading], toWords: (bytes) => bytes };
  for (const reading of TEXT_ENCODINGS) {
    const set = numbers.texts[reading].get(curve.width);
    if (set) yield { set, readings: [reading], toWords: (bytes) => Buffer.from(bytes).reverse() };
  }
}

/** The scalar d of d * R modulo the order, R = 2^(8 width): all that Rust's ring keeps. Both in little-endian words. */
function fromMontgomery({ width, domain: { n } }: KernelCurve): (words: Buffer) => Buffer {
  const factor = inverseOfPower(8 * width, n);
  return (words) => {
    const scalar = toBytes((toNumber(words, 'limbs-le') * factor) % n);
    return Buffer.concat([Buffer.alloc(width - scalar.length), scalar]).reverse();
  };
}

/** x of d * G for each scalar, plain and little-endian. */
function multiply(curve: KernelCurve, scalars: Buffer): Iterable<Uint8Array | undefined> {
  return NATIVE.has(curve.domain.name) ? multiplyNatively(curve, scalars) : curve.xsOf(scalars);
}

/** On curves whose coordinates fill whole words. */
function* multiplyNatively(
  { domain, width }: KernelCurve,
  scalars: Buffer,
): Generator<Uint8Array | undefined> {
  const ecdh = createECDH(curveByName(domain.name)!.openssl);
  for (let at = 0; at < scalars.length; at += width)
    yield publicPoint(ecdh, scalars.subarray(at, at + domain.size))
      ?.subarray(1, 1 + domain.size)
      .reverse();
}

/** Undefined where d is zero or not below the order. */
function publicPoint(ecdh: ECDH, littleEndianScalar: Buffer): Buffer | undefined {
  try {
    ecdh.setPrivateKey(Buffer.from(littleEndianScalar).reverse());
    return ecdh.getPublicKey();
  } catch {
    return undefined;
  }
}

const isText = (reading: ScalarReading): boolean => TEXT_ENCODINGS.some((each) => each === reading);

/** Bytes that a scalar of `size` octets takes. */
export function lengthOf(reading: ScalarReading, size: number): number {
  const { unit, bits } = PLACES[reading];
  // In texts an octet is whole (RFC 7518, 6.2.1.2).
  const whole = size !== 66 || isText(reading);
  return Math.ceil((whole ? size * 8 : 521) / bits) * unit;
}

import { lowerBound } from '../../../core/base/bytes/binary-search.js';
import { bitsOf, inverse, toBigint } from '../../../core/base/bytes/integers.js';
import { lowWord, TEXT_ENCODINGS, toNumber, WORD_ENCODINGS } from '../../core/integer-encodings.js';
import type { NumberSet } from '../../core/number-set.js';
import type { SearchContext } from '../../core/search-context.js';
import type { WordEncoding } from '../../core/types.js';
import { WordIndex } from '../../core/word-index.js';
import { type CurveNumbers, indicesOf } from '../numbers/curve-numbers.js';
import { ARRAY_START } from '../numbers/number-flags.js';
import type { KernelCurve } from '../points/kernel-curve.js';
import type { Point } from '../points/points.js';
import type { ScalarFound } from '../scalars/scalar-search.js';
import type { Nonce } from './nonce-signatures.js';

/**
 * Numbers tried first as s of a signature, nearest to the nonce. In elliptic 60 numbers lie between them when
 * they are created, and a garbage collection keeps their order.
 */
const NEAREST = 256;
/** Products computed, 0.5 us each at 256 bits. */
const MAX_PRODUCTS = 2_000_000;
/** A number shorter than the order by this many bits is a digest of a shorter hash, not a coincidence. */
const MIN_SHORTENING = 64;

/** What the numbers of the dump say of the scalars found in it. */
export interface Explained {
  /** Points of nonces: s k = h + r d holds for the key d of another point, with s and h in the dump. */
  nonces: ReadonlySet<Point>;
  /** Points of the keys that have signed with these nonces. */
  signers: ReadonlySet<Point>;
  /** Points of scalars whose inverse modulo the order is in the dump, as it is computed for a signature. */
  inverted: ReadonlySet<Point>;
}

interface EquationContext extends Pick<SearchContext, 'skippedWork' | 'budget'> {
  numbers: CurveNumbers;
  /** Decoded texts r || s. */
  signatures: NumberSet;
}

/**
 * Which of the scalars found are ECDSA nonces. A library leaves nonces in memory exactly like private keys,
 * and their points too: a number k is a nonce if s k = h + r d (SEC 1, 4.1.3) holds for another key d, with s
 * among the numbers of the dump, and h among them too or shorter than chance explains. s may be negated.
 *
 * The equation cannot be forged for a key k that the forger does not know: h follows from k. For two keys
 * whose difference is public (k = d + t, a child key of BIP 32), s = r and h = r t would do; for a key and a
 * multiple of it, h = 0. No signature has either.
 */
export function explainNonces(
  scalars: readonly ScalarFound[],
  seen: readonly Nonce[],
  curves: Iterable<KernelCurve>,
  { numbers, signatures: texts, skippedWork, budget }: EquationContext,
): Explained {
  const [nonces, signers, inverted] = [new Set<Point>(), new Set<Point>(), new Set<Point>()];
  let left = budget(MAX_PRODUCTS);
  for (const curve of curves) {
    const { name, n } = curve.domain;
    const own = scalars.filter(({ material }) => material.curve === name);
    if (own.length < 2 || own.every(({ point }) => point.written)) continue;
    const signed = seen.filter(({ multiple, s }) => multiple.curve === curve && s > 0n);
    const { signatures, digests, left: omitted } = equationNumbers(numbers, curve, signed, texts);
    if (omitted > 0) skip(omitted, own[0]!);
    const ds = new Map(own.map((each) => [each, scalarOf(each)]));
    const isHash = (h: bigint) =>
      h !== 0n && (digests.has(lowWord(h)) || bitsOf(h) <= bitsOf(n) - MIN_SHORTENING);
    const signerOf = (
      nonce: ScalarFound,
      likely: readonly ScalarFound[],
      among: readonly RepeatedNumber[],
    ) => {
      const k = ds.get(nonce)!;
      const r = nonce.point.x % n;
      const products = likely.map((signer) => ({ signer, rd: (r * ds.get(signer)!) % n }));
      for (const { value } of among) {
        if (value === r || value === n - r) continue;
        const sk = (value * k) % n;
        for (const { signer, rd } of products)
          if (isHash(sk < rd ? sk - rd + n : sk - rd) || isHash((2n * n - sk - rd) % n)) return signer;
      }
      return undefined;
    };
    for (const each of own) {
      const reciprocal = inverse(ds.get(each)!, n);
      if (reciprocal !== undefined && digests.has(lowWord(reciprocal))) inverted.add(each.point);
    }
    let index: NearestNumbers | undefined;
    const nearestTo = (nonce: ScalarFound) => {
      index ??= new NearestNumbers(signatures);
      const { offset, point } = nonce;
      const places = [offset, ...index.placesOf(ds.get(nonce)!), ...index.placesOf(point.x)];
      return index.near(places, NEAREST);
    };
    const ofCurve = new Set<ScalarFound>();
    for (const most of [NEAREST, signatures.length])
      for (const nonce of own) {
        if (nonce.point.written || nonces.has(nonce.point) || ofCurve.has(nonce)) continue;
        const among = most < signatures.length ? nearestTo(nonce) : signatures;
        // Keys that have signed come first; in the second pass, only they are tried.
        const others = most === NEAREST || ofCurve.size === 0 ? [...ofCurve, ...own] : [...ofCurve];
        const likely = [...new Set(others)].filter(
          (each) => each.point !== nonce.point && !nonces.has(each.point),
        );
        const cost = among.length * Math.ceil(likely.length / 2);
        if (cost > left) {
          skip(among.length, nonce);
          continue;
        }
        left -= cost;
        const signer = signerOf(nonce, likely, among);
        if (signer === undefined) continue;
        ofCurve.add(signer);
        signers.add(signer.point);
        nonces.add(nonce.point);
      }
  }
  return { nonces, signers, inverted };

  function skip(count: number, { offset, length }: ScalarFound): void {
    const what = 'numbers were not tried as s of a signature';
    // What is left can only turn a nonce into a finding.
    const skipped = { target: 'blind', left: count } as const;
    skippedWork.add('ecdsa-nonces', skipped, what, offset, offset + length);
  }
}

const scalarOf = ({ material }: ScalarFound): bigint =>
  toNumber(Buffer.from(material.d.reveal()), 'bytes-be');

/** Numbers in the order of their places: memory may have a hundred thousand, and hundreds of nonces. */
export class NearestNumbers {
  readonly #all: readonly RepeatedNumber[];
  readonly #words = new WordIndex();
  /** Places, ascending, and the index of the number at each. */
  readonly #places: Float64Array;
  readonly #indices: Uint32Array;

  constructor(all: readonly RepeatedNumber[]) {
    this.#all = all;
    const places = Float64Array.from(all.flatMap((each) => each.places));
    const indices = Uint32Array.from(all.flatMap((each, index) => each.places.map(() => index)));
    // Columns: an object for each place would be most of the memory.
    const order = Uint32Array.from(places.keys()).sort((a, b) => places[a]! - places[b]!);
    this.#places = Float64Array.from(order, (i) => places[i]!);
    this.#indices = Uint32Array.from(order, (i) => indices[i]!);
    for (const { value } of all) this.#words.add(lowWord(value));
  }

  /** The places of a number, if it is one of these. */
  placesOf(value: bigint): readonly number[] {
    for (const index of this.#words.entries(lowWord(value)))
      if (this.#all[index]!.value === value) return this.#all[index]!.places;
    return [];
  }

  /** The numbers nearest to some places, by their own places; of numbers as near, those that come first. */
  near(places: readonly number[], most: number): RepeatedNumber[] {
    const far = new Map<number, number>();
    for (const place of places) this.#walk(place, most, far);
    return [...far]
      .sort(([i, a], [j, b]) => a - b || i - j)
      .slice(0, most)
      .map(([index]) => this.#all[index]!);
  }

  /** Sets the distances of at least `most` numbers, nearest first, and of those as near as the last one. */
  #walk(place: number, most: number, far: Map<number, number>): void {
    const seen = new Set<number>();
    let above = lowerBound(this.#places, place);
    let below = above - 1;
    let last = 0;
    for (;;) {
      const up = above < this.#places.length ? this.#places[above]! - place : Number.POSITIVE_INFINITY;
      const down = below >= 0 ? place - this.#places[below]! : Number.POSITIVE_INFINITY;
      const distance = Math.min(up, down);
      if (distance === Number.POSITIVE_INFINITY || (seen.size >= most && distance > last)) return;
      const index = this.#indices[up <= down ? above++ : below--]!;
      last = distance;
      seen.add(index);
      far.set(index, Math.min(distance, far.get(index) ?? distance));
    }
  }
}

/** Numbers kept as a possible s: 150 bytes each. */
const MAX_SIGNATURES = 1 << 17;
/** Octets of the numbers that may be a digest. */
const DIGEST_SIZES = [32, 40, 48, 64, 72] as const;

/** A number of the dump, and the offsets of its first and last occurrence. */
export interface RepeatedNumber {
  value: bigint;
  places: readonly number[];
}

interface EquationNumbers {
  /** Numbers that may be s of a signature. */
  signatures: readonly RepeatedNumber[];
  /** Numbers that were left out. */
  left: number;
  /** The lowest words of all numbers that may be the digest that was signed. */
  digests: WordIndex;
}

/** A set of numbers and how to read them. */
interface Source {
  set: NumberSet;
  reading: WordEncoding;
  /** Only numbers with the flag `ARRAY_START` have this encoding. */
  arrays?: boolean;
}

/** The 64-bit word of a number at distance `from` from its least significant end, in bytes. */
const WORD_AT: Readonly<Record<WordEncoding, (bytes: Buffer, from: number) => bigint>> = {
  'limbs-le': (bytes, from) => bytes.readBigUInt64LE(from),
  'bytes-be': (bytes, from) => bytes.readBigUInt64BE(bytes.length - from - 8),
  'int32-msw': (bytes, from) => {
    const at = bytes.length - from - 8;
    return (BigInt(bytes.readUInt32LE(at)) << 32n) | BigInt(bytes.readUInt32LE(at + 4));
  },
};

/** The sets of numbers of a size, in each of their encodings. */
function sourcesOf(numbers: CurveNumbers, size: number): Source[] {
  const inDigits = [...numbers.jsEngineSets(size).values(), ...(numbers.inWords.get(size)?.values() ?? [])];
  const texts = TEXT_ENCODINGS.flatMap((reading) => numbers.texts[reading].get(size) ?? []);
  const whole = numbers.bySize.get(size);
  return [
    ...inDigits.map((set) => ({ set, reading: 'limbs-le' }) as const),
    ...texts.map((set) => ({ set, reading: 'bytes-be' }) as const),
    ...(whole ? WORD_ENCODINGS.map((reading) => ({ set: whole, reading, arrays: true })) : []),
  ];
}

function* indicesIn({ set, reading, arrays }: Source): Generator<number> {
  const needed = arrays && reading === 'int32-msw' ? ARRAY_START : 0;
  for (let i = 0; i < set.length; i++) if ((set.flags(i) & needed) === needed) yield i;
}

/** The halves s of r || s in texts. */
function* halvesOf(texts: NumberSet): Generator<RepeatedNumber> {
  for (const i of indicesOf(texts))
    yield { value: toBigint(texts.at(i).subarray(texts.size / 2)), places: [texts.offset(i), texts.last(i)] };
}

/**
 * What the equation of a signature is tried with. `seen`: signatures whose r is known; `texts`: decoded
 * r || s.
 */
function equationNumbers(
  numbers: CurveNumbers,
  { width, domain: { n, size } }: KernelCurve,
  seen: readonly Nonce[],
  texts: NumberSet,
): EquationNumbers {
  const signatures: RepeatedNumber[] = [];
  const digests = new WordIndex();
  let left = 0;
  const sign = (number: RepeatedNumber): void => {
    // s = n would make s k zero and h = -r d, which could be placed beside a key to hide it.
    if (number.value === 0n || number.value >= n) return;
    if (signatures.length < MAX_SIGNATURES) signatures.push(number);
    else left++;
  };
  for (const { s, offset } of seen) sign({ value: s, places: [offset] });
  if (texts.size === 2 * size) for (const number of halvesOf(texts)) sign(number);
  for (const octets of DIGEST_SIZES) {
    // A longer digest is cut to the order's length (SEC 1, 4.1.3).
    const from = octets > width ? octets - size : 0;
    for (const source of sourcesOf(numbers, octets)) {
      const { set, reading } = source;
      for (const i of indicesIn(source)) {
        digests.add(WORD_AT[reading](set.at(i), from));
        if (octets === width)
          sign({ value: toNumber(set.at(i), reading), places: [set.offset(i), set.last(i)] });
      }
    }
  }
  return { signatures, left, digests };
}

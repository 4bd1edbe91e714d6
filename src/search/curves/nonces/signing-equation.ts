import { bitsOf, inverse } from '../../../core/base/bytes/integers.js';
import { lowWord, toNumber } from '../../core/integer-encodings.js';
import type { NumberSet } from '../../core/number-set.js';
import type { SearchContext } from '../../core/search-context.js';
import type { CurveNumbers } from '../numbers/curve-numbers.js';
import type { KernelCurve } from '../points/kernel-curve.js';
import type { Point } from '../points/points.js';
import type { ScalarFound } from '../scalars/scalar-search.js';
import { equationNumbers, type RepeatedNumber } from './equation-numbers.js';
import { NearestNumbers } from './nearest-numbers.js';
import type { Nonce } from './nonce-signatures.js';

/**
 * Numbers tried first as s of a signature, nearest to the nonce. In elliptic 60 numbers lie between them when
 * they are created, and a garbage collection keeps their order.
 */
const NEAREST = 256;
/** Products computed, 0.5 us each at 256 bits. */
const MAX_PRODUCTS = 2_000_000;
/** Cost of a product, in pairs of nonce and key. */
const PRODUCT_COST = 0.01;
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
    const skipped = { target: 'blind', left: count, work: count * PRODUCT_COST } as const;
    skippedWork.add('ecdsa-nonces', skipped, what, offset, offset + length);
  }
}

const scalarOf = ({ material }: ScalarFound): bigint =>
  toNumber(Buffer.from(material.d.reveal()), 'bytes-be');

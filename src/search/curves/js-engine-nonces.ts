import { bitsOf } from '../../base/bytes/integers.js';
import { toNumber } from '../core/integer-encodings.js';
import type { NumberSet } from '../core/number-set.js';
import type { Budget } from '../core/skipped-work.js';
import { type CurveNumbers, indicesOf } from './curve-numbers.js';
import type { KernelCurve } from './kernel-curve.js';
import type { ScalarFound } from './scalar-search.js';

/**
 * Numbers tried first as s of a signature, nearest to the nonce. In elliptic 60 numbers lie between them when
 * they are created, and a garbage collection keeps their order.
 */
const NEAREST = 256;
/** Products computed, 0.5 us each at 256 bits. */
const MAX_PRODUCTS = 400_000;
/** A number shorter than the order by this many bits is a digest of a shorter hash, not a coincidence. */
const MIN_SHORTENING = 64;

/** A number of the dump, and the offsets of its first and last occurrence. */
interface PlacedNumber {
  value: bigint;
  places: readonly number[];
}

/**
 * x of those keys that are ECDSA nonces: a JavaScript library leaves nonces in digits exactly like private
 * keys, and their points too. A number k is a nonce if s k = h + r d (SEC 1, 4.1.3) holds for another key d,
 * with s among the numbers in digits and h either such a number or shorter than chance explains. s may be
 * negated.
 */
export function jsEngineNonces(
  keys: readonly ScalarFound[],
  curves: Iterable<KernelCurve>,
  numbers: CurveNumbers,
  budget: Budget,
): ReadonlySet<bigint> {
  const nonces = new Set<bigint>();
  let left = budget(MAX_PRODUCTS);
  for (const curve of curves) {
    const { name, n } = curve.domain;
    const own = keys.filter(({ material }) => material.curve === name);
    const { signatures: all, hashes } = own.length < 2 ? NOTHING : signatureNumbers(numbers, curve.width);
    // s = n would make s k zero and h = -r d, which an attacker could place beside a key to hide it.
    const signatures = all.filter(({ value }) => value > 0n && value < n);
    const isHash = (h: bigint) => hashes.has(h) || bitsOf(h) <= bitsOf(n) - MIN_SHORTENING;
    const signs = (signer: ScalarFound, nonce: ScalarFound, among: readonly PlacedNumber[]): boolean => {
      if (signer.point === nonce.point || among.length > left) return false;
      left -= among.length;
      const k = scalarOf(nonce);
      const rd = (nonce.point.x * scalarOf(signer)) % n;
      return among.some(({ value }) => {
        const sk = (value * k) % n;
        return isHash(sk < rd ? sk - rd + n : sk - rd) || isHash((2n * n - sk - rd) % n);
      });
    };
    const signers = new Set<ScalarFound>();
    for (const most of [NEAREST, signatures.length])
      for (const nonce of own) {
        if (nonce.point.written || nonces.has(nonce.point.x)) continue;
        const among = most < signatures.length ? nearest(signatures, nonce, most) : signatures;
        // Keys that have signed come first; in the second pass, only they are tried.
        const likely = most === NEAREST || signers.size === 0 ? [...signers, ...own] : [...signers];
        const signer = likely.find((each) => !nonces.has(each.point.x) && signs(each, nonce, among));
        if (signer === undefined) continue;
        signers.add(signer);
        nonces.add(nonce.point.x);
      }
  }
  return nonces;
}

const NOTHING = { signatures: [], hashes: new Set<bigint>() };

const scalarOf = ({ material }: ScalarFound): bigint =>
  toNumber(Buffer.from(material.d.reveal()), 'bytes-be');

/** Numbers in digits of a curve's size, and all numbers that may be a digest. */
function signatureNumbers(
  numbers: CurveNumbers,
  width: number,
): { signatures: PlacedNumber[]; hashes: ReadonlySet<bigint> } {
  const inDigits = (size: number) => [...numbers.jsEngineSets(size).values()].flatMap(valuesOf);
  const signatures = inDigits(width);
  const octets = [...numbers.bySize.values()].filter(({ size }) => size <= width);
  if (signatures.length === 0) return { signatures, hashes: new Set() };
  return {
    signatures,
    hashes: new Set([
      ...signatures.map(({ value }) => value),
      ...octets.flatMap((set) => indicesOf(set).map((i) => toNumber(set.at(i), 'bytes-be'))),
    ]),
  };
}

const valuesOf = (set: NumberSet): PlacedNumber[] =>
  indicesOf(set).map((i) => ({
    value: toNumber(set.at(i), 'limbs-le'),
    places: [set.offset(i), set.last(i)],
  }));

/** The numbers nearest to the nonce, by their occurrences. */
function nearest(all: readonly PlacedNumber[], nonce: ScalarFound, most: number): PlacedNumber[] {
  const k = scalarOf(nonce);
  const own = [nonce.offset, ...(all.find(({ value }) => value === k)?.places ?? [])];
  const distance = ({ places }: PlacedNumber) =>
    Math.min(...places.flatMap((place) => own.map((each) => Math.abs(place - each))));
  return all
    .map((each) => ({ each, far: distance(each) }))
    .sort((a, b) => a.far - b.far)
    .slice(0, most)
    .map(({ each }) => each);
}

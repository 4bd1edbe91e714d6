import { createHash } from 'node:crypto';
import { inverse, toBigint } from '../../../core/base/bytes/integers.js';
import { Secret } from '../../../core/base/crypto/secret.js';
import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { KeyMaterial } from '../../../core/model/key-material.js';
import { NumberKernel } from '../../core/kernel.js';
import type { SearchContext } from '../../core/search-context.js';
import { toLittleEndian, toOctets } from '../numbers/octets.js';
import { sumAndDifference } from '../points/affine.js';
import { nativePoint } from '../points/compressed-points.js';
import { KernelCurve } from '../points/kernel-curve.js';
import { type Multiple, type Multiples, scalarOf } from '../points/multiples.js';
import { type CurvePoints, encodePoint, type Point, targetOf, writtenFirst } from '../points/points.js';
import type { Nonce } from './nonce-signatures.js';

/** A private key computed from one of its signatures: nonce, signature and digest are all in the dump. */
export interface NonceKey {
  material: Extract<KeyMaterial, { type: 'ec' }>;
  point: Point;
  nonce: Nonce;
  /** The number of the dump that is the digest; undefined if it was computed from the signed token. */
  digest?: Multiple;
}

/** Pairs of a signature and a public key that are tried, each with one point addition: 0.5 s at 256 bits. */
const MAX_PAIRS = 5_000;
/**
 * Cost of a public key's comb table in such pairs, by the octets of a coordinate: 14 ms at 256 bits, 80 at
 * 512.
 */
const tableCost = (size: number): number => (150 * size * size) / (32 * 32);

const UNTRIED = 'nonces were not tried with a public key';

interface NonceContext extends Pick<SearchContext, 'skippedWork' | 'budget'> {
  /** Multiplies numbers shorter than the curve's scalars that may be digests. */
  digests(curve: KernelCurve): Pausing<never>;
}

/**
 * Private keys from ECDSA nonces. A signature (r, s) with nonce k over the digest h satisfies
 * s k = h + r d (mod n) (SEC 1, 4.1.3), hence d = (s k - h) / r. For the signer's public key Q,
 * h G = s k G - r Q: the x of that point is looked up among the multiples of all numbers of the dump, so no
 * digest has to be guessed. Signers that normalise s to at most n/2 negate it, so both signs of k are tried.
 * Every result satisfies d G = Q. `known`: x of public keys whose private key has been found already.
 */
export function* nonceKeys(
  nonces: readonly Nonce[],
  points: CurvePoints,
  multiples: Multiples,
  known: ReadonlySet<bigint>,
  { digests, skippedWork, budget }: NonceContext,
): Pausing<NonceKey> {
  for (const [curve, curvePoints] of points) {
    const { n, p, size } = curve.domain;
    const own = nonces.filter(({ multiple, s }) => multiple.curve === curve && s > 0n);
    if (own.length === 0) continue;
    const nonceXs = new Set(own.map(({ multiple }) => multiple.x));
    // Points written as keys come first: a library's table has hundreds of points.
    const open = new Set(
      writtenFirst([...curvePoints.values()].filter(({ x }) => !nonceXs.has(x) && !known.has(x))),
    );
    const accept = function* (key: Omit<NonceKey, 'material'>, ds: readonly bigint[]): Generator<NonceKey> {
      for (const d of ds) {
        if (!open.has(key.point) || !isKeyOf(curve, d, key.point)) continue;
        open.delete(key.point);
        yield { ...key, material: materialOf(curve, d, key.point) };
      }
    };
    for (const nonce of own.filter(({ token }) => token !== undefined)) {
      const ds = keysOf(nonce, digestOf(nonce), n);
      // The digest is known, so d G is looked up among the points: no loop over all of them is needed.
      yield;
      for (const candidate of [...curve.affinePoints(scalars(ds, curve))]) {
        const point = candidate && curvePoints.get(candidate.x);
        if (point) yield* accept({ point, nonce }, ds);
      }
    }
    if (open.size > 0 && own.some(({ token }) => token === undefined)) yield* digests(curve);
    let pairs = budget(MAX_PAIRS);
    const sk = own.map(({ s, multiple }) => s * scalarOf(multiple));
    const skGs = [...curve.affinePoints(scalars(sk, curve))];
    for (const point of [...open]) {
      pairs -= tableCost(size);
      yield;
      const signatures = own.slice(0, Math.max(0, pairs));
      pairs -= own.length;
      for (const { multiple } of own.slice(signatures.length)) {
        const { offset, length } = multiple.place;
        const left = { target: targetOf(point), left: 1 };
        skippedWork.add('ecdsa-nonces', left, UNTRIED, offset, offset + length);
      }
      if (signatures.length === 0) continue;
      // A kernel for each public key's table, so that its memory can be released.
      const kernel = NumberKernel.take();
      const times = new KernelCurve(kernel, { ...curve.domain, x: point.x, y: point.y });
      const rs = signatures.map(({ multiple }) => multiple.x);
      let i = 0;
      for (const rQ of times.affinePoints(scalars(rs, curve))) {
        const [nonce, skG] = [own[i]!, skGs[i]];
        i++;
        yield;
        if (skG === undefined || rQ === undefined || !open.has(point)) continue;
        for (const { x } of sumAndDifference(skG, rQ, p).reverse()) {
          const digest = multiples.get(curve, x);
          if (digest === undefined) continue;
          yield* accept({ point, nonce, digest }, keysOf(nonce, scalarOf(digest), n));
        }
      }
      kernel.release();
    }
  }
}

/** d for a digest, with either sign of the nonce. */
function keysOf({ multiple, s }: Nonce, h: bigint, n: bigint): bigint[] {
  const reciprocal = inverse(multiple.x, n);
  const sk = s * scalarOf(multiple);
  return reciprocal === undefined
    ? []
    : [sk - h, -sk - h].map((value) => (((value * reciprocal) % n) + n) % n);
}

/**
 * Leftmost bits of the token's digest (SEC 1, 4.1.3); with the curves and hashes of JWTs these are whole
 * octets.
 */
function digestOf({ token, multiple }: Nonce): bigint {
  const { hash, signed } = token!;
  return toBigint(createHash(hash).update(signed).digest().subarray(0, multiple.curve.domain.size));
}

function isKeyOf(curve: KernelCurve, d: bigint, point: Point): boolean {
  const found = nativePoint(curve.domain, d);
  return found?.x === point.x && found.y === point.y;
}

function materialOf({ domain: { name, size } }: KernelCurve, d: bigint, point: Point): NonceKey['material'] {
  return { type: 'ec', curve: name, d: new Secret(toOctets(d, size)), point: encodePoint(point, size) };
}

/** Values modulo the order, as concatenated little-endian scalars. */
function scalars(values: readonly bigint[], { domain: { n }, width }: KernelCurve): Buffer {
  return Buffer.concat(values.map((value) => toLittleEndian(value % n, width)));
}

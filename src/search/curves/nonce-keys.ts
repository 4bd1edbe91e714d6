import { createHash } from 'node:crypto';
import { inverse, toBigint } from '../../base/bytes/integers.js';
import { Secret } from '../../base/crypto/secret.js';
import type { KeyMaterial } from '../../model/key-material.js';
import { Kernel } from '../core/kernel.js';
import type { Budget, SkippedWork } from '../core/skipped-work.js';
import { KernelCurve } from './kernel-curve.js';
import { type Multiple, type Multiples, scalarOf } from './multiples.js';
import { nativePoint } from './native-point.js';
import type { Nonce } from './nonce-signatures.js';
import { encodePoint, type Point, type Points } from './points.js';

/** A private key that one of its signatures gives away: nonce, signature and digest are all here. */
export interface NonceKey {
  material: Extract<KeyMaterial, { type: 'ec' }>;
  point: Point;
  nonce: Nonce;
  /** The number that is the digest; none where a token says what was signed. */
  digest?: Multiple;
}

/** Pairs of a signature and a public key, each with one addition of points: 0.5 s at 256 bits. */
const MAX_PAIRS = 5_000;
/** Pairs that take as long as a public key's table, by the octets of a coordinate: 14 ms at 256 bits, 80 at 512. */
const tableCost = (size: number): number => (150 * size * size) / (32 * 32);

interface NonceContext {
  /** Multiplies numbers of the dump that may be digests on a curve, and are none of its size. */
  digests(curve: KernelCurve): void;
  shortfall: SkippedWork;
  budget: Budget;
}

/**
 * Private keys from ECDSA nonces: s k = h + r d (mod n) (SEC 1, 4.1.3), so that the digest h gives d. Which number of the dump
 * is h need not be tried: h G = s k G - r Q for the signer's public key Q, and every number's multiple is known by its x.
 * (Writers that keep s below n/2 turn its sign: both are looked at.) What is found fulfils d G = Q. `known`: x of public keys whose
 * private half is here anyway.
 */
export function* nonceKeys(
  nonces: readonly Nonce[],
  points: ReadonlyMap<KernelCurve, Points>,
  multiples: Multiples,
  known: ReadonlySet<bigint>,
  { digests, shortfall, budget }: NonceContext,
): Generator<NonceKey> {
  for (const [curve, shown] of points) {
    const own = nonces.filter(({ multiple, s }) => multiple.curve === curve && s > 0n);
    if (own.length === 0) continue;
    const drawn = new Set(own.map(({ multiple }) => multiple.x));
    const others = [...shown.values()].filter(({ x }) => !drawn.has(x) && !known.has(x));
    // Those that are written as a key first: a library's table has hundreds of points.
    const open = new Set(others.sort((a, b) => Number(b.written) - Number(a.written)));
    const accept = function* (key: Omit<NonceKey, 'material'>, ds: readonly bigint[]): Generator<NonceKey> {
      for (const d of ds) {
        if (!open.has(key.point) || !isKeyOf(curve, d, key.point)) continue;
        open.delete(key.point);
        yield { ...key, material: materialOf(curve, d, key.point) };
      }
    };
    for (const nonce of own.filter(({ token }) => token !== undefined)) {
      const ds = keysOf(nonce, digestOf(nonce), curve.domain.n);
      // Each has one public key, which is here or not: a table's thousands need not be tried.
      for (const own of [...curve.affinePoints(scalars(ds, curve))]) {
        const point = own && shown.get(own.x);
        if (point) yield* accept({ point, nonce }, ds);
      }
    }
    if (open.size > 0 && own.some(({ token }) => token === undefined)) digests(curve);
    let pairs = budget(MAX_PAIRS);
    const products = curve.affinePoints(
      scalars(
        own.map(({ s, multiple }) => s * scalarOf(multiple)),
        curve,
      ),
    );
    const sides = [...products];
    for (const point of [...open]) {
      pairs -= tableCost(curve.domain.size);
      const signatures = own.slice(0, Math.max(0, pairs));
      pairs -= own.length;
      for (const { multiple } of own.slice(signatures.length)) {
        const { offset, length } = multiple.place;
        shortfall.add('ecdsa-nonces', 'nonces were not tried with a public key', offset, offset + length);
      }
      if (signatures.length === 0) continue;
      // A kernel of its own, whose memory is given back: one table for each public key.
      const kernel = Kernel.take();
      const times = new KernelCurve(kernel, { ...curve.domain, x: point.x, y: point.y });
      let i = 0;
      for (const rQ of times.affinePoints(
        scalars(
          signatures.map(({ multiple }) => multiple.x),
          curve,
        ),
      )) {
        const [nonce, skG] = [own[i]!, sides[i]];
        i++;
        if (skG === undefined || rQ === undefined || !open.has(point)) continue;
        for (const x of differenceAndSum(skG, rQ, curve.domain.p)) {
          const digest = multiples.get(curve, x);
          if (digest === undefined) continue;
          yield* accept({ point, nonce, digest }, keysOf(nonce, scalarOf(digest), curve.domain.n));
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

/** The leftmost bits of the digest of what a token signs (SEC 1, 4.1.3; of these curves and hashes, whole octets or all). */
function digestOf({ token, multiple }: Nonce): bigint {
  const { hash, signed } = token!;
  return toBigint(createHash(hash).update(signed).digest().subarray(0, multiple.curve.domain.size));
}

function isKeyOf(curve: KernelCurve, d: bigint, point: Point): boolean {
  const found = nativePoint(curve.domain, d);
  return found?.x === point.x && found.y === point.y;
}

function materialOf({ domain }: KernelCurve, d: bigint, point: Point): NonceKey['material'] {
  const bytes = Buffer.from(d.toString(16).padStart(domain.size * 2, '0'), 'hex');
  return { type: 'ec', curve: domain.name, d: new Secret(bytes), point: encodePoint(point, domain.size) };
}

/** Numbers modulo the order, little-endian, one after the other. */
function scalars(values: readonly bigint[], { domain: { n }, width }: KernelCurve): Buffer {
  return Buffer.concat(
    values.map((value) => Buffer.from((value % n).toString(16).padStart(width * 2, '0'), 'hex').reverse()),
  );
}

/** x of A - B and of A + B. */
function differenceAndSum(a: Omit<Point, 'written'>, b: Omit<Point, 'written'>, p: bigint): bigint[] {
  const reciprocal = inverse((b.x - a.x + p) % p, p);
  if (reciprocal === undefined) return [];
  return [p - b.y, b.y].map((y) => {
    const slope = ((y - a.y + p) * reciprocal) % p;
    return (((slope * slope - a.x - b.x) % p) + p) % p;
  });
}

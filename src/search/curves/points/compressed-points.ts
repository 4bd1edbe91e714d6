import { createECDH, type ECDH, getCurves } from 'node:crypto';
import { curveByName } from '../../../core/asn1/curves.js';
import type { Domain } from '../../../core/asn1/domain.js';
import { toNumber } from '../../core/integer-encodings.js';
import type { WordSeen } from '../../core/word-probe.js';
import { toOctets } from '../numbers/octets.js';
import { type Affine, splitPoint } from './affine.js';
import { type Multiple, scalarOf } from './multiples.js';
import type { Point } from './points.js';

/** First octet of a compressed point with an even y; with an odd y it is one more (SEC 1, 2.3.3). */
const EVEN = 2;

/**
 * The public key of a multiple or its negative, if the x at `seen` (its last word) belongs to a compressed
 * point. The octet before the point must be zero (the end of a header) or the point's length; otherwise zeros
 * must fill the point's last word, as in octet arrays without headers, which some engines keep adjacent. The
 * r of a signature has such a prefix only by chance, and no zeros after it.
 */
export function compressedPoint(seen: WordSeen<unknown>, multiple: Multiple): Point | undefined {
  const { bytes, at, before } = seen;
  const { x, curve } = multiple;
  const { size } = curve.domain;
  const start = at + 8 - size - 1;
  if (before + 8 < size + 2) return undefined;
  const [ahead, first] = [bytes[start - 1]!, bytes[start]!];
  if (first >> 1 !== EVEN >> 1 || (ahead !== 0 && ahead !== size + 1 && !fillsWords(seen, size + 1)))
    return undefined;
  if (toNumber(bytes.subarray(start + 1, at + 8), 'bytes-be') !== x) return undefined;
  const point = nativePoint(curve.domain, scalarOf(multiple));
  if (point === undefined) return undefined;
  const isOwn = BigInt(first - EVEN) === (point.y & 1n);
  return { x, y: isOwn ? point.y : curve.domain.p - point.y, written: true };
}

/**
 * True if the octets that end with the found word begin a word, and zeros fill the rest of their last one.
 */
function fillsWords({ bytes, at, after, offset }: WordSeen<unknown>, length: number): boolean {
  const rest = -length & 7;
  if ((offset + 8 - length) % 8 !== 0 || after < 8 + rest) return false;
  return bytes.subarray(at + 8, at + 8 + rest).every((byte) => byte === 0);
}

/** True if this Node's OpenSSL has the curve. */
export const isNative = ({ name }: { name: string }): boolean =>
  getCurves().includes(curveByName(name)?.openssl ?? '');

/** The uncompressed point d * G for a big-endian d; undefined if d is zero or not below the order. */
export function publicPoint(ecdh: ECDH, d: Buffer): Buffer | undefined {
  try {
    ecdh.setPrivateKey(d);
    return ecdh.getPublicKey();
  } catch {
    return undefined;
  }
}

/**
 * d * G by OpenSSL, in 15 to 400 us. For a few scalars this is faster than the comb of the kernel, whose
 * table costs as much as a thousand of them. Undefined if d is a multiple of the order.
 */
export function nativePoint({ name, n, size }: Domain, d: bigint): Affine | undefined {
  const scalar = d % n;
  if (scalar === 0n) return undefined;
  const ecdh = createECDH(curveByName(name)!.openssl);
  ecdh.setPrivateKey(toOctets(scalar, size));
  return splitPoint(ecdh.getPublicKey(), size);
}

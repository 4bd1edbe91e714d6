import { toNumber } from '../../core/integer-encodings.js';
import type { WordSeen } from '../../core/word-probe.js';
import { type Multiple, scalarOf } from './multiples.js';
import { nativePoint } from './native-point.js';
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

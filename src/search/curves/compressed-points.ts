import { toNumber } from '../core/integer-encodings.js';
import type { WordSeen } from '../core/word-probe.js';
import { type Multiple, scalarOf } from './multiples.js';
import { nativePoint } from './native-point.js';
import type { Point } from './points.js';

/** First octet of a compressed point whose y is even; of one whose y is odd it is one more (SEC 1, 2.3.3). */
const EVEN = 2;

/**
 * The multiple as a public key where its x, of which the last word was seen, stands compressed: behind a header's last byte, or the key's
 * length, or whatever stands before its word, where zeros fill its last one (arrays of octets in an engine that keeps them without headers, side by side).
 * (The x of a signature, r, has no such octet before it but by chance, and no zeros behind it.)
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
  return point && BigInt(first - EVEN) === (point.y & 1n) ? { ...point, written: true } : undefined;
}

/** The octets that end with the word that was seen begin a word, and nothing but zeros stands behind them in their last one. */
function fillsWords({ bytes, at, after, offset }: WordSeen<unknown>, length: number): boolean {
  const rest = -length & 7;
  if ((offset + 8 - length) % 8 !== 0 || after < 8 + rest) return false;
  return bytes.subarray(at + 8, at + 8 + rest).every((byte) => byte === 0);
}

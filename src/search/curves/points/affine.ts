import { inverse } from '../../../core/base/bytes/integers.js';
import { toNumber } from '../../core/integer-encodings.js';

/** Affine coordinates of a point of a short Weierstrass curve. */
export interface Affine {
  x: bigint;
  y: bigint;
}

/** Coordinates of `04 x y` (SEC 1, 2.3.4), each of `size` octets. */
export const splitPoint = (uncompressed: Uint8Array, size: number): Affine => ({
  x: toNumber(uncompressed.subarray(1, 1 + size), 'bytes-be'),
  y: toNumber(uncompressed.subarray(1 + size), 'bytes-be'),
});

/**
 * A + B and A - B modulo p by the chord (SEC 1, 2.2.1), with one inversion; empty if both have the same x.
 */
export function sumAndDifference(a: Affine, b: Affine, p: bigint): Affine[] {
  const reciprocal = inverse((b.x - a.x + p) % p, p);
  if (reciprocal === undefined) return [];
  const modulo = (value: bigint) => ((value % p) + p) % p;
  return [b.y, p - b.y].map((y) => {
    const slope = modulo((y - a.y) * reciprocal);
    const x = modulo(slope * slope - a.x - b.x);
    return { x, y: modulo(slope * (a.x - x) - a.y) };
  });
}

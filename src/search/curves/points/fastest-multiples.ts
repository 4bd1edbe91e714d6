import { createECDH } from 'node:crypto';
import { curveByName } from '../../../core/asn1/curves.js';
import { toNumber } from '../../core/integer-encodings.js';
import { toLittleEndian } from '../numbers/octets.js';
import { nativePoint, publicPoint } from './compressed-points.js';
import type { KernelCurve } from './kernel-curve.js';

/** Curves on which OpenSSL multiplies a few numbers faster than the kernel, and all if it has no pairs. */
const NATIVE_CURVES = new Set(['P-256']);

/**
 * x of d * G for scalars of the curve's width, both in little-endian words, by the faster of kernel and
 * OpenSSL. `count`: scalars that the caller multiplies in all. Undefined if d is a multiple of the order.
 */
export function fastestMultiples(
  curve: KernelCurve,
  scalars: Buffer,
  count: number,
): Iterable<Uint8Array | undefined> {
  const isNative = NATIVE_CURVES.has(curve.domain.name) && !curve.outruns(count);
  return isNative ? multiplyNatively(curve, scalars) : curve.xCoordinates(scalars);
}

/** {@link KernelCurve.xCoordinates} by OpenSSL, for curves whose coordinates fill whole words. */
function* multiplyNatively(
  { domain, width }: KernelCurve,
  scalars: Buffer,
): Generator<Uint8Array | undefined> {
  const ecdh = createECDH(curveByName(domain.name)!.openssl);
  for (let at = 0; at < scalars.length; at += width) {
    const d = scalars.subarray(at, at + domain.size);
    const point = publicPoint(ecdh, Buffer.from(d).reverse());
    if (point) yield point.subarray(1, 1 + domain.size).reverse();
    else {
      // Zero, or not below the order, which only this function refuses.
      const reduced = nativePoint(domain, toNumber(d, 'limbs-le'));
      yield reduced && toLittleEndian(reduced.x, width);
    }
  }
}

import { createECDH } from 'node:crypto';
import { curveByName } from '../../asn1/curves.js';
import type { Domain } from '../../asn1/domain.js';
import { toBytes } from '../../base/bytes/integers.js';
import { toNumber } from '../core/integer-encodings.js';

/**
 * d times the generator, by OpenSSL, which has the curve: 15 to 400 us, where the table of the kernel's multiplication takes longer than a thousand of them.
 * Undefined where d is a multiple of the order.
 */
export function nativePoint({ name, n, size }: Domain, d: bigint): { x: bigint; y: bigint } | undefined {
  const scalar = d % n;
  if (scalar === 0n) return undefined;
  const ecdh = createECDH(curveByName(name)!.openssl);
  const bytes = toBytes(scalar);
  ecdh.setPrivateKey(Buffer.concat([Buffer.alloc(size - bytes.length), bytes]));
  const point = ecdh.getPublicKey();
  return {
    x: toNumber(point.subarray(1, 1 + size), 'bytes-be'),
    y: toNumber(point.subarray(1 + size), 'bytes-be'),
  };
}

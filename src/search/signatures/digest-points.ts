import { createECDH } from 'node:crypto';
import { uncompressed } from '../../core/asn1/spki.js';
import { padded, toBigint } from '../../core/base/bytes/integers.js';
import { toOctets } from '../curves/numbers/octets.js';
import { type Affine, splitPoint, sumAndDifference } from '../curves/points/affine.js';
import type { SignedBy } from './digest-search.js';

/** First octet of a compressed point with an even y (SEC 1, 2.3.3). */
const EVEN = Buffer.of(2);

/**
 * The x of both points that may be e * G for the digest e that a signature is over. From s = (e + r d) / k
 * (SEC 1, 4.1.3) follows e * G = s * R - r * Q, where R is either point with x = r. Of n digests the one that
 * was signed is found by n multiplications of the generator, which the kernel does in batches, in place of n
 * verifications. Empty for a signature that no key has made.
 */
export function digestPoints({ signature, signer }: SignedBy): bigint[] {
  const { curve, domain, point } = signer.multiplied!;
  const [r, s] = signature.parts as [Buffer, Buffer];
  const { n, p, size } = domain;
  try {
    const ecdh = createECDH(curve.openssl);
    // ECDH returns only x: the sign of y decides which of the two is the sum and which the difference.
    const multiple = (scalar: Uint8Array, of: Uint8Array): Affine | undefined => {
      ecdh.setPrivateKey(toOctets(toBigint(scalar) % n, size));
      const written = uncompressed(curve, Buffer.concat([EVEN, ecdh.computeSecret(of)]));
      return written && splitPoint(written, size);
    };
    const sR = multiple(s, Buffer.concat([EVEN, padded(r, size)]));
    const rQ = multiple(r, point);
    return sR && rQ ? sumAndDifference(sR, rQ, p).map(({ x }) => x) : [];
  } catch {
    // No point has this x, or a scalar is zero.
    return [];
  }
}

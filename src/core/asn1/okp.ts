import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { OkpMaterial } from '../model/key-material.js';
import { OKP } from './oids.js';
import { writePrivateKeyInfo } from './pkcs8.js';

/**
 * A private key from its seed. A JWK (RFC 8037) is ten times as fast as DER, since OpenSSL tries no decoders;
 * `x` must be present and is not read. DER if the JWK is rejected.
 */
function privateKey({ curve, seed }: OkpMaterial): KeyObject {
  const d = Buffer.from(seed.reveal()).toString('base64url');
  const x = Buffer.alloc(OKP[curve].size).toString('base64url');
  try {
    return createPrivateKey({ key: { kty: 'OKP', crv: curve, d, x }, format: 'jwk' });
  } catch {
    const pkcs8 = Buffer.from(writePrivateKeyInfo({ type: 'okp', curve, seed }));
    return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  }
}

/** The public key of a seed (40 us); undefined if this Node's OpenSSL lacks the curve. */
export function okpPublicKey(material: OkpMaterial): Buffer | undefined {
  try {
    const { x } = createPublicKey(privateKey(material)).export({ format: 'jwk' });
    return x === undefined ? undefined : Buffer.from(x, 'base64url');
  } catch {
    return undefined;
  }
}

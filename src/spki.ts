import { createHash, ECDH } from 'node:crypto';
import { CURVES } from './curves.js';
import { BIT_STRING, bitString, elements, integer, nothing, oid, SEQUENCE, sequence } from './der.js';

/** Algorithm identifiers of a SubjectPublicKeyInfo (RFC 8017 A.1, RFC 5480, RFC 8410, RFC 3279). */
export const OIDS = {
  rsaEncryption: '1.2.840.113549.1.1.1',
  rsassaPss: '1.2.840.113549.1.1.10',
  ecPublicKey: '1.2.840.10045.2.1',
  dsa: '1.2.840.10040.4.1',
  X25519: '1.3.101.110',
  X448: '1.3.101.111',
  Ed25519: '1.3.101.112',
  Ed448: '1.3.101.113',
} as const;

const RSA_ALGORITHM = sequence(oid(OIDS.rsaEncryption), nothing());
const RSA_OIDS = [oid(OIDS.rsaEncryption), oid(OIDS.rsassaPss)];
const EC_OID = oid(OIDS.ecPublicKey);

/** SubjectPublicKeyInfo of an RSA key: rsaEncryption with NULL, or id-RSASSA-PSS as it stands in the key. */
export function rsaSpki(n: Uint8Array, e: Uint8Array, pss?: { parameters: Uint8Array | undefined }): Buffer {
  const algorithm = pss ? sequence(oid(OIDS.rsassaPss), pss.parameters ?? Buffer.alloc(0)) : RSA_ALGORITHM;
  return sequence(algorithm, bitString(sequence(integer(n), integer(e))));
}

/** SubjectPublicKeyInfo of an EC key on a named curve; `point` is uncompressed. */
export function ecSpki(curveOid: string, point: Uint8Array): Buffer {
  return sequence(sequence(EC_OID, oid(curveOid)), bitString(point));
}

/** SubjectPublicKeyInfo of RFC 8410: no parameters. */
export function okpSpki(curve: 'Ed25519' | 'Ed448' | 'X25519' | 'X448', publicKey: Uint8Array): Buffer {
  return sequence(sequence(oid(OIDS[curve])), bitString(publicKey));
}

/** SubjectPublicKeyInfo of a DSA key with its domain parameters (RFC 3279, 2.3.2). */
export function dsaSpki(key: { p: Uint8Array; q: Uint8Array; g: Uint8Array; y: Uint8Array }): Buffer {
  const parameters = sequence(integer(key.p), integer(key.q), integer(key.g));
  return sequence(sequence(oid(OIDS.dsa), parameters), bitString(integer(key.y)));
}

/** Lower-case hex of SHA-256. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function uncompressed(curveOid: Uint8Array, point: Uint8Array): Uint8Array {
  const curve = CURVES.find((row) => oid(row.oid).equals(curveOid));
  if (point[0] === 0x04 || !curve) return point;
  try {
    return ECDH.convertKey(point, curve.openssl, undefined, undefined, 'uncompressed') as Buffer;
  } catch {
    return point;
  }
}

/**
 * The form that fingerprints and joins use: RSA always as rsaEncryption with NULL, an EC point uncompressed.
 * Anything else, also what is no SubjectPublicKeyInfo, comes back as it is.
 */
export function canonicalSpki(spki: Uint8Array): Uint8Array {
  const [outer] = elements(spki, 1) ?? [];
  const [algorithm, key] = (outer?.tag === SEQUENCE && elements(outer.contents, 2)) || [];
  const [identifier, parameters] = (algorithm?.tag === SEQUENCE && elements(algorithm.contents, 2)) || [];
  if (!algorithm || !identifier || key?.tag !== BIT_STRING || key.contents[0] !== 0) return spki;
  const bits = key.contents.subarray(1);
  if (RSA_OIDS.some((id) => id.equals(identifier.whole))) return sequence(RSA_ALGORITHM, bitString(bits));
  if (EC_OID.equals(identifier.whole) && parameters)
    return sequence(algorithm.whole, bitString(uncompressed(parameters.whole, bits)));
  return spki;
}

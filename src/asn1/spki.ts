import { type Curve, curveByName, curveByOid } from './curves.js';
import { Der, TAG } from './der.js';
import { OID, OKP, type OkpCurve, okpByOid, POST_QUANTUM } from './oids.js';
import { readRsaPublicKey, writeRsaPublicKey } from './pkcs1.js';
import { bitString, nothing, oid, sequence } from './write.js';

/** SubjectPublicKeyInfo (RFC 5280, 4.1), read and written. */

/** The canonical SubjectPublicKeyInfo of an RSA key: rsaEncryption with NULL (RFC 3279, 2.3.1). `n`, `e` unsigned big-endian. */
export function spkiRsa(n: Uint8Array, e: Uint8Array): Uint8Array {
  return sequence(sequence(oid(OID.rsaEncryption), nothing()), bitString(writeRsaPublicKey(n, e)));
}

/** SubjectPublicKeyInfo of a point on a named curve (RFC 5480, 2); `point` as SEC 1, 2.3.3 encodes it. Undefined for a curve that has no OID here. */
export function spkiEc(curve: string, point: Uint8Array): Uint8Array | undefined {
  const named = curveByName(curve);
  if (named === undefined) return undefined;
  return sequence(sequence(oid(OID.ecPublicKey), oid(named.oid)), bitString(point));
}

/** SubjectPublicKeyInfo of an Edwards or Montgomery key (RFC 8410, 4): no parameters. */
export function spkiOkp(curve: OkpCurve, pub: Uint8Array): Uint8Array {
  return sequence(sequence(oid(OKP[curve].oid)), bitString(pub));
}

export type PublicKey =
  | { type: 'rsa'; pss: boolean; n: Uint8Array; e: Uint8Array }
  | { type: 'ec'; curve: string; point: Uint8Array }
  | { type: 'okp'; curve: OkpCurve; public: Uint8Array }
  /** Known by name alone: DSA, ML-DSA …, an EC key with explicit parameters. */
  | { type: 'other'; algorithm: string };

/** An EC point of the right length for the curve: uncompressed, or compressed (SEC 1, 2.3.3). */
export function isPoint(point: Uint8Array, curve: Curve): boolean {
  const form = point[0];
  if (form === 4) return point.length === 1 + 2 * curve.field;
  return (form === 2 || form === 3) && point.length === 1 + curve.field;
}

type Reader = (algorithm: Der, key: Uint8Array) => PublicKey | undefined;

const rsa =
  (pss: boolean): Reader =>
  (_, key) => {
    const read = readRsaPublicKey(new Der(key));
    return read && { type: 'rsa', pss, ...read };
  };

const readers: Readonly<Record<string, Reader>> = {
  [OID.rsaEncryption]: rsa(false),
  [OID.rsassaPss]: rsa(true),
  [OID.ecPublicKey]: (algorithm, point) => {
    if (algorithm.peek() === TAG.sequence) return { type: 'other', algorithm: 'EC with explicit parameters' };
    const curve = curveByOid(algorithm.oid() ?? '');
    return curve && isPoint(point, curve) ? { type: 'ec', curve: curve.name, point } : undefined;
  },
  [OID.dsa]: (_, key) => (new Der(key).integer() ? { type: 'other', algorithm: 'DSA' } : undefined),
};

/** The whole SubjectPublicKeyInfo at `at`, with its length in bytes; parts are views. */
export function readSpki(
  bytes: Uint8Array,
  at = 0,
  limit: number = bytes.length,
): { length: number; key: PublicKey } | undefined {
  const der = new Der(bytes, at, limit);
  const spki = der.enter(TAG.sequence);
  const algorithm = spki?.enter(TAG.sequence);
  const name = algorithm?.oid();
  const bits = spki?.bits();
  if (name === undefined || bits === undefined || !spki!.done) return undefined;
  const key = readers[name]?.(algorithm!, bits) ?? readByName(name, bits);
  return key && { length: der.at - at, key };
}

function readByName(name: string, bits: Uint8Array): PublicKey | undefined {
  const curve = okpByOid(name);
  if (curve !== undefined)
    return bits.length === OKP[curve].size ? { type: 'okp', curve, public: bits } : undefined;
  const algorithm = POST_QUANTUM.get(name)?.name;
  return algorithm === undefined || bits.length < 32 ? undefined : { type: 'other', algorithm };
}

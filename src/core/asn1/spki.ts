import { ECDH, hash } from 'node:crypto';
import type { DsaMaterial } from '../model/key-material.js';
import type { Curve } from './curves.js';
import { Der, TAG } from './der.js';
import { readEcParameters } from './ec-parameters.js';
import { OID, OKP, type OkpCurve, okpByOid, POST_QUANTUM } from './oids.js';
import { readRsaPublicKey, writeRsaPublicKey } from './pkcs1.js';
import { bitString, derNull, integer, oid, sequence } from './write.js';

/** SubjectPublicKeyInfo (RFC 5280, 4.1): reader and writer. */

const RSA = sequence(oid(OID.rsaEncryption), derNull());

/**
 * `n` and `e` are unsigned big-endian. The algorithm is rsaEncryption with NULL (RFC 3279, 2.3.1), or
 * id-RSASSA-PSS with the parameters of the key.
 */
export function spkiRsa(
  n: Uint8Array,
  e: Uint8Array,
  pss?: { parameters: Uint8Array | undefined },
): Uint8Array {
  const algorithm = pss ? sequence(oid(OID.rsassaPss), pss.parameters ?? new Uint8Array(0)) : RSA;
  return sequence(algorithm, bitString(writeRsaPublicKey(n, e)));
}

/**
 * SubjectPublicKeyInfo of a point (RFC 5480, 2) encoded as in SEC 1, 2.3.3. The curve is named unless
 * explicit parameters are given.
 */
export function spkiEc(curve: Curve, point: Uint8Array, explicit?: Uint8Array): Uint8Array {
  return sequence(sequence(oid(OID.ecPublicKey), explicit ?? oid(curve.oid)), bitString(point));
}

/** SubjectPublicKeyInfo of an Edwards or Montgomery key, without parameters (RFC 8410, 4). */
export function spkiOkp(curve: OkpCurve, pub: Uint8Array): Uint8Array {
  return sequence(sequence(oid(OKP[curve].oid)), bitString(pub));
}

/** SubjectPublicKeyInfo of a DSA key with its domain parameters (RFC 3279, 2.3.2). */
export function spkiDsa({ p, q, g, y }: Required<Pick<DsaMaterial, 'p' | 'q' | 'g' | 'y'>>): Uint8Array {
  const parameters = sequence(integer(p), integer(q), integer(g));
  return sequence(sequence(oid(OID.dsa), parameters), bitString(integer(y)));
}

export type PublicKey =
  | { type: 'rsa'; pss: boolean; n: Uint8Array; e: Uint8Array }
  | { type: 'ec'; curve: string; point: Uint8Array }
  | { type: 'okp'; curve: OkpCurve; public: Uint8Array }
  /**
   * Only the name is known: DSA, ML-DSA …, an EC key with explicit parameters of a curve that is not in the
   * table.
   */
  | { type: 'other'; algorithm: string };

/**
 * True for an EC point of the right length: uncompressed or compressed (SEC 1, 2.3.3), or hybrid (X9.62,
 * 4.3.6).
 */
export function isPoint(point: Uint8Array, curve: Curve): boolean {
  const form = point[0];
  if (form === 4 || form === 6 || form === 7) return point.length === 1 + 2 * curve.field;
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
    const described = algorithm.peek() === TAG.sequence;
    const curve = readEcParameters(algorithm)?.curve;
    if (curve === undefined && described) return { type: 'other', algorithm: 'EC with explicit parameters' };
    return curve && isPoint(point, curve) ? { type: 'ec', curve: curve.name, point } : undefined;
  },
  [OID.dsa]: (_, key) => (new Der(key).integer() ? { type: 'other', algorithm: 'DSA' } : undefined),
};

/** AlgorithmIdentifier (its OID, and a reader after it) and key of the structure at `at`. */
function open(bytes: Uint8Array, at: number, limit: number) {
  const der = new Der(bytes, at, limit);
  const spki = der.enter(TAG.sequence);
  const algorithm = spki?.enter(TAG.sequence);
  const name = algorithm?.oid();
  const bits = spki?.bits();
  return name === undefined || bits === undefined || !spki!.done
    ? undefined
    : { algorithm: algorithm!, name, bits, length: der.at - at };
}

/** The whole SubjectPublicKeyInfo at `at`, with its length in bytes. Its parts are views. */
export function readSpki(
  bytes: Uint8Array,
  at = 0,
  limit: number = bytes.length,
): { length: number; key: PublicKey } | undefined {
  const opened = open(bytes, at, limit);
  if (opened === undefined) return undefined;
  const { algorithm, name, bits, length } = opened;
  const key = readers[name]?.(algorithm, bits) ?? readByName(name, bits);
  return key && { length, key };
}

function readByName(name: string, bits: Uint8Array): PublicKey | undefined {
  const curve = okpByOid(name);
  if (curve !== undefined)
    return bits.length === OKP[curve].size ? { type: 'okp', curve, public: bits } : undefined;
  const algorithm = POST_QUANTUM.get(name)?.name;
  return algorithm === undefined || bits.length < 32 ? undefined : { type: 'other', algorithm };
}

const plainRsa = (_: Der, bits: Uint8Array): Uint8Array => sequence(RSA, bitString(bits));

const canonical: Readonly<Record<string, (algorithm: Der, bits: Uint8Array) => Uint8Array | undefined>> = {
  [OID.rsaEncryption]: plainRsa,
  [OID.rsassaPss]: plainRsa,
  [OID.ecPublicKey]: (algorithm, point) => {
    const curve = readEcParameters(algorithm)?.curve;
    return curve && spkiEc(curve, point[0] === 4 ? point : (uncompressed(curve, point) ?? point));
  },
};

/**
 * The form `04 x y` of SEC 1, 2.3.3; undefined if the point is not on the curve or this Node's OpenSSL lacks
 * it.
 */
export function uncompressed(curve: Curve, point: Uint8Array): Uint8Array | undefined {
  try {
    return ECDH.convertKey(point, curve.openssl, undefined, undefined, 'uncompressed') as Buffer;
  } catch {
    return undefined;
  }
}

/**
 * The form that fingerprints and joins use: RSA always as rsaEncryption with NULL, EC points uncompressed
 * with a named curve. Anything else is returned unchanged, also if it is no SubjectPublicKeyInfo.
 */
export function canonicalSpki(spki: Uint8Array): Uint8Array {
  const opened = open(spki, 0, spki.length);
  if (opened === undefined || opened.length !== spki.length) return spki;
  return canonical[opened.name]?.(opened.algorithm, opened.bits) ?? spki;
}

/** Lower-case hex of SHA-256. */
export function sha256Hex(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

import { padded, trimmed } from '../base/bytes/integers.js';
import { Secret } from '../base/crypto/secret.js';
import type { EcMaterial, KeyMaterial } from '../model/key-material.js';
import { CURVES, type Curve, curveByName, curveByScalar } from './curves.js';
import { type Der, explicit, implicit, TAG } from './der.js';
import { readDsaInfo } from './dsa.js';
import { type EcParameters, readEcParameters } from './ec-parameters.js';
import { isPasswordScheme, OID, OKP, okpByOid, POST_QUANTUM } from './oids.js';
import { readRsaPrivateKey, writeRsaPrivateKey } from './pkcs1.js';
import { isPoint, uncompressed } from './spki.js';
import { bitString, derNull, implicitBits, integer, octetString, oid, sequence, tagged } from './write.js';

/** PrivateKeyInfo / OneAsymmetricKey and EncryptedPrivateKeyInfo (RFC 5958). */

export interface InfoRead {
  /** Name of an algorithm without material, such as `ML-DSA-65`. */
  algorithm?: string;
  material?: KeyMaterial;
  whole: boolean;
  /** Offset after the last byte read. */
  end: number;
}

interface Info {
  /** AlgorithmIdentifier, after its OID. */
  parameters: Der;
  /** Contents of the privateKey OCTET STRING; may be cut if not `strict`. */
  key: Der;
  strict: boolean;
}

/** The key inside; `whole` if none of it is missing. */
type KeyContents = { algorithm?: string; material?: KeyMaterial; whole: boolean } | undefined;

const rsa =
  (pss: boolean) =>
  ({ parameters, key, strict }: Info): KeyContents => {
    const inner = key.enter(TAG.sequence);
    const read = inner && readRsaPrivateKey(inner, strict);
    if (read && pss) {
      read.material.pss = true;
      if (parameters.peek() === TAG.sequence)
        read.material.pssParameters = Uint8Array.from(parameters.rest());
    }
    return read && { material: read.material, whole: read.whole && key.done };
  };

function ec({ parameters, key, strict }: Info): KeyContents {
  const outer = readEcParameters(parameters);
  const inner = outer && key.enter(TAG.sequence);
  const read = inner && readEcPrivateKey(inner, strict, outer);
  return read && { material: read.material, whole: read.whole && key.done };
}

const algorithms: Readonly<Record<string, (info: Info) => KeyContents>> = {
  [OID.rsaEncryption]: rsa(false),
  [OID.rsassaPss]: rsa(true),
  [OID.ecPublicKey]: ec,
  [OID.dsa]: ({ parameters, key }) => {
    const material = readDsaInfo(parameters, key);
    return material && { material, whole: key.done };
  },
};

function okp(name: string, { key }: Info): KeyContents {
  const curve = okpByOid(name);
  const seed = curve && key.contents(TAG.octetString);
  if (curve === undefined || seed?.length !== OKP[curve].size) return undefined;
  return { material: { type: 'okp', curve, seed: new Secret(seed) }, whole: key.done };
}

function postQuantum(name: string, { key, strict }: Info): KeyContents {
  const algorithm = POST_QUANTUM.get(name);
  const fits = algorithm?.sizes.includes(key.end - key.at) ?? false;
  return algorithm && fits && strict ? { algorithm: algorithm.name, whole: true } : undefined;
}

/**
 * Reads the contents of a PrivateKeyInfo, from its version on. With `strict` it must be whole; otherwise
 * enough of it to recover the key.
 */
export function readPrivateKeyInfo(der: Der, strict: boolean): InfoRead | undefined {
  const version = der.small();
  const parameters = der.enter(TAG.sequence);
  const name = parameters?.oid();
  if (name === undefined || (version !== 0 && version !== 1)) return undefined;
  const key = der.enter(TAG.octetString);
  if (key === undefined) return undefined;
  const info: Info = { parameters: parameters!, key, strict };
  const inside = (algorithms[name]?.(info) ?? okp(name, info)) || postQuantum(name, info);
  if (inside === undefined) return undefined;
  const end = inside.whole ? key.end : key.at;
  if (!inside.whole) return strict ? undefined : { ...inside, end };
  const trailer = readTrailer(der);
  if (strict && !(der.done && trailer !== undefined)) return undefined;
  if (inside.material?.type === 'okp' && !der.done && isTemplateHeader(inside.material.seed.reveal()))
    return undefined;
  if (inside.material?.type === 'okp' && trailer?.pub?.length === inside.material.seed.length)
    inside.material.public = Uint8Array.from(trailer.pub);
  return { ...inside, whole: der.done, end: der.done ? der.end : end };
}

/** attributes [0] IMPLICIT and publicKey [1] IMPLICIT; some older writers used EXPLICIT for the latter. */
function readTrailer(der: Der): { pub?: Uint8Array } | undefined {
  if (der.peek() === explicit(0)) der.next();
  if (der.peek() === -1) return {};
  const pub =
    der.peek() === implicit(1)
      ? der.bits(implicit(1))
      : der.peek() === explicit(1)
        ? der.enter(explicit(1))?.bits()
        : undefined;
  return pub && { pub };
}

/**
 * Octets of the shortest PrivateKeyInfo, that of X25519 and Ed25519 (RFC 8410, section 7). A shorter
 * plaintext is no key: NSS encrypts a known text this way in key4.db, to check passwords.
 */
const LEAST_INFO = 48;
/** Least octets of a cut one. */
const LEAST_REST = 16;

/** Contents of an EncryptedPrivateKeyInfo; the ciphertext is a view. */
export function readEncryptedInfo(
  der: Der,
): { ciphertext: Uint8Array; whole: boolean; end: number } | undefined {
  const algorithm = der.enter(TAG.sequence);
  const scheme = algorithm?.oid();
  if (scheme === undefined || !isPasswordScheme(scheme) || algorithm!.peek() !== TAG.sequence)
    return undefined;
  const data = der.next(TAG.octetString);
  if (data === undefined || data.end - data.start < (data.whole ? LEAST_INFO : LEAST_REST)) return undefined;
  return {
    ciphertext: der.bytes.subarray(data.start, data.end),
    whole: data.whole && der.done,
    end: data.end,
  };
}

const writers: { [K in 'rsa' | 'ec' | 'okp']: (key: Extract<KeyMaterial, { type: K }>) => Uint8Array[] } = {
  rsa: (key) => [sequence(oid(OID.rsaEncryption), derNull()), octetString(writeRsaPrivateKey(key))],
  ec: (key) => [
    sequence(oid(OID.ecPublicKey), ...[curveByName(key.curve)].map((curve) => oid(curve?.oid ?? '00'))),
    octetString(writeEcPrivateKey(key, false)),
  ],
  okp: (key) => [sequence(oid(OKP[key.curve].oid)), octetString(octetString(key.seed.reveal()))],
};

/**
 * PrivateKeyInfo: version 0, or version 1 with the public half of an Edwards or Montgomery key
 * (`publicHalf`).
 */
export function writePrivateKeyInfo(
  key: Extract<KeyMaterial, { type: 'rsa' | 'ec' | 'okp' }>,
  publicHalf = false,
): Uint8Array {
  const pub = publicHalf && key.type === 'okp' ? key.public : undefined;
  const parts = (writers[key.type] as (key: KeyMaterial) => Uint8Array[])(key);
  return sequence(
    integer(Uint8Array.of(pub === undefined ? 0 : 1)),
    ...parts,
    ...(pub === undefined ? [] : [implicitBits(1, pub)]),
  );
}

/** ECPrivateKey (RFC 5915, 3; SEC 1, C.4). */

interface EcRead {
  material: EcMaterial;
  whole: boolean;
  /** The structure names no curve: the most common one with scalars of this length is assumed. */
  assumedCurve: boolean;
}

/** The OCTET STRING has the length of the order; some writers omit leading zeros or add one. */
function isScalar(d: Uint8Array, curve: Curve): boolean {
  const size = trimmed(d).length;
  return d.length <= curve.scalar + 1 && size <= curve.scalar && size >= Math.max(8, curve.scalar - 4);
}

/**
 * Reads the contents of an ECPrivateKey, from its version on. `outer` is the curve of the PKCS#8 around it.
 * With `strict` it must be whole; otherwise the scalar and something that determines the curve must be there.
 */
export function readEcPrivateKey(der: Der, strict: boolean, outer?: EcParameters): EcRead | undefined {
  if (der.small() !== 1) return undefined;
  const d = der.contents(TAG.octetString);
  if (d === undefined || d.length < 8) return undefined;
  let inner: EcParameters | undefined;
  let point: Uint8Array | undefined;
  if (der.peek() === explicit(0)) {
    inner = readEcParameters(der.enter(explicit(0)));
    // Not a curve of the table.
    if (inner === undefined && strict) return undefined;
  }
  if (der.peek() === explicit(1)) point = der.enter(explicit(1))?.bits();
  const parameters = outer ?? inner;
  const curve = parameters?.curve ?? byPoint(d, point) ?? (strict ? curveByScalar(d.length) : undefined);
  if (curve === undefined || !isScalar(d, curve)) return undefined;
  const whole = der.done && (inner === undefined || outer === undefined || inner.curve === outer.curve);
  if (strict && (!whole || (point !== undefined && !isPoint(point, curve)))) return undefined;
  if (!whole && isTemplateHeader(d)) return undefined;
  const material: EcMaterial = { type: 'ec', curve: curve.name, d: new Secret(trimmed(d)) };
  if (point !== undefined && isPoint(point, curve)) material.point = Uint8Array.from(point);
  if (parameters?.explicit !== undefined) material.explicit = Uint8Array.from(parameters.explicit);
  return { material, whole, assumedCurve: parameters === undefined };
}

/** The curve that the point is on: several have scalars of this length. */
function byPoint(d: Uint8Array, point: Uint8Array | undefined): Curve | undefined {
  if (point === undefined) return undefined;
  const fitting = CURVES.filter((curve) => curve.scalar === d.length && isPoint(point, curve));
  return fitting.find((curve) => uncompressed(curve, point) !== undefined) ?? fitting[0];
}

/**
 * ECPrivateKey with the scalar at full length, the point if it is known, and the curve's name unless PKCS#8
 * has it.
 */
export function writeEcPrivateKey(key: EcMaterial, withCurve = true): Uint8Array {
  const curve = curveByName(key.curve);
  const d = key.d.reveal();
  return sequence(
    integer(Uint8Array.of(1)),
    octetString(curve === undefined ? d : padded(trimmed(d), curve.scalar)),
    ...(withCurve && curve !== undefined ? [tagged(0, oid(curve.oid))] : []),
    ...(key.point === undefined ? [] : [tagged(1, bitString(key.point))]),
  );
}

/**
 * True if the "number" of an incomplete structure is the header of the public half. ring and its relatives
 * keep the start of a PrivateKeyInfo and that header side by side, and insert the numbers when they write a
 * key (`ecPublicKey_p256_pkcs8_v1_template.der`, `ed25519_pkcs8_v2_template.der`).
 */
function isTemplateHeader(number: Uint8Array): boolean {
  // publicKey [1] IMPLICIT BIT STRING of 33 octets (RFC 5958, section 2).
  if (number[0] === 0x81) return number[1] === 33 && number[2] === 0;
  // publicKey [1] EXPLICIT BIT STRING (RFC 5915, section 3).
  return number[0] === 0xa1 && number[2] === 3 && number[1] === number[3]! + 2 && number[4] === 0;
}

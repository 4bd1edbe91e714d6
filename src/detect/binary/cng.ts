import { type Curve, curveByName, curveByScalar } from '../../core/asn1/curves.js';
import { DOMAINS, isOnCurve } from '../../core/asn1/domain.js';
import { uncompressed } from '../../core/asn1/spki.js';
import { toBigint, trimmed } from '../../core/base/bytes/integers.js';
import { Secret } from '../../core/base/crypto/secret.js';
import type { EcMaterial, RsaMaterial } from '../../core/model/key-material.js';
import { describeMaterial } from '../core/candidate.js';
import type { Detector, HitGroup, SecretCandidate } from '../core/types.js';
import { candidatesAt } from './each-hit.js';

/** Key blobs of Windows: BCRYPT_{RSA,ECC}KEY_BLOB (bcrypt.h), PRIVATEKEYBLOB (wincrypt.h, PVK files). */

interface Blob {
  start: number;
  end: number;
  whole: boolean;
  encoding: 'cng' | 'capi';
  material: RsaMaterial | EcMaterial;
}

type Reader = (bytes: Buffer, at: number) => Blob | undefined;

type RsaName = 'n' | 'p' | 'q' | 'dp' | 'dq' | 'qinv' | 'd';
/** The integers after e, in order, with their lengths in octets. */
type Fields = readonly (readonly [RsaName, number])[];

/** CAPI's BLOBHEADER before the magic: PRIVATEKEYBLOB, version 2, CALG_RSA_KEYX or CALG_RSA_SIGN. */
const CAPI_HEADER = /^\x07\x02\x00\x00\x00[\xa4\x24]\x00\x00$/;

/** Reads consecutive integers. Undefined unless the primes divide n: excludes magics in text and code. */
function readIntegers(
  bytes: Buffer,
  at: number,
  fields: Fields,
  e: Uint8Array,
  little: boolean,
): { material: RsaMaterial; end: number; whole: boolean } | undefined {
  const read: Partial<Record<RsaName, Buffer>> = {};
  let end = at;
  for (const [name, length] of fields) {
    if (end + length > bytes.length) break;
    const value = Buffer.from(bytes.subarray(end, end + length));
    read[name] = Buffer.from(trimmed(little ? value.reverse() : value));
    end += length;
  }
  const { n, p, q } = read;
  if (n === undefined || p === undefined) return undefined;
  const [modulus, prime] = [toBigint(n), toBigint(p)];
  if (prime < 3n || modulus % prime !== 0n) return undefined;
  if (q !== undefined && prime * toBigint(q) !== modulus) return undefined;
  const secrets = Object.entries(read).flatMap(([name, value]) =>
    name === 'n' ? [] : [[name, new Secret(value)]],
  );
  const material: RsaMaterial = { type: 'rsa', n, e, ...Object.fromEntries(secrets) };
  return { material, end, whole: Object.keys(read).length === fields.length };
}

const MAX_BITS = 16_384;

/** `full`: BCRYPT_RSAFULLPRIVATE_BLOB, and every PRIVATEKEYBLOB. */
function fieldsOf(octets: number, p: number, q: number, full: boolean): Fields {
  const fields: Fields = [
    ['n', octets],
    ['p', p],
    ['q', q],
    ['dp', p],
    ['dq', q],
    ['qinv', p],
    ['d', octets],
  ];
  return full ? fields : fields.slice(0, 3);
}

const rsa: Reader = (bytes, at) => {
  if (at + 24 > bytes.length) return undefined;
  const bits = bytes.readUInt32LE(at + 4);
  const octets = Math.ceil(bits / 8);
  if (bits < 512 || bits > MAX_BITS) return undefined;
  const [exponent, modulus, p, q] = [8, 12, 16, 20].map((field) => bytes.readUInt32LE(at + field)) as [
    number,
    number,
    number,
    number,
  ];
  if (modulus === octets && exponent > 0 && exponent <= 8 && p > 0 && p <= octets && q > 0 && q <= octets) {
    const fields = fieldsOf(octets, p, q, bytes[at + 3] === 0x33);
    const e = trimmed(bytes.subarray(at + 24, at + 24 + exponent));
    const read = readIntegers(bytes, at + 24 + exponent, fields, Uint8Array.from(e), false);
    return read && { ...read, start: at, encoding: 'cng' };
  }
  if (bits % 16 !== 0 || exponent < 3) return undefined;
  const fields = fieldsOf(octets, octets / 2, octets / 2, true);
  const e = Buffer.alloc(4);
  e.writeUInt32BE(exponent);
  const read = readIntegers(bytes, at + 12, fields, Uint8Array.from(trimmed(e)), true);
  const headed = at >= 8 && CAPI_HEADER.test(bytes.toString('latin1', at - 8, at));
  return read && { ...read, start: headed ? at - 8 : at, encoding: 'capi' };
};

/** Curves by the last byte of BCRYPT_ECD{SA,H}_PRIVATE_P{256,384,521}_MAGIC; V: GENERIC, any curve. */
const CURVES: Readonly<Record<string, readonly string[]>> = {
  2: ['P-256'],
  4: ['P-384'],
  6: ['P-521'],
  V: ['secp256k1', 'brainpoolP256r1', 'brainpoolP384r1', 'brainpoolP512r1', 'P-256', 'P-384', 'P-521'],
};

const domains = new Map(DOMAINS.map((domain) => [domain.name, domain]));

/** A rejection by OpenSSL costs 20 us, so candidates are first checked against the curve equation. */
function isPointOf(curve: Curve, point: Buffer): boolean {
  const domain = domains.get(curve.name);
  const [x, y] = [point.subarray(1, 1 + curve.field), point.subarray(1 + curve.field)];
  if (domain !== undefined && !isOnCurve(domain, toBigint(x), toBigint(y))) return false;
  return uncompressed(curve, point) !== undefined;
}

const ecc: Reader = (bytes, at) => {
  if (at + 8 > bytes.length) return undefined;
  const size = bytes.readUInt32LE(at + 4);
  const start = at + 8;
  const end = start + 3 * size;
  if (curveByScalar(size) === undefined || end > bytes.length) return undefined;
  const point = Buffer.concat([Buffer.of(4), bytes.subarray(start, start + 2 * size)]);
  const d = bytes.subarray(start + 2 * size, end);
  const names = CURVES[String.fromCharCode(bytes[at + 3]!)] ?? [];
  const curve = names
    .map((name) => curveByName(name)!)
    .find((each: Curve) => each.field === size && isPointOf(each, point));
  if (curve === undefined) return undefined;
  const material: EcMaterial = { type: 'ec', curve: curve.name, d: new Secret(d), point };
  return { start: at, end, whole: true, encoding: 'cng', material };
};

/** Readers by the first two characters of the magic. */
const readers: Readonly<Record<string, Reader>> = { RS: rsa, EC: ecc };

/** A full RSA-16384 blob has 9.3 KB. */
const reach = { before: 16, after: 10 * 1024 };

const examine = (group: HitGroup): Iterable<SecretCandidate> =>
  candidatesAt(group, reach, (bytes, { at }) => {
    const blob = readers[bytes.toString('latin1', at, at + 2)]?.(bytes, at);
    if (blob === undefined) return undefined;
    const { material, ...place } = blob;
    return { ...describeMaterial(material, place.whole), ...place };
  });

/** Private keys in CNG and CAPI blobs, from their magics. */
export const cng: Detector = { name: 'cng', reach, examine };

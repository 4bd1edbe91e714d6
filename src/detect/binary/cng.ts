import { type Curve, curveByName, curveByScalar } from '../../asn1/curves.js';
import { DOMAINS, isOnCurve } from '../../asn1/domain.js';
import { uncompressed } from '../../asn1/spki.js';
import { toBigint, trimmed } from '../../base/bytes/integers.js';
import { Secret } from '../../base/crypto/secret.js';
import type { EcMaterial, RsaMaterial } from '../../model/key-material.js';
import { candidate, describeMaterial } from '../core/candidate.js';
import type { Candidate, Detector, HitGroup } from '../core/types.js';
import { reachOf, serve } from '../core/windows.js';

/** Key blobs of Windows: CNG's BCRYPT_RSAKEY_BLOB and BCRYPT_ECCKEY_BLOB (bcrypt.h), CAPI's PRIVATEKEYBLOB (wincrypt.h), which PVK files hold. */

/** A blob that was read; offsets into the bytes, relative to its magic. */
interface Blob {
  start: number;
  end: number;
  whole: boolean;
  encoding: 'cng' | 'capi';
  material: RsaMaterial | EcMaterial;
}

type Reader = (bytes: Buffer, at: number) => Blob | undefined;

type RsaName = 'n' | 'p' | 'q' | 'dp' | 'dq' | 'qinv' | 'd';
/** The integers behind e, in order, with their octets. */
type Fields = readonly (readonly [RsaName, number])[];

/** A blob header of CAPI before the magic: type PRIVATEKEYBLOB, version 2, CALG_RSA_KEYX or CALG_RSA_SIGN. */
const CAPI_HEADER = /^\x07\x02\x00\x00\x00[\xa4\x24]\x00\x00$/;

/**
 * Integers one after the other, as far as they go; undefined unless the primes that are there divide n: chance gives no such
 * numbers, so that a magic in text or code is no finding.
 */
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

const MOST_BITS = 16_384;

const rsa: Reader = (bytes, at) => {
  if (at + 24 > bytes.length) return undefined;
  const bits = bytes.readUInt32LE(at + 4);
  const octets = Math.ceil(bits / 8);
  if (bits < 512 || bits > MOST_BITS) return undefined;
  const [exponent, modulus, p, q] = [8, 12, 16, 20].map((field) => bytes.readUInt32LE(at + field)) as [
    number,
    number,
    number,
    number,
  ];
  if (modulus === octets && exponent > 0 && exponent <= 8 && p > 0 && p <= octets && q > 0 && q <= octets) {
    const full = bytes[at + 3] === 0x33;
    const fields: Fields = [
      ['n', octets],
      ['p', p],
      ['q', q],
      ...(full
        ? ([
            ['dp', p],
            ['dq', q],
            ['qinv', p],
            ['d', octets],
          ] as const)
        : []),
    ];
    const e = trimmed(bytes.subarray(at + 24, at + 24 + exponent));
    const read = readIntegers(bytes, at + 24 + exponent, fields, Uint8Array.from(e), false);
    return read && { ...read, start: at, encoding: 'cng' };
  }
  if (bits % 16 !== 0 || exponent < 3) return undefined;
  const half = octets / 2;
  const fields: Fields = [
    ['n', octets],
    ['p', half],
    ['q', half],
    ['dp', half],
    ['dq', half],
    ['qinv', half],
    ['d', octets],
  ];
  const e = Buffer.alloc(4);
  e.writeUInt32BE(exponent);
  const read = readIntegers(bytes, at + 12, fields, Uint8Array.from(trimmed(e)), true);
  const headed = at >= 8 && CAPI_HEADER.test(bytes.toString('latin1', at - 8, at));
  return read && { ...read, start: headed ? at - 8 : at, encoding: 'capi' };
};

/** Curves by the digit of a magic: ECDSA_PRIVATE and ECDH_PRIVATE of P256, P384, P521; V is for any curve. */
const CURVES: Readonly<Record<string, readonly string[]>> = {
  2: ['P-256'],
  4: ['P-384'],
  6: ['P-521'],
  V: ['secp256k1', 'brainpoolP256r1', 'brainpoolP384r1', 'brainpoolP512r1', 'P-256', 'P-384', 'P-521'],
};

const domains = new Map(DOMAINS.map((domain) => [domain.name, domain]));

/** OpenSSL decides, but its refusal takes 20 us: most bytes behind a magic are told from a point by the curve's equation. */
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

/** By the first two characters of the magic. */
const readers: Readonly<Record<string, Reader>> = { RS: rsa, EC: ecc };

/** A full RSA-16384 blob has 9.3 KB. */
const reach = { before: 16, after: 10 * 1024 };

function* examine(group: HitGroup): Iterable<Candidate> {
  for (const { window, hits } of serve(group, reachOf(group.rule, reach))) {
    const bytes = Buffer.from(window.bytes.buffer, window.bytes.byteOffset, window.bytes.length);
    let from = 0;
    for (const hit of hits) {
      if (hit.wide || hit.at < from) continue;
      const blob = readers[bytes.toString('latin1', hit.at, hit.at + 2)]?.(bytes, hit.at);
      if (blob === undefined) continue;
      const { material, ...place } = blob;
      from = place.end;
      yield candidate(group.rule, window, { ...describeMaterial(material, place.whole), ...place });
    }
  }
}

/** Private keys in the blobs of Windows' two cryptographic interfaces, from their magics. */
export const cng: Detector = { name: 'cng', reach, examine };

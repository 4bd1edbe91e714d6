import { bitLength } from '../base/bytes/integers.js';
import { Secret } from '../base/crypto/secret.js';
import type { DsaMaterial } from '../model/key-material.js';
import { type Der, TAG } from './der.js';
import { integer, sequence } from './write.js';

/** Lengths of p and q in bits (FIPS 186-4, 4.2), with the other lengths of q that older software used. */
function isGroup(p: Uint8Array, q: Uint8Array): boolean {
  const [l, n] = [bitLength(p), bitLength(q)];
  return l >= 512 && l <= 8192 && n >= 160 && n <= 512 && n < l;
}

/**
 * Contents of OpenSSL's traditional DSAPrivateKey: 0, p, q, g, y, x. Its start looks like an RSAPrivateKey.
 */
export function readDsaPrivateKey(der: Der): DsaMaterial | undefined {
  if (der.small() !== 0) return undefined;
  const [p, q, g, y, x] = [der.integer(), der.integer(), der.integer(), der.integer(), der.integer()];
  if (x === undefined || !der.done || !isGroup(p!, q!)) return undefined;
  if (bitLength(x) > bitLength(q!) || bitLength(g!) > bitLength(p!) || bitLength(y!) > bitLength(p!))
    return undefined;
  const copy = (part: Uint8Array | undefined) => Uint8Array.from(part!);
  return { type: 'dsa', p: copy(p), q: copy(q), g: copy(g), y: copy(y), x: new Secret(x) };
}

/** Dss-Parms (RFC 3279, 2.3.2) and x of a PKCS#8 DSA key, which has no public half. */
export function readDsaInfo(algorithm: Der, key: Der): DsaMaterial | undefined {
  const parameters = algorithm.enter(TAG.sequence);
  const [p, q, g] = [parameters?.integer(), parameters?.integer(), parameters?.integer()];
  const x = key.integer();
  if (g === undefined || x === undefined || !isGroup(p!, q!) || bitLength(x) > bitLength(q!))
    return undefined;
  const copy = (part: Uint8Array | undefined) => Uint8Array.from(part!);
  return { type: 'dsa', p: copy(p), q: copy(q), g: copy(g), x: new Secret(x) };
}

/** OpenSSL's traditional DSAPrivateKey; without y if that is not known. */
export function writeDsaPrivateKey({ p, q, g, y, x }: DsaMaterial): Uint8Array {
  const numbers = [Uint8Array.of(0), p, q, g, ...(y ? [y] : []), x.reveal()];
  return sequence(...numbers.map(integer));
}

import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { Secret } from '../../src/core/base/crypto/secret.js';
import type { EcMaterial, OkpMaterial, RsaMaterial } from '../../src/core/model/key-material.js';

/** Bytes of a JWK member, without leading zeros if `integer`. */
function member(jwk: JsonWebKey, name: string, integer = false): Buffer {
  const bytes = Buffer.from(String(jwk[name]), 'base64url');
  const first = integer ? bytes.findIndex((byte) => byte !== 0) : 0;
  return bytes.subarray(first);
}

export interface Generated<M> {
  material: M;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

type WholeRsa = Required<Omit<RsaMaterial, 'pss' | 'pssParameters' | 'others'>>;

export function rsaKey(modulusLength: number, publicExponent = 65_537): Generated<WholeRsa> {
  const pair = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  const jwk = pair.privateKey.export({ format: 'jwk' });
  const secret = (name: string) => new Secret(member(jwk, name, true));
  const material: WholeRsa = {
    type: 'rsa',
    n: member(jwk, 'n', true),
    e: member(jwk, 'e', true),
    d: secret('d'),
    p: secret('p'),
    q: secret('q'),
    dp: secret('dp'),
    dq: secret('dq'),
    qinv: secret('qi'),
  };
  return { ...pair, material };
}

/** A key on one of the curves of JWK. */
export function ecKey(
  curve: 'P-256' | 'P-384' | 'P-521' | 'secp256k1',
): Generated<Required<Omit<EcMaterial, 'explicit'>>> {
  const pair = generateKeyPairSync('ec', { namedCurve: curve });
  const jwk = pair.privateKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), member(jwk, 'x'), member(jwk, 'y')]);
  return { ...pair, material: { type: 'ec', curve, d: new Secret(member(jwk, 'd', true)), point } };
}

const generators = {
  Ed25519: () => generateKeyPairSync('ed25519'),
  Ed448: () => generateKeyPairSync('ed448'),
  X25519: () => generateKeyPairSync('x25519'),
  X448: () => generateKeyPairSync('x448'),
};

export function okpKey(curve: OkpMaterial['curve']): Generated<Required<OkpMaterial>> {
  const pair = generators[curve]();
  const jwk = pair.privateKey.export({ format: 'jwk' });
  return {
    ...pair,
    material: { type: 'okp', curve, seed: new Secret(member(jwk, 'd')), public: member(jwk, 'x') },
  };
}

/** `material` without the named parts. */
export function without<M extends object, K extends keyof M>(material: M, ...names: K[]): Omit<M, K> {
  return Object.fromEntries(Object.entries(material).filter(([name]) => !names.includes(name as K))) as Omit<
    M,
    K
  >;
}

/** A copy with one byte XORed. */
export function mutated(bytes: Uint8Array, at: number, mask: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ mask;
  return copy;
}

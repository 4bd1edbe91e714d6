import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { atOnce, finish } from '../../src/core/base/runtime/turns.js';
import type { Component } from '../../src/core/model/key-material.js';
import { CopyMatcher } from '../../src/known/copy-matcher.js';
import { derivedStreams, withBothInverses } from '../../src/known/derived-values.js';
import { needlesOf } from '../../src/known/needles.js';
import { literalsOf, naiveHits, viewOf } from './memory.js';

function componentsIn(bytes: Uint8Array, components: Component[]): string[] {
  const needles = finish(needlesOf(derivedStreams([{ components }])));
  const matcher = new CopyMatcher(needles, viewOf(bytes));
  for (const [offset, needle] of naiveHits(bytes, literalsOf(needles))) matcher.add(offset, needle);
  return [...atOnce(matcher.finish([]))].map(({ component, encoding }) => `${component} ${encoding}`);
}

const big = (bytes: Uint8Array): bigint => bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
const little = (value: bigint, length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn)));
const among = (bytes: Uint8Array): Buffer => Buffer.concat([randomBytes(77), bytes, randomBytes(50)]);

test.each([
  ['1024', 1024, 512],
  ['2048', 2048, 1024],
])('R^2 mod p of RSA-%s, as in a Montgomery context', (_, modulusLength, bits) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength });
  const p = Buffer.from(privateKey.export({ format: 'jwk' }).p!, 'base64url');
  let square = 1n;
  for (let i = 0; i < 2 * bits; i++) square = (square * 2n) % big(p);
  const components = [{ name: 'p', value: new Secret(p) }];
  expect(componentsIn(among(little(square, bits / 8)), components)).toEqual(['R^2 mod p limbs-le']);
  expect(componentsIn(among(little(square + 1n, bits / 8).reverse()), components)).toEqual([]);
  const once = little((1n << BigInt(bits)) % big(p), bits / 8);
  expect(componentsIn(among(once), components)).toEqual(['R mod p limbs-le']);
});

test.each([
  ['P-256', 32, 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n],
  [
    'P-384',
    48,
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ],
])('a scalar of %s in Montgomery form', (_, octets, order) => {
  const d = randomBytes(octets);
  d[0]! &= 127;
  let scaled = big(d);
  for (let i = 0; i < 8 * octets; i++) scaled = (scaled * 2n) % order;
  const components = [{ name: 'd', value: new Secret(d) }];
  expect(componentsIn(among(little(scaled, octets)), components)).toEqual(['d*R mod n limbs-le']);
});

test.each([
  ['P-256', 32, 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n],
  ['secp256k1', 32, 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n],
  [
    'P-384',
    48,
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ],
])('the scalar of the opposite point of %s', (_, octets, order) => {
  const d = randomBytes(octets);
  d[0]! &= 127;
  const components = [{ name: 'd', value: new Secret(d) }];
  const negated = little(order - big(d), octets);
  expect(componentsIn(among(negated), components)).toEqual(['n-d limbs-le']);
  const bytes = Buffer.from(negated).reverse();
  expect(componentsIn(among(bytes), components)).toEqual(['n-d bytes-be']);
  expect(componentsIn(among(Buffer.from(bytes.toString('hex'))), components)).toEqual(['n-d hex']);
});

test('the coefficients for both orders of the primes', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const jwk = privateKey.export({ format: 'jwk' });
  const read = (name: 'p' | 'q' | 'qi') => big(Buffer.from(jwk[name]!, 'base64url'));
  const component = (name: string, value: bigint) => ({
    name,
    value: new Secret(little(value, 64).reverse()),
  });
  const turned = [component('p', read('q')), component('q', read('p'))];
  const added = withBothInverses(turned).at(-1)!;
  expect([added.name, big(added.value.reveal())]).toEqual(['qinv', read('qi')]);
  expect(withBothInverses(turned.slice(1))).toEqual(turned.slice(1));
});

test('the expanded key of an Ed25519 seed', () => {
  const seed = randomBytes(32);
  const hash = createHash('sha512').update(seed).digest();
  const scalar = Buffer.from(hash.subarray(0, 32));
  scalar.writeUInt8(scalar[0]! & 248, 0);
  scalar.writeUInt8((scalar[31]! & 127) | 64, 31);
  const components = [{ name: 'seed', value: new Secret(seed) }];
  expect(componentsIn(among(scalar), components)).toEqual(['scalar limbs-le']);
  const order = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;
  const reduced = little(big(Buffer.from(scalar).reverse()) % order, 32);
  expect(componentsIn(among(reduced), components)).toEqual(['scalar limbs-le']);
  expect(componentsIn(among(hash.subarray(32)), components)).toEqual(['prefix limbs-le']);
  expect(componentsIn(among(hash.subarray(0, 32)), components)).toEqual(['scalar limbs-le']);
  const turned = Buffer.from(scalar).reverse();
  const scaled = little((big(turned) << 256n) % order, 32);
  expect(componentsIn(among(scaled), components)).toEqual(['scalar limbs-le']);
  expect(componentsIn(among(turned), components)).toEqual(['scalar bytes-be']);
  expect(componentsIn(Buffer.from(`0x${turned.toString('hex')}n`), components)).toEqual(['scalar hex']);
  const digits = Buffer.alloc(9 * 4);
  const value = big(Buffer.from(scalar).reverse());
  for (let i = 0; i < 9; i++) digits.writeUInt32LE(Number((value >> BigInt(30 * i)) & 0x3fffffffn), 4 * i);
  expect(componentsIn(among(digits), components)).toEqual(['scalar digits30-le32']);
});

test('a seed of X25519 as its integer', () => {
  const seed = randomBytes(32);
  const components = [{ name: 'seed', value: new Secret(seed) }];
  const scalar = Buffer.from(seed).reverse();
  scalar.writeUInt8(scalar[31]! & 248, 31);
  scalar.writeUInt8((scalar[0]! & 127) | 64, 0);
  expect(componentsIn(among(scalar), components)).toEqual(['clamped seed bytes-be']);
  expect(componentsIn(Buffer.from(scalar.toString('hex')), components)).toEqual(['clamped seed hex']);
});

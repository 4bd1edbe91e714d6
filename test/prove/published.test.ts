import { checkPrimeSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { PUBLISHED_EC } from '../../fixtures/published/ec.js';
import { PUBLISHED_OCT } from '../../fixtures/published/oct.js';
import { PUBLISHED_OKP } from '../../fixtures/published/okp.js';
import { PUBLISHED_RSA } from '../../fixtures/published/rsa.js';
import { sha256Hex } from '../../src/core/asn1/spki.js';
import { Secret } from '../../src/core/base/crypto/secret.js';
import type { KeyMaterial } from '../../src/core/model/key-material.js';
import { prove } from '../../src/prove/prove.js';
import { publishedOf } from '../../src/prove/published.js';
import { ecKey } from './keys.js';

const bytes = (text: string) => Buffer.from(text, 'base64url');

const materials: [source: string, material: KeyMaterial][] = [
  ...PUBLISHED_RSA.map(({ source, n, p }): [string, KeyMaterial] => [
    source,
    { type: 'rsa', n: bytes(n), e: Buffer.from([1, 0, 1]), p: new Secret(bytes(p)) },
  ]),
  ...PUBLISHED_EC.map(({ source, curve, d, x, y }): [string, KeyMaterial] => [
    source,
    { type: 'ec', curve, d: new Secret(bytes(d)), point: Buffer.concat([Buffer.of(4), bytes(x), bytes(y)]) },
  ]),
  ...PUBLISHED_OKP.map(({ source, curve, seed, public: key }): [string, KeyMaterial] => [
    source,
    { type: 'okp', curve, seed: new Secret(bytes(seed)), public: bytes(key) },
  ]),
];

const results = materials.map(([source, material]) => [source, prove(material)] as const);

describe('published keys', () => {
  test.each(results)('%s: the numbers are right, and the hash is in the list', (source, result) => {
    expect(result).toMatchObject({ status: 'proven', published: source });
  });

  test.each(PUBLISHED_OCT.map(({ source, k }) => [source, k] as const))('%s', (source, k) => {
    expect(prove({ type: 'oct', k: new Secret(bytes(k)) })).toMatchObject({
      status: 'unproven',
      published: source,
    });
  });

  // Proofs of published keys skip the primality tests.
  test.each(PUBLISHED_RSA.map(({ source, n, p }) => [source, n, p] as const))('%s: primes', (_, n, p) => {
    const [modulus, prime] = [n, p].map((text) => BigInt(`0x${bytes(text).toString('hex')}`)) as [
      bigint,
      bigint,
    ];
    expect([prime, modulus / prime].map((value) => checkPrimeSync(value))).toEqual([true, true]);
    expect(modulus % prime).toBe(0n);
  });

  test('are recognised without their public half', () => {
    const [{ source, curve, d } = { source: '', curve: '', d: '' }] = PUBLISHED_EC;
    expect(prove({ type: 'ec', curve, d: new Secret(bytes(d)) })).toMatchObject({
      pending: { published: source },
    });
  });

  test('every hash of the list is computed here, except those of keys in binaries', () => {
    const computed = new Set(
      results.map(([, result]) => (result.status === 'proven' ? sha256Hex(result.canonicalSpki) : '')),
    );
    const rest = [...publishedOf('spki-sha256')]
      .filter(([hash]) => !computed.has(hash))
      .map(([, source]) => source);
    const inBinaries = rest.filter((source) => /^(GnuTLS self-test|openssl speed), /.test(source));
    expect(inBinaries.length).toBe(16);
    expect(rest.filter((source) => !inBinaries.includes(source))).toEqual([
      'NSS softoken and freebl, RSA-2048 self-test',
      'GnuTLS 3.8, P-256 self-test',
      'Linux, crypto/testmgr.h: pkcs1pad(rsa), RSA-2048',
      "Go, net/http/internal/testcert: httptest's localhost, RSA-2048, from 1.24 on",
      "Go, net/http/internal/testcert: httptest's localhost, RSA-2048, before 1.24",
      "Go, net/http/internal: httptest's localhost, RSA-1024",
    ]);
    expect(publishedOf('bytes-sha256').size).toBe(PUBLISHED_OCT.length);
  });

  test('a new key is not in the list', () => {
    expect(prove(ecKey('P-256').material)).not.toHaveProperty('published');
  });
});

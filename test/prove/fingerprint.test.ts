import { createHash, createHmac, scryptSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { shannonBits } from '../../src/core/base/crypto/entropy.js';
import { Secret } from '../../src/core/base/crypto/secret.js';
import type { KeyMaterial } from '../../src/core/model/key-material.js';
import { identify, identifySecret, slowFingerprint } from '../../src/prove/fingerprint.js';
import type { ProofResult } from '../../src/prove/types.js';
import { candidate, rule, strongText } from './judge/judged-builder.js';

const LABEL = 'dumpsieve fingerprint v1';
const sha256 = (bytes: Uint8Array) => `v1:${createHash('sha256').update(bytes).digest('hex')}`;
const hmac = (bytes: Uint8Array | string) => `v1:${createHmac('sha256', LABEL).update(bytes).digest('hex')}`;

describe('Shannon information', () => {
  test.each([
    ['', 0],
    ['aaaaaaaa', 0],
    ['abababab', 8],
    ['abcdabcd', 16],
    ['abcdefgh', 24],
  ])('%j holds %d bits', (text, bits) => {
    expect(shannonBits(Buffer.from(text))).toBeCloseTo(bits, 9);
  });
});

describe('by kind', () => {
  const privateKey = rule({ kind: 'private-key' });

  test('proven key: its canonical public half, whatever its form', () => {
    const canonicalSpki = Uint8Array.of(1, 2, 3);
    const proof: ProofResult = {
      status: 'proven',
      statements: [],
      facts: { algorithm: 'EC' },
      canonicalSpki,
      components: [],
    };
    for (const form of ['pem text', 'jwk text'])
      expect(identify(candidate(form, { rule: privateKey }), proof).fingerprint).toBe(sha256(canonicalSpki));
  });

  test('encrypted key: its ciphertext', () => {
    expect(identify(candidate('cipher', { kind: 'encrypted-key' })).fingerprint).toBe(
      sha256(Buffer.from('cipher')),
    );
  });

  const part = (text: string) => Secret.text(text);
  const materials: [string, KeyMaterial][] = [
    ['d', { type: 'rsa', d: part('d'), p: part('p') }],
    ['p', { type: 'rsa', p: part('p'), q: part('q') }],
    ['scalar', { type: 'ec', curve: 'P-256', d: part('scalar') }],
    ['seed', { type: 'okp', curve: 'Ed25519', seed: part('seed') }],
    [
      'x',
      {
        type: 'dsa',
        p: Uint8Array.of(1),
        q: Uint8Array.of(1),
        g: Uint8Array.of(1),
        y: Uint8Array.of(1),
        x: part('x'),
      },
    ],
  ];
  test.each(materials)('key without a public half: HMAC of %s', (component, material) => {
    expect(identify(candidate('form', { rule: privateKey, material })).fingerprint).toBe(hmac(component));
  });

  test('key without readable parts: HMAC of its bytes', () => {
    expect(identify(candidate('rest', { rule: privateKey })).fingerprint).toBe(hmac('rest'));
  });

  test('symmetric key in a JWK: its k, as for a bare key', () => {
    const k = strongText(1);
    const jwk = candidate('{…}', { kind: 'symmetric-key', material: { type: 'oct', k: part(k) } });
    expect(identify(jwk)).toEqual(identifySecret(part(k)));
  });

  test('token: fast from 80 bits on, slow below', () => {
    const strong = strongText(2);
    expect(identifySecret(part(strong))).toEqual({ id: hmac(strong), fingerprint: hmac(strong) });
    const weak = identifySecret(part('hunter2'));
    expect(weak.fingerprint).toBeUndefined();
    expect(weak.id).not.toBe(hmac('hunter2'));
    expect(slowFingerprint(part('hunter2'))).toBe(
      `v1:${scryptSync('hunter2', LABEL, 32, { N: 16384, r: 8, p: 1 }).toString('hex')}`,
    );
  });

  test('fingerprints are the same in all releases', () => {
    expect(identifySecret(part('The quick brown fox jumps over the lazy dog')).fingerprint).toBe(
      'v1:175f7cb4d88cfe7bfe145e108749c4258aeae8c9039c026acc6d82c68e591fd9',
    );
    expect(slowFingerprint(part('hunter2'))).toBe(
      'v1:129650df2f3f9dadcd7d0a2a8d3dc23a65976171ebe9ecd737e6cb962492dfde',
    );
  });

  test('path, offset and rule do not matter', () => {
    const token = strongText(3);
    const one = identify(candidate(token, { offset: 1, rule: rule({ id: 'a' }) }));
    expect(identify(candidate(token, { offset: 99, rule: rule({ id: 'b' }) }))).toEqual(one);
  });
});

import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { canonicalPrivateKey } from '../../src/core/asn1/private-key.js';
import { prove } from '../../src/prove/prove.js';
import fc from '../support/property.js';
import { candidates, detect, planted } from './harness.js';
import { rsa } from './keys.js';
import { capi, cngEcc, cngRsa } from './windows-forms.js';

const found = (bytes: Uint8Array) => candidates(detect(bytes, ['cng']));
const spkiOf = (der: Uint8Array) => createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });

const BLOBS = { RSA2: cngRsa(rsa, false), RSA3: cngRsa(rsa, true), PRIVATEKEYBLOB: capi(rsa) };

describe.each(Object.entries(BLOBS))('%s', (name, blob) => {
  test('is read whole, at any offset', () => {
    for (const at of [0, 1, 16, 4093]) {
      const [candidate, ...more] = found(planted(blob, at));
      expect(more).toEqual([]);
      expect(candidate).toMatchObject({
        offset: at,
        length: blob.length,
        partial: false,
        confidence: 'high',
        encoding: name.startsWith('RSA') ? 'cng' : 'capi',
      });
      const proof = prove(candidate!.material!);
      expect(proof.status).toBe('proven');
      const derived = proof.status === 'proven' ? proof.facts.spki : '';
      expect(derived).toBe(prove(found(BLOBS.RSA3)[0]!.material!).facts!.spki);
    }
  });

  test('is partial without q and the fields after it', () => {
    const [candidate] = found(blob.subarray(0, 24 + 8 + 256 + 128 + 10));
    expect(candidate).toMatchObject({ partial: true });
    expect(prove(candidate!.material!).status).toBe('proven');
  });

  test('is not found with a bit of n or p changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 32, max: 32 + 256 + 120 }), fc.nat({ max: 7 }), (byte, bit) => {
        const forged = Buffer.from(blob);
        forged[byte]! ^= 1 << bit;
        expect(found(forged)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe.each([
  ['ECS2', 'prime256v1', 32],
  ['ECK2', 'prime256v1', 32],
  ['ECS4', 'secp384r1', 48],
  ['ECS6', 'secp521r1', 66],
  ['ECDV', 'secp256k1', 32],
])('%s', (magic, namedCurve, size) => {
  test('is read, and proven by its point', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve });
    const blob = cngEcc(privateKey, magic, size);
    const [candidate, ...more] = found(planted(blob, 5));
    expect(more).toEqual([]);
    expect(candidate).toMatchObject({ offset: 5, length: blob.length, encoding: 'cng' });
    expect(prove(candidate!.material!).status).toBe('proven');
    expect(spkiOf(canonicalPrivateKey(candidate!.material!)).export({ format: 'jwk' })).toEqual(
      privateKey.export({ format: 'jwk' }),
    );
    const off = Buffer.from(blob);
    off[20]! ^= 1;
    expect(found(off)).toEqual([]);
    expect(found(blob.subarray(0, -1))).toEqual([]);
  });
});

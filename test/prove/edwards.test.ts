import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { prove } from '../../src/prove/prove.js';

const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

function pair() {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d, x } = privateKey.export({ format: 'jwk' });
  const scalar = createHash('sha512').update(Buffer.from(d!, 'base64url')).digest().subarray(0, 32);
  scalar[0]! &= 248;
  scalar[31] = (scalar[31]! & 127) | 64;
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64');
  return { scalar, shown: Buffer.from(x!, 'base64url'), spki };
}

const reduced = (scalar: Buffer) => {
  const value = BigInt(`0x${Buffer.from(scalar).reverse().toString('hex')}`) % ORDER;
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
};

test('the public key of an Ed25519 scalar is the one that OpenSSL computes from the seed', () => {
  for (let i = 0; i < 8; i++) {
    const { scalar, shown, spki } = pair();
    for (const value of [scalar, reduced(scalar)]) {
      const material = { type: 'edwards-scalar', curve: 'Ed25519', scalar: new Secret(value) } as const;
      expect(prove({ ...material, public: shown })).toMatchObject({
        status: 'proven',
        statements: ['the public key of the scalar matches'],
        facts: { spki, algorithm: 'Ed25519' },
        components: [{ name: 'scalar' }],
      });
      expect(prove(material).status).toBe('unproven');
      const other = Buffer.from(shown);
      other[31]! ^= 0x80;
      expect(prove({ ...material, public: other }).status).toBe('contradicted');
    }
  }
});

test('placeholders and invalid scalars prove nothing', () => {
  const { shown } = pair();
  const of = (scalar: Buffer) =>
    prove({ type: 'edwards-scalar', curve: 'Ed25519', scalar: new Secret(scalar), public: shown }).status;
  expect(of(Buffer.alloc(32))).toBe('unproven');
  expect(of(Buffer.from([8, ...Buffer.alloc(31)]))).toBe('unproven');
  expect(of(Buffer.alloc(32, 0xff))).toBe('contradicted');
  expect(of(Buffer.alloc(31, 0x42))).toBe('contradicted');
});

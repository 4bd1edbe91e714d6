import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { canonicalPrivateKey } from '../../src/core/asn1/private-key.js';
import type { Secret } from '../../src/core/base/crypto/secret.js';
import type { KeyMaterial } from '../../src/core/model/key-material.js';
import { prove } from '../../src/prove/prove.js';
import { candidates, detect, noise, planted } from './harness.js';
import { type Generated, jwkOf, keys, rsa, rsaKey } from './keys.js';

const b64 = (part: Uint8Array | Secret | undefined): string | undefined =>
  part && Buffer.from('reveal' in part ? part.reveal() : part).toString('base64url');
const trim = (text: string | undefined): string | undefined =>
  text &&
  Buffer.from(text, 'base64url')
    .toString('hex')
    .replace(/^(00)+/, '');
const trimmedHex = (part: Uint8Array | Secret): string => trim(b64(part))!;

/** The key that was read equals the export of node:crypto. */
function expectMaterial(material: KeyMaterial | undefined, key: KeyObject): void {
  const jwk = jwkOf(key);
  expect(material).toBeDefined();
  if (material?.type === 'rsa')
    expect(
      [
        material.n,
        material.e,
        material.d,
        material.p,
        material.q,
        material.dp,
        material.dq,
        material.qinv,
      ].map(b64),
    ).toEqual(
      [jwk.n, jwk.e, jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi].map((part) =>
        b64(Buffer.from(trim(part)!, 'hex')),
      ),
    );
  if (material?.type === 'ec') expect(trimmedHex(material.d)).toBe(trim(jwk.d));
  if (material?.type === 'okp') expect(b64(material.seed)).toBe(jwk.d);
  expect(
    createPrivateKey({
      key: Buffer.from(canonicalPrivateKey(material!)),
      format: 'der',
      type: 'pkcs8',
    }).equals(key),
  ).toBe(true);
}

const structures = [...keys, rsaKey(4096)].flatMap(({ name, key, forms }: Generated) =>
  Object.entries(forms).map(([encoding, der]): [string, KeyObject, string, Buffer] => [
    `${name} ${encoding}`,
    key,
    encoding,
    der,
  ]),
);

test('adjacent keys are all found, also across the bounds of windows', () => {
  const head = Buffer.from('302e020100300506032b657004220420', 'hex');
  const count = 2_800;
  const bytes = Buffer.concat([
    ...Array.from({ length: count }, (_, i) => Buffer.concat([head, noise(32, i + 1)])),
    Buffer.alloc(64),
  ]);
  const offsets = candidates(detect(bytes, ['der'])).map(({ offset }) => offset);
  expect(new Set(offsets)).toEqual(new Set(Array.from({ length: count }, (_, i) => 48 * i)));
});

describe('whole structures at odd offsets in noise', () => {
  test.each(structures)('%s', (_, key, encoding, der) => {
    for (const at of [0, 1, 37, 4093]) {
      const found = candidates(detect(planted(der, at), ['der']));
      expect(found).toHaveLength(1);
      const [one] = found;
      expect([one!.offset, one!.length, one!.encoding, one!.partial, one!.confidence, one!.kind]).toEqual([
        at,
        der.length,
        encoding,
        false,
        'high',
        'private-key',
      ]);
      if (key.asymmetricKeyType !== 'dsa' && key.asymmetricKeyType !== 'rsa-pss' && !_.includes('brainpool'))
        expectMaterial(one!.material, key);
    }
  });
});

describe('truncated RSA keys', () => {
  const pkcs8 = rsa.export({ format: 'der', type: 'pkcs8' });
  const pkcs1 = rsa.export({ format: 'der', type: 'pkcs1' });
  // n ends 267 bytes into PKCS#1 of 2048 bits, e 5 later, d 260 later.
  const least = 4 + 3 + 261 + 5 + 260;

  test.each([
    ['pkcs1', pkcs1, 0],
    ['pkcs8', pkcs8, 26],
  ] as const)('%s: found if n and d are left', (_, der, wrapped) => {
    for (let length = 100; length < der.length; length += 61) {
      const bytes = Buffer.concat([noise(50, 3), der.subarray(0, length)]);
      const found = candidates(detect(bytes, ['der']));
      if (length < least + wrapped) expect(found).toEqual([]);
      else {
        expect(found).toHaveLength(1);
        expect(found[0]!.partial).toBe(true);
        expect(found[0]!.confidence).toBe('medium');
        const { material } = found[0]!;
        expect(material?.type === 'rsa' && b64(material.d)).toBe(jwkOf(rsa).d);
      }
    }
  });

  test('a key with an overwritten header is read from its version on', () => {
    const broken = Buffer.from(pkcs1);
    broken.fill(0xee, 0, 4);
    const [one] = candidates(detect(planted(broken, 77), ['der']));
    expect([one?.offset, one?.partial, one?.material?.type]).toEqual([81, true, 'rsa']);
  });

  test('n and d are read before zeros', () => {
    const bytes = Buffer.concat([pkcs1.subarray(0, least + 60), Buffer.alloc(4096)]);
    const [one] = candidates(detect(bytes, ['der']));
    expect(one?.material?.type === 'rsa' && b64(one.material.d)).toBe(jwkOf(rsa).d);
    expect(one?.material?.type === 'rsa' && one.material.p).toBeUndefined();
  });
});

describe('PKCS#1 whose front is lost', () => {
  const keysOf = (bits: number) => {
    const { key, forms } = rsaKey(bits);
    return [bits, key, forms.pkcs1!] as const;
  };
  /** A freed block: its first `lost` bytes are overwritten. */
  const without = (der: Buffer, lost: number, end = der.length) =>
    Buffer.concat([noise(3, 5), Buffer.alloc(16), der.subarray(lost, end), Buffer.alloc(64)]);
  /** Offset of the first prime's header. */
  const primeAt = (der: Buffer, key: KeyObject) => {
    const p = Buffer.from(jwkOf(key).p!, 'base64url');
    return der.indexOf(p) - (p.length < 128 ? 3 : 4);
  };

  test.each([1024, 2048, 3072, 4096].map(keysOf))('RSA-%i is read from e on', (_, key, pkcs1) => {
    for (const lost of [16, 32, 90]) {
      const [one, ...more] = candidates(detect(without(pkcs1, lost), ['der']));
      expect([one?.partial, one?.encoding, more.length]).toEqual([true, 'pkcs1', 0]);
      const { material } = one!;
      expect(material?.type === 'rsa' && b64(material.d)).toBe(jwkOf(key).d);
      expect(material?.type === 'rsa' && material.n).toBeUndefined();
      expect(prove(material!).status).toBe('proven');
    }
  });

  test.each([2048, 3072].map(keysOf))('RSA-%i is read from p on', (_, key, pkcs1) => {
    const at = primeAt(pkcs1, key);
    for (const lost of [at - 100, at]) {
      const [one, ...more] = candidates(detect(without(pkcs1, lost), ['der']));
      expect([one?.offset, one?.partial, more.length]).toEqual([19 + at - lost, true, 0]);
      expect(one?.material?.type === 'rsa' && b64(one.material.q)).toBe(jwkOf(key).q);
      expect(prove(one!.material!).status).toBe('proven');
    }
  });

  test('e, d, p and q are read if a CRT exponent is overwritten', () => {
    const [, key, pkcs1] = keysOf(2048);
    const broken = Buffer.from(pkcs1);
    broken[primeAt(pkcs1, key) + 300]! ^= 2;
    const [one] = candidates(detect(without(broken, 16), ['der']));
    expect(one && prove(one.material!).status).toBe('proven');
  });

  test.each([2048, 3072].map(keysOf))(
    'RSA-%i is read from q on, where p is lost or damaged',
    (_, key, pkcs1) => {
      const at = primeAt(pkcs1, key);
      const broken = Buffer.from(pkcs1);
      broken[at + 100]! ^= 2;
      for (const bytes of [without(pkcs1, at + 4), without(broken, 16), without(broken, at)]) {
        const [one, ...more] = candidates(detect(bytes, ['der']));
        expect([one?.partial, one?.encoding, more.length]).toEqual([true, 'pkcs1', 0]);
        const proof = prove(one!.material!);
        if (proof.status !== 'proven') throw new Error(proof.why);
        const { p } = jwkOf(key);
        expect(proof.components.map(({ value }) => b64(value))).toContain(p);
      }
    },
  );

  test('q, dp, dq and qinv with one bit changed are not found', () => {
    const [, key, pkcs1] = keysOf(2048);
    const rest = without(pkcs1, primeAt(pkcs1, key) + 4);
    const [{ offset } = { offset: 0 }] = candidates(detect(rest, ['der']));
    for (const part of [0, 1, 2, 3]) {
      const broken = Buffer.from(rest);
      broken[offset + 60 + 131 * part]! ^= 2;
      for (const { material } of candidates(detect(broken, ['der'])))
        expect(prove(material!).status).not.toBe('proven');
    }
  });

  test('not found without both CRT exponents, or with a byte of both changed', () => {
    const [, key, pkcs1] = keysOf(2048);
    const at = primeAt(pkcs1, key);
    const broken = Buffer.from(pkcs1);
    for (const each of [100, 200]) broken[at + each]! ^= 2;
    for (const bytes of [without(pkcs1, at, at + 300), without(broken, 16), without(broken, at)])
      expect(detect(bytes, ['der'])).toEqual([]);
  });
});

test('an ECDSA signature and a certificate are not found', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signature = Buffer.from(
    '3045022100e1f0000000000000000000000000000000000000000000000000000000000002200102',
    'hex',
  );
  const spki = Buffer.from(privateKey.export({ format: 'der', type: 'pkcs8' })).subarray(3, 30);
  expect(detect(Buffer.concat([signature, spki, noise(500)]), ['der'])).toEqual([]);
});

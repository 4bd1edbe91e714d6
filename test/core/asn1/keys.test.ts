import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { CURVES, curveByName } from '../../../src/core/asn1/curves.js';
import { readRsaTail } from '../../../src/core/asn1/pkcs1.js';
import { writePrivateKeyInfo } from '../../../src/core/asn1/pkcs8.js';
import { readPrivateKey } from '../../../src/core/asn1/private-key.js';
import { readSpki, spkiEc, spkiOkp, spkiRsa } from '../../../src/core/asn1/spki.js';
import * as write from '../../../src/core/asn1/write.js';
import { has } from '../../detect/harness.js';
import { jwkOf, keys, openssl } from '../../detect/keys.js';

const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
const spkiOf = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }) as Buffer;

describe('SubjectPublicKeyInfo equals what node:crypto writes', () => {
  test.each(
    keys
      .filter(({ name }) => /^(RSA-\d+|P-\d+|secp256k1|ed|x)/.test(name))
      .map(({ name, key }): [string, KeyObject] => [name, key]),
  )('%s', (_, key) => {
    const jwk = jwkOf(key);
    const written =
      jwk.kty === 'RSA'
        ? spkiRsa(bytes(jwk.n), bytes(jwk.e))
        : jwk.kty === 'EC'
          ? spkiEc(curveByName(jwk.crv!)!, Buffer.concat([Buffer.of(4), bytes(jwk.x), bytes(jwk.y)]))
          : spkiOkp(jwk.crv as 'Ed25519', bytes(jwk.x));
    expect(Buffer.from(written).equals(spkiOf(key))).toBe(true);
    const read = readSpki(written);
    expect(read?.length).toBe(written.length);
    if (read?.key.type === 'rsa') expect(Buffer.from(read.key.n).equals(bytes(jwk.n))).toBe(true);
    if (read?.key.type === 'ec') expect(read.key.curve).toBe(jwk.crv);
    if (read?.key.type === 'okp') expect(Buffer.from(read.key.public).equals(bytes(jwk.x))).toBe(true);
  });
});

test('every curve of the table that this openssl knows has its OID and size', () => {
  let known = 0;
  for (const { name, openssl: namedCurve, oid, field, scalar } of CURVES) {
    const der = openssl(['ecparam', '-name', namedCurve, '-outform', 'DER']);
    if (der === undefined) continue;
    known++;
    expect(der.subarray(2).toString('hex')).toBe(oid);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve });
    const read = readSpki(spkiOf(privateKey));
    expect(read?.key.type === 'ec' && [read.key.curve, read.key.point.length]).toEqual([name, 1 + 2 * field]);
    const key = readPrivateKey(privateKey.export({ format: 'der', type: 'sec1' }) as Buffer, 0)?.material;
    expect(key?.type === 'ec' && key.curve).toBe(name);
    expect(key?.type === 'ec' && key.d.length).toBeLessThanOrEqual(scalar);
  }
  expect(known >= 10 || !has('openssl', 'version')).toBe(true);
});

test.each(['P-256', 'secp256k1', 'brainpoolP256r1', 'P-384', 'brainpoolP384r1', 'P-521'])(
  'ECPrivateKey without a curve, as in PKCS#8, belongs to the curve of its point: %s',
  (name) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: curveByName(name)!.openssl });
    const whole = readPrivateKey(privateKey.export({ format: 'der', type: 'sec1' }) as Buffer, 0)!.material!;
    if (whole.type !== 'ec') throw new Error(whole.type);
    const spki = readSpki(spkiOf(privateKey))!.key;
    const point = spki.type === 'ec' ? spki.point : Buffer.alloc(0);
    const size = curveByName(name)!.scalar;
    const d = Buffer.concat([Buffer.alloc(size - whole.d.length), whole.d.reveal()]);
    const inner = write.sequence(
      write.integer(Buffer.of(1)),
      write.octetString(d),
      write.tagged(1, write.bitString(point)),
    );
    const read = readPrivateKey(inner, 0)?.material;
    expect(read?.type === 'ec' && read.curve).toBe(name);
  },
);

describe('RSA-PSS in PKCS#8', () => {
  test.each<[string, { hashAlgorithm?: string; mgf1HashAlgorithm?: string }]>([
    ['without parameters', {}],
    ['with parameters', { hashAlgorithm: 'sha384', mgf1HashAlgorithm: 'sha256' }],
  ])('%s: the whole algorithm is kept', (_, options) => {
    const { privateKey } = generateKeyPairSync('rsa-pss', { modulusLength: 1024, ...options });
    const key = readPrivateKey(privateKey.export({ format: 'der', type: 'pkcs8' }) as Buffer, 0)?.material;
    if (key?.type !== 'rsa' || !key.n || !key.e) throw new Error('not read');
    expect([key.pss, key.pssParameters !== undefined]).toEqual([true, 'hashAlgorithm' in options]);
    const spki = spkiRsa(key.n, key.e, { parameters: key.pssParameters });
    expect(Buffer.from(spki).equals(spkiOf(privateKey))).toBe(true);
  });
});

describe('PKCS#8 with the public half (RFC 5958, version 1)', () => {
  test.each(['ed25519', 'ed448', 'x25519', 'x448'] as const)('%s', (type) => {
    const { privateKey } = generateKeyPairSync(type as 'ed25519');
    const jwk = jwkOf(privateKey);
    const plain = readPrivateKey(privateKey.export({ format: 'der', type: 'pkcs8' }) as Buffer, 0)?.material;
    if (plain?.type !== 'okp') throw new Error('not read');
    const written = writePrivateKeyInfo({ ...plain, public: bytes(jwk.x) }, true);
    const read = readPrivateKey(written, 0);
    expect([read?.whole, read?.end]).toEqual([true, written.length]);
    expect(read?.material?.type === 'okp' && Buffer.from(read.material.public!).equals(bytes(jwk.x))).toBe(
      true,
    );
  });
});

test('post-quantum keys are recognised by OID and length', () => {
  for (const algorithm of [
    'ML-DSA-44',
    'ML-DSA-65',
    'ML-DSA-87',
    'ML-KEM-512',
    'ML-KEM-768',
    'ML-KEM-1024',
    'SLH-DSA-SHA2-128s',
    'SLH-DSA-SHAKE-256f',
  ]) {
    const der = openssl(['genpkey', '-algorithm', algorithm, '-outform', 'DER']);
    // openssl generates them from 3.5 on.
    if (der === undefined) continue;
    const read = readPrivateKey(der, 0);
    expect([read?.algorithm, read?.whole, read?.end, read?.material]).toEqual([
      algorithm,
      true,
      der.length,
      undefined,
    ]);
  }
});

/** ring's templates: the start of a structure, followed by the header of the public half. */
test.each([
  ['Ed25519', '3051020101300506032b657004220420', '812100'],
  ['P-256', '308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420', 'a144034200'],
  ['P-384', '3081b6020100301006072a8648ce3d020106052b8104002204819e30819b0201010430', 'a164036200'],
])('the template of a library that writes keys of %s is no key', (_, front, behind) => {
  const rodata = Buffer.from(
    'Invalid argument. \u0007\u0001\0Pass a serialized value or none; see RFC 8410 \u00e9'.repeat(4),
  );
  const read = (number: string) => {
    const dump = Buffer.concat([Buffer.from(front + number, 'hex'), rodata]);
    return [true, false].map((strict) => readPrivateKey(dump, 0, dump.length, strict)?.material);
  };
  expect(read(behind)).toEqual([undefined, undefined]);
  // A cut key is still a key.
  const number =
    'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721a5b4c3d2e1f00112233445566778899a';
  expect(read(number.slice(0, front.endsWith('30') ? 96 : 64))).toEqual([undefined, expect.anything()]);
});

test('a key cut anywhere is never taken for a whole one', () => {
  for (const { forms } of keys.slice(1, 5))
    for (const der of Object.values(forms))
      for (let length = 0; length < der.length; length += 7) {
        expect(readPrivateKey(der.subarray(0, length), 0)).toBeUndefined();
        expect(readPrivateKey(der.subarray(0, length), 0, length, false)?.whole ?? false).toBe(false);
      }
});

describe('the tail of an RSAPrivateKey', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const jwk = jwkOf(privateKey);
  const tail = Buffer.concat(
    (['p', 'q', 'dp', 'dq', 'qi'] as const).map((name) => write.integer(bytes(jwk[name]))),
  );
  /** An INTEGER of `length` octets in the short form, all 0x5b. */
  const stray = (length: number) => Buffer.concat([Buffer.of(2, length), Buffer.alloc(length, 0x5b)]);
  const primesOf = (data: Uint8Array) => {
    const read = readRsaTail(data);
    return (
      read && [read.start, read.material.d, Buffer.from(read.material.p!.reveal()).toString('base64url')]
    );
  };

  test('is read from its start', () => expect(primesOf(tail)).toEqual([0, undefined, jwk.p]));

  test('does not start at a stray INTEGER before it, in place of d', () => {
    expect(primesOf(Buffer.concat([stray(9), tail]))).toEqual([11, undefined, jwk.p]);
    expect(primesOf(Buffer.concat([stray(3), stray(9), tail]))).toEqual([16, undefined, jwk.p]);
  });

  test('does not start at a stray INTEGER inside p that leads to q', () => {
    // p with the header of a shorter INTEGER among its octets, which ends where p ends.
    const length = 20;
    const end = 2 + tail[1]!;
    const over = Buffer.from(tail);
    over.set([2, length, 0x11], end - length - 2);
    expect(over[1]).toBe(0x41);
    expect(readRsaTail(over)?.start).toBe(0);
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CURVES } from '../../src/core/asn1/curves.js';
import { canonicalSpki } from '../../src/core/asn1/spki.js';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { prove } from '../../src/prove/prove.js';
import { ecKey, okpKey, rsaKey } from './keys.js';

/** First line of a program's output; undefined if it is not installed. */
function available(program: string, ...args: string[]): boolean {
  return spawnSync(program, args).error === undefined;
}
const openssl = available('openssl', 'version') ? test : test.skip;
const ssh = available('ssh-keygen', '-?') ? test : test.skip;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dumpsieve-identity-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** SubjectPublicKeyInfo by `openssl pkey -pubout` of a private key in PEM. */
function opensslSpki(pem: string): string {
  const der = execFileSync('openssl', ['pkey', '-pubout', '-outform', 'DER'], { input: pem });
  return der.toString('base64');
}

/** RFC 7638 with Node's JWK export: an independent writer of the members. */
function thumbprint(key: KeyObject): string {
  const { kty, crv, x, y, n, e } = key.export({ format: 'jwk' });
  const members = kty === 'RSA' ? { e, kty, n } : kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }) as string;
}

const generated = [
  ['RSA 1024', () => rsaKey(1024)],
  ['RSA 2048, e = 3', () => rsaKey(2048, 3)],
  ['P-256', () => ecKey('P-256')],
  ['P-384', () => ecKey('P-384')],
  ['P-521', () => ecKey('P-521')],
  ['secp256k1', () => ecKey('secp256k1')],
  ['Ed25519', () => okpKey('Ed25519')],
  ['Ed448', () => okpKey('Ed448')],
  ['X25519', () => okpKey('X25519')],
  ['X448', () => okpKey('X448')],
] as const;

describe.each(generated)('%s', (_, generate) => {
  const { material, privateKey, publicKey } = generate();
  const facts = prove(material).facts;

  openssl('the SubjectPublicKeyInfo equals what openssl prints', () => {
    expect(facts?.spki).toBe(opensslSpki(pemOf(privateKey)));
    const digest = createHash('sha256')
      .update(Buffer.from(facts?.spki ?? '', 'base64'))
      .digest('hex');
    expect(facts?.spkiSha256).toBe(digest);
  });

  test('the thumbprint is that of RFC 7638', () => {
    expect(facts?.jwkThumbprint).toBe(thumbprint(publicKey));
  });
});

test('the thumbprint of the example of RFC 7638, section 3.1', () => {
  // RFC 7638 has another key than RFC 7515, appendix A.2: only its public numbers and digest are published.
  const n = [
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs',
    'tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5h',
    'ajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  ].join('');
  const key = createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' });
  expect(thumbprint(key)).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
});

describe('ssh-keygen', () => {
  const keys = generated.filter(([name]) => /RSA|P-|Ed25519/.test(name));
  ssh.each(keys)('%s: the fingerprint equals what ssh-keygen -l prints', (name, generate) => {
    const { material, publicKey } = generate();
    const file = join(folder, `${name.replace(/\W/g, '-')}.pub`);
    const blob =
      name === 'Ed25519'
        ? Buffer.concat([
            Buffer.from([0, 0, 0, 11]),
            Buffer.from('ssh-ed25519'),
            Buffer.from([0, 0, 0, 32]),
            publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
          ])
        : undefined;
    if (blob) writeFileSync(file, `ssh-ed25519 ${blob.toString('base64')} test\n`);
    else {
      const spki = join(folder, `${name.replace(/\W/g, '-')}.pem`);
      writeFileSync(spki, publicKey.export({ format: 'pem', type: 'spki' }));
      writeFileSync(file, execFileSync('ssh-keygen', ['-i', '-m', 'PKCS8', '-f', spki]));
    }
    const printed = execFileSync('ssh-keygen', ['-l', '-f', file]).toString();
    expect(printed.split(' ')[1]).toBe(prove(material).facts?.sshFingerprint);
  });

  test('curves without an SSH key type have no fingerprint', () => {
    expect(prove(ecKey('secp256k1').material).facts?.sshFingerprint).toBeUndefined();
    expect(prove(okpKey('X25519').material).facts?.sshFingerprint).toBeUndefined();
  });
});

describe('curves without a JWK name', () => {
  openssl.each(CURVES.filter(({ jwk }) => !jwk).map((row) => [row.openssl, row] as const))(
    '%s',
    (name, row) => {
      const parameters = name === 'SM2' ? ['SM2'] : ['EC', '-pkeyopt', `ec_paramgen_curve:${name}`];
      const pem = execFileSync('openssl', ['genpkey', '-algorithm', ...parameters]).toString();
      const text = execFileSync('openssl', ['pkey', '-text', '-noout'], { input: pem }).toString();
      const hex = (label: string) =>
        (new RegExp(`${label}:([\\s0-9a-f:]+)`).exec(text)?.[1] ?? '').replace(/[^0-9a-f]/g, '');
      const facts = prove({
        type: 'ec',
        curve: row.name,
        d: new Secret(Buffer.from(hex('priv'), 'hex')),
        point: Buffer.from(hex('pub'), 'hex'),
      }).facts;
      expect(facts?.spki).toBe(opensslSpki(pem));
      expect(facts?.jwkThumbprint).toBeUndefined();
    },
  );
});

describe('RSA-PSS', () => {
  const plain = rsaKey(1024);
  openssl.each([
    ['without parameters', {}, undefined],
    [
      'with parameters',
      { hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256' },
      '3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120',
    ],
  ] as const)(
    '%s: spki stays as openssl prints it, the canonical one is rsaEncryption',
    (_, options, parameters) => {
      const { publicKey, privateKey } = generateKeyPairSync('rsa-pss', { modulusLength: 1024, ...options });
      const spki = publicKey.export({ format: 'der', type: 'spki' });
      // The last SEQUENCE of two integers: 129 octets of n (with its leading zero), 3 of e.
      const n = spki.subarray(spki.length - 5 - 128, spki.length - 5);
      const facts = prove({
        ...plain.material,
        n,
        pss: true,
        ...(parameters && { pssParameters: Buffer.from(parameters, 'hex') }),
      }).facts;
      expect(facts?.algorithm).toBe('RSA-PSS');
      expect(facts?.spki).toBe(opensslSpki(pemOf(privateKey)));
      expect(facts?.spki).toBe(spki.toString('base64'));
    },
  );

  test('has the canonical form of the same numbers under rsaEncryption', () => {
    const result = prove({ ...plain.material, pss: true });
    if (result.status !== 'proven') throw new Error(result.why);
    const spki = plain.publicKey.export({ format: 'der', type: 'spki' });
    expect(Buffer.from(result.canonicalSpki)).toEqual(spki);
    expect(result.facts.spki).not.toBe(spki.toString('base64'));
    expect(canonicalSpki(Buffer.from(result.facts.spki ?? '', 'base64'))).toEqual(spki);
  });
});

describe('canonicalSpki', () => {
  test.each(generated)('leaves %s unchanged', (_, generate) => {
    const spki = generate().publicKey.export({ format: 'der', type: 'spki' });
    expect(Buffer.from(canonicalSpki(spki))).toEqual(spki);
  });

  openssl('uncompresses a point', () => {
    const { privateKey, publicKey } = ecKey('P-256');
    const compressed = execFileSync(
      'openssl',
      ['ec', '-pubout', '-conv_form', 'compressed', '-outform', 'DER'],
      { input: pemOf(privateKey), stdio: ['pipe', 'pipe', 'ignore'] },
    );
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    expect(compressed.length).toBeLessThan(spki.length);
    expect(canonicalSpki(compressed)).toEqual(spki);
  });

  test('returns hostile bytes unchanged', () => {
    for (const hex of [
      '',
      '30',
      '3080',
      '3000',
      '3003020100',
      '308400000000',
      '30ffffffffffffffff',
      '30053003060100',
    ])
      expect(Buffer.from(canonicalSpki(Buffer.from(hex, 'hex'))).toString('hex')).toBe(hex);
  });
});

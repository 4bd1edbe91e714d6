import { execFileSync, spawnSync } from 'node:child_process';
import { createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { canonicalSpki } from '../../../src/core/asn1/spki.js';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import type { PublicRecord } from '../../../src/detect/core/types.js';
import { KeyJoiner } from '../../../src/prove/judge/joiner.js';
import { promote } from '../../../src/prove/promote.js';
import { prove } from '../../../src/prove/prove.js';
import { ecKey, okpKey, rsaKey, without } from '../keys.js';

const openssl = spawnSync('openssl', ['version']).error === undefined ? test : test.skip;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path(tmpdir(), 'dumpsieve-join-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function spkiOf(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' });
}

const placed = (offset: number) => ({ offset, length: 1 });

function bare(offset: number, spki: Uint8Array): PublicRecord {
  return { type: 'public', form: 'spki', offset, length: spki.length, spki };
}

/** A self-signed certificate, made by openssl. */
function certificate(key: KeyObject, ...args: string[]): Buffer {
  const [keyFile, out] = [path(folder, 'key.pem'), path(folder, 'certificate.der')];
  writeFileSync(keyFile, key.export({ format: 'pem', type: 'pkcs8' }));
  execFileSync(
    'openssl',
    ['req', '-x509', '-new', '-key', keyFile, '-outform', 'DER', '-out', out, '-days', '30', ...args],
    {
      stdio: 'ignore',
    },
  );
  return readFileSync(out);
}

function certified(offset: number, spki: Uint8Array, der: Uint8Array): PublicRecord {
  return { type: 'public', form: 'certificate', offset, length: der.length, spki, certificate: der };
}

describe('certificates', () => {
  openssl('name the owner of a key', () => {
    const { material, privateKey, publicKey } = rsaKey(1024);
    const der = certificate(
      privateKey,
      '-subj',
      '/C=DE/O=Example, Inc./CN=signer.example',
      '-addext',
      'subjectAltName=DNS:signer.example,DNS:*.signer.example,IP:192.0.2.1',
      '-set_serial',
      '0x0badcafe',
    );
    const joiner = new KeyJoiner();
    const spki = spkiOf(publicKey);
    joiner.addPublic(bare(0x100, spki));
    joiner.addPublic(certified(0x900, spki, der));
    joiner.addPublic(certified(0x200, spki, der));
    joiner.addPublic(certified(0x300, spkiOf(rsaKey(1024).publicKey), der));
    const result = prove(material);
    if (result.status !== 'proven') throw new Error(result.why);
    const joined = joiner.join(result);
    expect(joined.publicHalf).toBe('the certificate at 0x200');
    expect(joined.certificates).toEqual([
      {
        subject: 'C=DE, O=Example\\, Inc., CN=signer.example',
        san: ['DNS:signer.example', 'DNS:*.signer.example', 'IP Address:192.0.2.1'],
        issuer: 'C=DE, O=Example\\, Inc., CN=signer.example',
        serial: '0BADCAFE',
        notAfter: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
        offset: 0x200,
        signed: true,
        form: 'certificate',
      },
    ]);
    expect(joiner.limits()).toEqual([]);
  });

  describe.each([
    ['RSA', () => rsaKey(2048)],
    ['P-256', () => ecKey('P-256')],
    ['P-384', () => ecKey('P-384')],
    ['Ed25519', () => okpKey('Ed25519')],
  ])('of an authority with %s', (_, make) => {
    openssl('name those that it has signed, and no other of its name', () => {
      const [authority, impostor] = [make(), make()];
      const subject = ['-subj', '/O=Example/CN=authority.example'];
      const joiner = new KeyJoiner();
      const add = (offset: number, key: KeyObject, der: Buffer) =>
        joiner.addPublic(certified(offset, spkiOf(key), der));
      for (const [offset, { privateKey, publicKey }] of [
        [0x800, authority],
        [0x900, impostor],
      ] as const) {
        const own = certificate(privateKey, ...subject);
        add(offset, publicKey, own);
        const [certificateFile, keyFile] = [path(folder, 'ca.der'), path(folder, 'ca.pem')];
        writeFileSync(certificateFile, own);
        writeFileSync(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }));
        const signer = ['-CA', certificateFile, '-CAkey', keyFile];
        for (const i of [2, 1]) {
          const leaf = ecKey('P-256');
          const der = certificate(leaf.privateKey, '-subj', `/CN=leaf${i}.example`, ...signer);
          add(offset + 0x10 * i, leaf.publicKey, der);
        }
      }
      const joined = (key: KeyObject) => joiner.join({ canonicalSpki: canonicalSpki(spkiOf(key)) });
      expect(joined(authority.publicKey).statements).toEqual([
        'signed the certificate at 0x810',
        'signed the certificate at 0x820',
      ]);
      expect(joined(impostor.publicKey).statements).toEqual([
        'signed the certificate at 0x910',
        'signed the certificate at 0x920',
      ]);
      expect(joiner.limits()).toEqual([]);
    });
  });

  openssl('with other text than usual are reported without a throw', () => {
    const { privateKey, publicKey } = ecKey('P-256');
    const spki = spkiOf(publicKey);
    const der = certificate(
      privateKey,
      '-subj',
      '/CN=line\nbreak',
      '-addext',
      'subjectAltName=email:a@example.org',
    );
    const joiner = new KeyJoiner();
    joiner.addPublic(certified(5, spki, der));
    joiner.addPublic(certified(6, spki, Buffer.from('not a certificate')));
    joiner.addPublic(certified(7, spki, der.subarray(0, der.length - 9)));
    const { certificates } = joiner.join({ canonicalSpki: spki });
    expect(certificates).toHaveLength(1);
    expect(certificates[0]?.san).toEqual(['email:a@example.org']);
  });
});

describe('a private half alone', () => {
  const ec = ecKey('P-256');
  const ed = okpKey('Ed25519');
  const x = okpKey('X448');
  const cases = [
    ['P-256', without(ec.material, 'point'), ec.publicKey, 'd*G = Q'],
    ['Ed25519', without(ed.material, 'public'), ed.publicKey, 'the seed gives the public key'],
    ['X448', without(x.material, 'public'), x.publicKey, 'the seed gives the public key'],
  ] as const;
  test.each(cases)('%s is proven by its public half elsewhere', (_, material, publicKey, statement) => {
    const alone = prove(material);
    if (alone.status !== 'unproven' || !alone.pending) throw new Error(alone.status);
    const joiner = new KeyJoiner();
    expect(promote(alone, joiner.join(alone.pending)).status).toBe('unproven');
    joiner.addPublic(bare(0x40, spkiOf(publicKey)));
    const promoted = promote(alone, joiner.join(alone.pending));
    expect(promoted).toMatchObject({
      status: 'proven',
      statements: [`${statement} of the SubjectPublicKeyInfo at 0x40`],
      facts: alone.facts,
    });
    if (promoted.status !== 'proven') return;
    expect(promoted.components).toHaveLength(1);
    expect(Buffer.from(promoted.canonicalSpki)).toEqual(spkiOf(publicKey));
  });

  test('two RSA primes are proven by the key whose n they make', () => {
    const { material, publicKey } = rsaKey(1024);
    const alone = prove(without(material, 'n', 'e', 'd', 'dp', 'dq', 'qinv'));
    if (alone.status !== 'unproven' || !alone.pending) throw new Error(alone.status);
    const joiner = new KeyJoiner();
    joiner.addPublic(bare(0x40, spkiOf(publicKey)));
    expect(promote(alone, joiner.join(alone.pending))).toMatchObject({
      status: 'proven',
      statements: ['n = p*q of the SubjectPublicKeyInfo at 0x40'],
    });
  });

  test.each([
    ['ssh', 'SSH key'],
    ['jwk', 'JSON Web Key'],
    ['tpm', 'TPM public area'],
  ] as const)('a public half as %s is named by its form and its lowest offset', (form, name) => {
    const spki = spkiOf(generateKeyPairSync('ed25519').publicKey);
    const joiner = new KeyJoiner();
    for (const [offset, as] of [
      [0x80, 'spki'],
      [0x40, form],
      [0x60, 'spki'],
    ] as const)
      joiner.addPublic({ ...bare(offset, spki), form: as });
    expect(joiner.join({ canonicalSpki: spki }).publicHalf).toBe(`the ${name} at 0x40`);
  });

  test('RSA-PSS and rsaEncryption public halves belong to the same key', () => {
    const { publicKey } = generateKeyPairSync('rsa-pss', { modulusLength: 1024 });
    const spki = spkiOf(publicKey);
    const bits = spki.subarray(spki.indexOf(Buffer.from([0x03, 0x81])));
    const joiner = new KeyJoiner();
    joiner.addPublic(bare(9, spki));
    const algorithm = Buffer.from('300d06092a864886f70d0101010500', 'hex');
    const length = algorithm.length + bits.length;
    const canonical = Buffer.concat([Buffer.from([0x30, 0x81, length]), algorithm, bits]);
    expect(joiner.join({ canonicalSpki: canonical }).publicHalf).toBe('the SubjectPublicKeyInfo at 0x9');
  });
});

describe('JWTs', () => {
  function jwt(alg: string, signer: (data: Buffer) => Buffer): Secret {
    const head = Buffer.from(JSON.stringify({ alg })).toString('base64url');
    const payload = JSON.stringify({ sub: randomBytes(6).toString('hex') });
    const signed = `${head}.${Buffer.from(payload).toString('base64url')}`;
    return Secret.text(`${signed}.${signer(Buffer.from(signed)).toString('base64url')}`);
  }
  const rsa = rsaKey(1024);
  const ec = {
    ES256: ecKey('P-256'),
    ES384: ecKey('P-384'),
    ES512: ecKey('P-521'),
    ES256K: ecKey('secp256k1'),
  };
  const ed = { Ed25519: okpKey('Ed25519'), Ed448: okpKey('Ed448') };
  const k = new Secret(randomBytes(32));
  const p1363 = (hash: string, key: KeyObject) => (data: Buffer) =>
    sign(hash, data, { key, dsaEncoding: 'ieee-p1363' });
  type Case = [name: string, token: Secret, key: { canonicalSpki: Uint8Array } | { symmetric: Secret }];
  const cases: Case[] = [
    [
      'RS256',
      jwt('RS256', (data) => sign('sha256', data, rsa.privateKey)),
      { canonicalSpki: spkiOf(rsa.publicKey) },
    ],
    [
      'PS384',
      jwt('PS384', (data) => sign('sha384', data, { key: rsa.privateKey, padding: 6, saltLength: 48 })),
      { canonicalSpki: spkiOf(rsa.publicKey) },
    ],
    [
      'ES256',
      jwt('ES256', p1363('sha256', ec.ES256.privateKey)),
      { canonicalSpki: spkiOf(ec.ES256.publicKey) },
    ],
    [
      'ES384',
      jwt('ES384', p1363('sha384', ec.ES384.privateKey)),
      { canonicalSpki: spkiOf(ec.ES384.publicKey) },
    ],
    [
      'ES512',
      jwt('ES512', p1363('sha512', ec.ES512.privateKey)),
      { canonicalSpki: spkiOf(ec.ES512.publicKey) },
    ],
    [
      'ES256K',
      jwt('ES256K', p1363('sha256', ec.ES256K.privateKey)),
      { canonicalSpki: spkiOf(ec.ES256K.publicKey) },
    ],
    [
      'EdDSA 25519',
      jwt('EdDSA', (data) => sign(null, data, ed.Ed25519.privateKey)),
      { canonicalSpki: spkiOf(ed.Ed25519.publicKey) },
    ],
    [
      'EdDSA 448',
      jwt('EdDSA', (data) => sign(null, data, ed.Ed448.privateKey)),
      { canonicalSpki: spkiOf(ed.Ed448.publicKey) },
    ],
    [
      'HS512',
      jwt('HS512', (data) => createHmac('sha512', k.reveal()).update(data).digest()),
      { symmetric: k },
    ],
  ];

  test.each(cases)('%s: only the JWT that verifies is named', (name, token, key) => {
    const joiner = new KeyJoiner();
    for (const [i, [, other]] of cases.entries()) joiner.addJwt(placed(0x1000 * (i + 1)), other);
    joiner.addJwt(placed(0x10_0000), token);
    const own = cases.filter(
      ([, , other]) => JSON.stringify(other) === JSON.stringify(key) && 'canonicalSpki' in key,
    );
    const index = cases.findIndex(([other]) => other === name);
    const { tokens, statements } = joiner.join(key);
    const jwts = tokens.map(({ offset }) => offset);
    // The two RSA tokens belong to one key.
    expect(jwts).toHaveLength(Math.max(1, own.length));
    expect(jwts).toContain(0x1000 * (index + 1));
    expect(statements).toContain(`verifies the JWT at 0x${(0x1000 * (index + 1)).toString(16)}`);
  });

  test('a JWT proves a scalar without a public half, and a symmetric key', () => {
    const alone = prove(without(ec.ES256.material, 'point'));
    const joiner = new KeyJoiner();
    for (const [, token] of cases) joiner.addJwt(placed(0x77), token);
    if (alone.status !== 'unproven' || !alone.pending) throw new Error(alone.status);
    expect(promote(alone, joiner.join(alone.pending))).toMatchObject({
      status: 'proven',
      statements: ['verifies the JWT at 0x77'],
    });
    expect(promote(prove({ type: 'oct', k }), joiner.join({ symmetric: k }))).toMatchObject({
      status: 'proven',
      statements: ['verifies the JWT at 0x77'],
      components: [{ name: 'k' }],
    });
    const wrong = new Secret(randomBytes(32));
    expect(promote(prove({ type: 'oct', k: wrong }), joiner.join({ symmetric: wrong })).status).toBe(
      'unproven',
    );
  });

  test('that are forged, cut or malformed do not verify and do not throw', () => {
    const joiner = new KeyJoiner();
    const [, token] = cases[0] ?? [];
    const text = Buffer.from(token?.reveal() ?? []).toString();
    const [head = '', body = '', signature = ''] = text.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const hs = Buffer.from('{"alg":"HS256"}').toString('base64url');
    for (const [i, forged] of [
      `${head}.${body}x.${signature}`,
      `${head}.${body}.${signature.slice(4)}`,
      `${none}.${body}.${signature}`,
      `${hs}.${body}.${signature}`,
      `${head}.${body}.`,
      `${head}.${body}.${signature}.${signature}`,
      '..',
      'eyJhbGciOi.x.y',
      'eyJhbGciOlt7XX0.e30.x',
      `${Buffer.from('null').toString('base64url')}.e30.x`,
    ].entries())
      joiner.addJwt(placed(i), Secret.text(forged));
    expect(joiner.join({ canonicalSpki: spkiOf(rsa.publicKey) }).tokens).toEqual([]);
    expect(joiner.join({ canonicalSpki: Buffer.from('no key') })).toEqual({
      certificates: [],
      tokens: [],
      inUse: false,
      statements: [],
    });
  });

  test('a contradicted key stays contradicted; a proven one gets the statement', () => {
    const joiner = new KeyJoiner();
    for (const [, token] of cases) joiner.addJwt(placed(0x77), token);
    const joined = joiner.join({ canonicalSpki: spkiOf(rsa.publicKey) });
    const forged = prove({ ...rsa.material, p: rsa.material.q });
    expect(promote(forged, joined)).toBe(forged);
    const proven = promote(prove(rsa.material), joined);
    expect(proven.status === 'proven' && proven.statements.at(-1)).toBe('verifies the JWT at 0x77');
  });
});

describe('bounds', () => {
  test('dropped items are reported with their range', () => {
    const joiner = new KeyJoiner();
    const spki = spkiOf(ecKey('P-256').publicKey);
    for (let i = 0; i < 40; i++) joiner.addPublic(certified(100 * i, spki, randomBytes(50)));
    joiner.addJwt(placed(5), new Secret(Buffer.alloc(20_000, 0x61)));
    joiner.addJwt(placed(50_000), new Secret(Buffer.alloc(20_000, 0x62)));
    expect(joiner.limits()).toEqual([
      {
        ...{ search: 'certificates', reason: 'more than the memory bound', offset: 3_200, length: 750 },
        ...{ target: 'blind', left: 8 },
      },
      {
        ...{ search: 'jwt', reason: 'longer than 16384 bytes', offset: 5, length: 69_995 },
        ...{ target: 'blind', left: 2 },
      },
    ]);
  });

  test('public keys beyond the bound are reported', () => {
    const joiner = new KeyJoiner();
    for (let i = 0; i < 50_001; i++) {
      const spki = Buffer.alloc(8);
      spki.writeUInt32BE(i);
      joiner.addPublic(bare(i, spki));
    }
    expect(joiner.limits()).toEqual([
      {
        ...{ search: 'public-keys', reason: 'more than 50000', offset: 50_000, length: 8 },
        ...{ target: 'blind', left: 1 },
      },
    ]);
  });
});

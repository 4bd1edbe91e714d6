import {
  createHash,
  createPublicKey,
  ECDH,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ScanOptions } from '../../../src/api/scan.js';
import { curveByName } from '../../../src/core/asn1/curves.js';
import { writeEcPrivateKey, writePrivateKeyInfo } from '../../../src/core/asn1/pkcs8.js';
import { readPrivateKey } from '../../../src/core/asn1/private-key.js';
import { canonicalSpki, spkiEc } from '../../../src/core/asn1/spki.js';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import type { Notice } from '../../../src/core/base/runtime/errors.js';
import type { EcMaterial } from '../../../src/core/model/key-material.js';
import type { Finding, FindReport } from '../../../src/core/model/report.js';
import { withTempDir } from '../../support/folder.js';
import { scan } from '../../support/scan.js';

/** Keys with an encoding other than the canonical one: a digest of --find can be that of either. */

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const der = (key: KeyObject): Buffer =>
  key.type === 'private'
    ? key.export({ type: 'pkcs8', format: 'der' })
    : key.export({ type: 'spki', format: 'der' });

interface Written {
  dump: Uint8Array;
  /** Public key as `openssl pkey -pubout` prints it. */
  spki: Uint8Array;
  algorithm: string;
}

const explicitKey = (namedCurve: string) =>
  generateKeyPairSync('ec', { namedCurve, paramEncoding: 'explicit' });

function explicit(namedCurve: string, form: 'pkcs8' | 'sec1'): Written {
  const { privateKey, publicKey } = explicitKey(namedCurve);
  const dump = privateKey.export({ type: form as 'pkcs8', format: 'der' });
  return { dump, spki: der(publicKey), algorithm: 'EC' };
}

/** A P-256 key whose public half is encoded as `form`. */
function pointAs(form: 'compressed' | 'hybrid', write: (key: EcMaterial) => Uint8Array): Written {
  const curve = curveByName('P-256')!;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { d, x, y } = privateKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), ...[x, y].map((part) => Buffer.from(part!, 'base64url'))]);
  const written = ECDH.convertKey(point, curve.openssl, undefined, undefined, form) as Buffer;
  const secret = new Secret(Buffer.from(d!, 'base64url'));
  return {
    dump: write({ type: 'ec', curve: 'P-256', d: secret, point: written }),
    spki: spkiEc(curve, written),
    algorithm: 'EC',
  };
}

function pss(options: object = {}): Written {
  const { privateKey, publicKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048, ...options });
  return { dump: der(privateKey), spki: der(publicKey), algorithm: 'RSA-PSS' };
}

const forms: [name: string, make: () => Written][] = [
  ['RSA-PSS', () => pss()],
  [
    'RSA-PSS with parameters',
    () => pss({ hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256', saltLength: 32 }),
  ],
  ['a compressed point in PKCS#8', () => pointAs('compressed', writePrivateKeyInfo)],
  ['a compressed point in SEC 1', () => pointAs('compressed', writeEcPrivateKey)],
  ['a hybrid point', () => pointAs('hybrid', writePrivateKeyInfo)],
  ['P-256 by explicit parameters in PKCS#8', () => explicit('P-256', 'pkcs8')],
  ['P-256 by explicit parameters in SEC 1', () => explicit('P-256', 'sec1')],
  ['secp256k1 by explicit parameters', () => explicit('secp256k1', 'pkcs8')],
  ['brainpoolP384t1 by explicit parameters', () => explicit('brainpoolP384t1', 'sec1')],
];

const pem = (label: string, bytes: Uint8Array): Buffer => {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,64}/g)!;
  return Buffer.from(`-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`);
};

interface Answer {
  find: FindReport[];
  findings: Finding[];
  exit: number;
  warnings: Notice[];
}

async function ask(
  listed: string,
  dump: Uint8Array,
  options: (file: string) => Partial<ScanOptions>,
): Promise<Answer> {
  return withTempDir(async (folder) => {
    const [file, path] = [join(folder, 'target'), join(folder, 'dump.raw')];
    writeFileSync(file, `${listed}\n`);
    writeFileSync(path, Buffer.concat([randomBytes(1_001), Buffer.from(' \n'), dump, Buffer.from('\n')]));
    const answer: Answer = { find: [], findings: [], exit: 3, warnings: [] };
    for await (const event of scan({ paths: [path], jobs: 1, ...options(file) })) {
      if (event.type === 'find') answer.find.push(event);
      if (event.type === 'finding') answer.findings.push(event);
      if (event.type === 'summary') Object.assign(answer, { exit: event.exit, warnings: event.warnings });
    }
    return answer;
  });
}

const absent = (file: string) => ({ find: [file], expectAbsent: true });
const statusOf = ({ find }: Answer) => find[0]?.results[0]?.status;

describe.each(forms)('%s', (_, make) => {
  const { dump, spki, algorithm } = make();
  const canonical = canonicalSpki(spki);

  test('its two digests differ', () => expect(sha256(canonical)).not.toBe(sha256(spki)));

  test.each([
    ['DER', dump],
    ['PEM', pem(`${readPrivateKey(dump, 0)?.form === 'sec1' ? 'EC ' : ''}PRIVATE KEY`, dump)],
  ])('is proven in %s, with its public half as it is written', async (_, bytes) => {
    for (const digest of [sha256(spki), sha256(canonical)]) {
      const answer = await ask(`sha256:${digest}`, bytes, absent);
      expect({ status: statusOf(answer), exit: answer.exit }).toEqual({ status: 'present', exit: 1 });
      const finding = answer.findings.find(({ key }) => key !== undefined);
      expect(finding).toMatchObject({
        confidence: 'proven',
        fingerprint: `v1:${sha256(canonical)}`,
        key: { algorithm, spki: Buffer.from(spki).toString('base64'), spkiSha256: sha256(spki) },
      });
    }
  });

  test.each([
    ['DER', Buffer.from(spki)],
    ['PEM', pem('PUBLIC KEY', spki)],
  ])('its public half is known in %s', async (_, bytes) => {
    for (const digest of [sha256(spki), sha256(canonical)])
      expect(statusOf(await ask(`sha256:${digest}`, bytes, absent))).toBe('public-only');
  });

  test('is allowed by either digest', async () => {
    for (const digest of [sha256(spki), sha256(canonical)]) {
      const { findings, exit } = await ask(digest, dump, (file) => ({ allow: [file] }));
      expect(exit).toBe(0);
      expect(findings.find(({ key }) => key !== undefined)?.reason).toBe('allowed');
    }
  });

  test('another digest is absent', async () => {
    const answer = await ask(`sha256:${sha256(dump)}`, dump, absent);
    expect({ status: statusOf(answer), exit: answer.exit }).toEqual({ status: 'absent', exit: 0 });
  });
});

test('a line that is not understood gives a warning, and never 0 with --expect-absent', async () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const list = `sha256:${sha256(der(publicKey))}\nsha256:0123`;
  const dump = randomBytes(100);
  const answer = await ask(list, dump, absent);
  expect({ status: statusOf(answer), exit: answer.exit }).toEqual({ status: 'absent', exit: 2 });
  expect(answer.warnings).toEqual([
    expect.objectContaining({ code: 'find-not-understood', message: 'target: not understood: line 2' }),
  ]);
  expect((await ask(list, dump, (file) => ({ find: [file] }))).exit).toBe(0);
  const allowed = await ask(list, dump, (file) => ({ allow: [file] }));
  expect(allowed.exit).toBe(0);
  expect(allowed.warnings.map(({ code }) => code)).toEqual(['allow-not-understood']);
});

test('a digest of another encoding finds a key with a named curve', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const curve = curveByName('P-384')!;
  const point = der(publicKey).subarray(-97);
  const compressed = ECDH.convertKey(point, curve.openssl, undefined, undefined, 'compressed') as Buffer;
  const answer = await ask(`sha256:${sha256(spkiEc(curve, compressed))}`, der(privateKey), absent);
  expect(statusOf(answer)).toBe('present');
});

test('an allow list matches a key by its SSH fingerprint', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = createPublicKey(privateKey).export({ format: 'jwk' });
  const string = (bytes: Uint8Array) => Buffer.concat([Buffer.of(0, 0, 0, bytes.length), bytes]);
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')]);
  const blob = Buffer.concat([
    string(Buffer.from('ecdsa-sha2-nistp256')),
    string(Buffer.from('nistp256')),
    string(point),
  ]);
  const print = createHash('sha256').update(blob).digest('base64').replace('=', '');
  const { findings, exit } = await ask(`256 SHA256:${print} me@host (ECDSA)`, der(privateKey), (file) => ({
    allow: [file],
  }));
  expect(exit).toBe(0);
  expect(findings.map(({ reason }) => reason)).toEqual(['allowed']);
});

import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../src/core/model/report.js';
import { name, requestInfo, signed, tbsCertificate } from '../support/der-builder.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';

/** Whose a key is and what it has signed, from the bytes of a dump to the report. */

const MiB = 2 ** 20;
const GAP = Buffer.alloc(128);

const publicDer = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });
const privateDer = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'pkcs8' });

async function findingsIn(...dumps: Buffer[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  await withTempDir(async (folder) => {
    const paths = dumps.map((bytes, i) => {
      const path = join(folder, `${i}.raw`);
      writeFileSync(path, bytes);
      return path;
    });
    for await (const event of scan({ paths })) if (event.type === 'finding') findings.push(event);
  });
  return findings;
}

function jwt(key: KeyObject, claims: object, header: object = {}): string {
  const text = [{ alg: 'RS256', typ: 'JWT', ...header }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${createSign('sha256').update(text).sign(key).toString('base64url')}`;
}

describe('certificates without a signature', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = privateDer(privateKey);
  const spki = publicDer(publicKey);
  const tbs = tbsCertificate({ spki });
  const whole = signed(tbs);
  const facts = {
    subject: 'CN=api.acme.example',
    san: ['DNS:api.acme.example', 'DNS:www.acme.example'],
    issuer: 'O=Acme, CN=Acme CA',
    serial: '0BADCAFE',
    notAfter: '2039-12-31T23:59:59.000Z',
  };
  const certificatesOf = async (...dumps: Buffer[]) => {
    const [finding, ...more] = await findingsIn(...dumps);
    expect(more).toEqual([]);
    return finding?.key?.certificates;
  };

  test('name the key, at their place, and prove nothing', async () => {
    const dump = Buffer.concat([GAP, key, GAP, tbs, GAP]);
    const [finding] = await findingsIn(dump);
    expect(finding?.key?.certificates).toEqual([
      { ...facts, offset: dump.indexOf(tbs), signed: false, form: 'tbs-certificate' },
    ]);
    // The proof is that of the bare public half at its own place.
    const [bare] = await findingsIn(Buffer.concat([GAP, key, GAP, tbs.fill(0, 0, tbs.indexOf(spki)), GAP]));
    expect(finding?.proof).toEqual(bare?.proof);
    expect(bare?.key?.certificates).toBeUndefined();
  });

  test('one entry: what has a signature wins, in one dump and over two', async () => {
    const unsigned = tbsCertificate({ spki });
    const one = Buffer.concat([GAP, key, GAP, unsigned, GAP, whole, GAP]);
    const expected = [{ ...facts, offset: one.indexOf(whole), signed: true, form: 'certificate' }];
    expect(await certificatesOf(one)).toEqual(expected);
    const [first, second] = [Buffer.concat([GAP, key, GAP, unsigned]), Buffer.concat([key, GAP, whole, GAP])];
    expect(await certificatesOf(first, second)).toEqual([{ ...expected[0], offset: second.indexOf(whole) }]);
  });

  test('a request beside the certificate', async () => {
    const request = signed(
      requestInfo({ spki, subject: name({ CN: 'next.acme.example' }), san: ['a.example'] }),
    );
    const dump = Buffer.concat([GAP, key, GAP, request, GAP, whole, GAP]);
    expect(
      (await certificatesOf(dump))?.map(({ form, subject, signed: isSigned }) => [form, subject, isSigned]),
    ).toEqual([
      ['certificate', 'CN=api.acme.example', true],
      ['certificate-request', 'CN=next.acme.example', false],
    ]);
  });

  test('more than are kept of a key: the rest is a limit', async () => {
    const flood = Array.from({ length: 40 }, (_, i) =>
      tbsCertificate({ spki, subject: name({ CN: `n${i}` }) }),
    );
    const all = await certificatesOf(Buffer.concat([key, GAP, ...flood]));
    expect(all).toHaveLength(8);
  });

  test('over an edge of a chunk of the sweep, wherever it divides them', async () => {
    const length = tbsCertificate({ spki }).length;
    const at = tbsCertificate({ spki }).indexOf(spki);
    const cuts = Array.from({ length }, (_, cut) => cut).filter(
      (cut) => cut % 16 === 0 || Math.abs(cut - at - 6) <= 9,
    );
    const memory = Buffer.alloc((cuts.length + 1) * MiB);
    const expected = cuts.map((cut, i) => {
      const pair = generateKeyPairSync('ed25519');
      const place = (i + 1) * MiB - cut;
      tbsCertificate({ spki: publicDer(pair.publicKey), subject: name({ CN: `n${i}` }) }).copy(memory, place);
      privateDer(pair.privateKey).copy(memory, i * MiB + 4096);
      return [`CN=n${i}`, place];
    });
    const found = (await findingsIn(memory)).flatMap(({ key: each }) =>
      (each?.certificates ?? []).map(({ subject, offset }) => [subject, offset]),
    );
    expect(found.sort((a, b) => Number(a[1]) - Number(b[1]))).toEqual(expected);
  });
});

describe('tokens that a key has signed', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' }) as string);

  test('are data: issuer, subject, expiry as a date, once each', async () => {
    const tokens = Array.from({ length: 30 }, (_, i) =>
      jwt(privateKey, { iss: 'https://login.acme.example', sub: `user-${i}`, exp: 1_900_000_000 + i }),
    );
    const other = jwt(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, {
      iss: 'other',
      sub: 'x',
    });
    const text = (all: string[]) => Buffer.from(`\0${all.join('\0\0')}\0`);
    const dump = Buffer.concat([pem, GAP, text([...tokens, other, tokens[3]!]), GAP]);
    const finding = (await findingsIn(dump)).find(({ kind }) => kind === 'private-key');
    expect(finding?.key?.tokenCount).toBe(30);
    expect(finding?.key?.tokens).toEqual(
      tokens.slice(0, 20).map((token, i) => ({
        ...{ artifact: 0, offset: dump.indexOf(token) },
        ...{ issuer: 'https://login.acme.example', subject: `user-${i}` },
        expires: new Date((1_900_000_000 + i) * 1000).toISOString(),
      })),
    );
  });

  test('claims of other types, and dates beyond the year 9999, are left out', async () => {
    const claims = { iss: 7, sub: { a: 1 }, exp: 1e15 };
    const dump = Buffer.concat([pem, GAP, Buffer.from(jwt(privateKey, claims)), GAP]);
    const finding = (await findingsIn(dump)).find(({ kind }) => kind === 'private-key');
    expect(finding?.key?.tokens).toEqual([{ artifact: 0, offset: pem.length + GAP.length }]);
  });
});

test('a secret in a name, a subject or a claim is masked there', async () => {
  const secret = randomBytes(24).toString('base64url');
  const hex = Buffer.from(secret).toString('hex');
  const ed25519 = generateKeyPairSync('ed25519');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const dump = Buffer.concat(
    [
      Buffer.from(`DATABASE_PASSWORD=${secret}\0`),
      Buffer.from(JSON.stringify({ ...ed25519.privateKey.export({ format: 'jwk' }), kid: `k-${secret}` })),
      tbsCertificate({
        spki: publicDer(ed25519.publicKey),
        subject: name({ CN: secret }),
        issuer: name({ O: hex }),
        san: [`${secret}.example`],
      }),
      Buffer.from(
        JSON.stringify({
          private_key_id: hex,
          private_key: rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }),
          client_email: `${secret}@acme.example`,
        }),
      ),
      Buffer.from(jwt(rsa.privateKey, { iss: secret, sub: Buffer.from(secret).toString('base64') })),
    ].flatMap((each) => [each, GAP]),
  );
  const findings = await findingsIn(dump);
  const [jwkKey, rsaKey] = ['Ed25519', 'RSA'].map((algorithm) =>
    findings.find(({ key }) => key?.algorithm === algorithm),
  );
  expect(jwkKey?.key).toMatchObject({ keyIds: [expect.stringContaining('[masked: ')] });
  expect(jwkKey?.key?.certificates?.[0]?.subject).toContain('[masked: ');
  expect(rsaKey?.key).toMatchObject({
    keyIds: [expect.stringContaining('[masked: ')],
    accounts: [expect.stringContaining('[masked: ')],
    tokens: [{ issuer: expect.stringContaining('[masked: '), subject: expect.stringContaining('[masked: ') }],
  });
  const report = JSON.stringify(findings);
  for (const form of [secret, hex, Buffer.from(secret).toString('base64')])
    expect(report).not.toContain(form);
});

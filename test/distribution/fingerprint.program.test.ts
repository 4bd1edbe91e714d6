import {
  createHash,
  createHmac,
  createPublicKey,
  type KeyObject,
  randomBytes,
  scryptSync,
} from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DumpsieveError, fingerprints } from '../../src/index.js';
import { runCli, scanJson } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import { freshSecrets } from '../support/secrets.js';

const secrets = freshSecrets();
const { rsa, ec, ed25519, openssh, github } = secrets;

/** The contract of a fingerprint with node:crypto alone: SHA-256 over the SPKI. */
const ofKey = (key: KeyObject): string =>
  `v1:${createHash('sha256')
    .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    .digest('hex')}`;
const LABEL = 'dumpsieve fingerprint v1';
const ofStrong = (text: string | Buffer) => `v1:${createHmac('sha256', LABEL).update(text).digest('hex')}`;
const ofWeak = (text: string) =>
  `v1:${scryptSync(text, LABEL, 32, { N: 2 ** 14, r: 8, p: 1 }).toString('hex')}`;

const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'sec1') =>
  key.export({ type, format: 'pem' }) as string;
const jwk = (key: KeyObject) => JSON.stringify(key.export({ format: 'jwk' }));
const publicPem = (key: KeyObject) => createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string;
const block = (label: string, bytes: Buffer) =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;
const random = randomBytes(24).toString('hex');

type Row = [name: string, secret: string | Buffer, expected: string];

/** Secrets that a scan finds: the report must have the same fingerprint. */
const found: Row[] = [
  ['PKCS#8 PEM, RSA', pem(rsa, 'pkcs8'), ofKey(rsa)],
  ['PKCS#1 PEM', pem(rsa, 'pkcs1'), ofKey(rsa)],
  ['SEC1 PEM', pem(ec, 'sec1'), ofKey(ec)],
  ['PKCS#8 DER, Ed25519', ed25519.export({ type: 'pkcs8', format: 'der' }), ofKey(ed25519)],
  ['SEC1 DER', ec.export({ type: 'sec1', format: 'der' }), ofKey(ec)],
  ['OpenSSH', openssh, ofKey(ed25519)],
  ['JWK', jwk(ec), ofKey(ec)],
  ['JWKS of one', `{"keys":[${jwk(rsa)}]}`, ofKey(rsa)],
  ['token', github, ofStrong(github)],
  ['token with a line end', `${github}\n`, ofStrong(github)],
  ['a value beside its name', `KEY=${random}`, ofStrong(random)],
  ['token with CR and LF', `${github}\r\n`, ofStrong(github)],
];

/** Secrets that no rule finds on its own. */
const others: Row[] = [
  ['public key', publicPem(ec), ofKey(ec)],
  ['public JWK', JSON.stringify(createPublicKey(rsa).export({ format: 'jwk' })), ofKey(rsa)],
  ['token that no rule knows', random, ofStrong(random)],
  ['the same with a line end', `${random}\n`, ofStrong(random)],
  ['two line ends: one is the token’s', `${random}\n\n`, ofStrong(`${random}\n`)],
  [
    'a public JWK after a byte order mark',
    `\ufeff${JSON.stringify(createPublicKey(rsa).export({ format: 'jwk' }))}`,
    ofKey(rsa),
  ],
  ['a token after a byte order mark', `\ufeff${random}\r\n`, ofStrong(random)],
  ['a guessable word', 'hunter2\n', ofWeak('hunter2')],
  ['NAME=value, which is no .env here', `SIZE=${random}`, ofStrong(`SIZE=${random}`)],
  [
    'bytes that are not text',
    Buffer.from(`ff00${random}0a`, 'hex'),
    ofStrong(Buffer.from(`ff00${random}0a`, 'hex')),
  ],
];

const printed = async (secret: string | Buffer) => (await fingerprints([Buffer.from(secret)])).join();

describe('the fingerprint of a secret', () => {
  test.each([...found, ...others])('%s', async (_, secret, expected) => {
    expect(await printed(secret)).toBe(expected);
  });

  test.each(found)('is the same in a report: %s', async (_, secret, expected) => {
    await withTempDir(async (cwd) => {
      writeFileSync(
        join(cwd, 'dump'),
        Buffer.concat([Buffer.alloc(100), Buffer.from(secret), Buffer.alloc(100)]),
      );
      const { report } = await scanJson(['dump'], { cwd });
      expect(report.findings.map(({ fingerprint }) => fingerprint)).toEqual([expected]);
    });
  });

  test('of several keys is one line each', async () => {
    const all = await fingerprints([Buffer.from(pem(rsa, 'pkcs8')), Buffer.from(pem(ec, 'pkcs8'))]);
    expect(all.sort()).toEqual([ofKey(rsa), ofKey(ec)].sort());
  });

  test('of an encrypted key is that of its ciphertext, in a report too', async () => {
    const sealed = rsa.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' });
    await withTempDir(async (cwd) => {
      writeFileSync(join(cwd, 'dump'), sealed);
      const { report } = await scanJson(['dump'], { cwd });
      expect(report.findings[0]?.kind).toBe('encrypted-key');
      expect(await printed(sealed as string)).toBe(report.findings[0]?.fingerprint);
    });
  });
});

describe('dumpsieve fingerprint', () => {
  test('reads standard input and prints one line', async () => {
    const { status, stdout, stderr } = await runCli(['fingerprint'], { input: `${github}\n` });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${ofStrong(github)}\n`, stderr: '' });
  });

  test.each([
    ['nothing', '', 'no-secret'],
    ['a line end alone', '\n', 'no-secret'],
    ['a PEM block that holds no key', block('CERTIFICATE REQUEST', randomBytes(90)), 'CERTIFICATE REQUEST'],
    ['a public key that is cut', publicPem(ec).slice(0, 90), 'no-secret'],
    ['more than any secret', Buffer.alloc(2 ** 20 + 1, 0x61), 'secret-too-large'],
  ])('%s is a wrong call', async (_, input, code) => {
    const { status, stdout, stderr } = await runCli(['fingerprint'], { input });
    expect({ status, stdout, stderr }).toEqual({
      status: 3,
      stdout: '',
      stderr: expect.stringContaining(code),
    });
    await expect(fingerprints([Buffer.from(input)])).rejects.toBeInstanceOf(DumpsieveError);
  });

  test('takes no secret from the command line', async () => {
    const { status, stderr } = await runCli(['fingerprint', github]);
    expect(status).toBe(3);
    expect(stderr).not.toContain(github.slice(10));
  });
});

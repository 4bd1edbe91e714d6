import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PUBLISHED_EC } from '../../fixtures/published/ec.js';
import { PUBLISHED_OCT } from '../../fixtures/published/oct.js';
import type { Finding } from '../../src/core/model/report.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';
import { findingsIn } from './memory-findings.js';

const encode = (text: string): string => Buffer.from(text).toString('base64url');
const PAYLOAD = '{"sub":"tenant-4711","scope":"orders:write","iat":1790000000}';

function macToken(secret: string | Buffer, bits = 256, payload = PAYLOAD): Buffer {
  const signed = `${encode(`{"alg":"HS${bits}","typ":"JWT"}`)}.${encode(payload)}`;
  return Buffer.from(`${signed}.${createHmac(`sha${bits}`, secret).update(signed).digest('base64url')}`);
}

function curveToken(key: KeyObject): Buffer {
  const signed = `${encode('{"alg":"ES256"}')}.${encode(PAYLOAD)}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return Buffer.from(`${signed}.${signature.toString('base64url')}`);
}

const counting = (findings: readonly Finding[]): Finding[] => findings.filter(({ counts }) => counts);

const FORGEABLE = expect.stringContaining('can forge such tokens');

test.each(['secret', 'password', 'your-256-bit-secret'])(
  'the word %s is not masked in paths, where a token verifies under it',
  async (word) => {
    await withTempDir(async (folder) => {
      const path = join(folder, `${word}.core`);
      writeFileSync(path, Buffer.concat([macToken(word), Buffer.from(`\nJWT_SECRET=${word}\n`)]));
      const places: string[] = [];
      for await (const event of scan({ paths: [path] })) {
        if (event.type === 'artifact') expect(event.path).toBe(path);
        if (event.type === 'finding') places.push(event.location.path);
      }
      expect(new Set(places)).toEqual(new Set([path]));
    });
  },
);

describe('a token of the dump under a secret of documentation', () => {
  test.each([
    ['your-256-bit-secret', 256, 'jwt.io'],
    ['secret', 512, 'jwt.io'],
    ['your-secret-key', 256, 'most usual words'],
    ['MySecretKey', 256, 'the name of the secret'],
    ['please-change-me', 384, 'to be changed'],
    ['keyboard cat', 256, 'Express'],
    ['super-secret-jwt-token-with-at-least-32-characters-long', 256, 'JSON Web Tokens'],
    ['404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970', 256, 'Spring'],
  ] as const)('%s, HS%i: counts, though the dump has no such text', async (secret, bits, source) => {
    const [finding, ...more] = counting(await findingsIn([macToken(secret, bits)]));
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ kind: 'symmetric-key', severity: 'high', confidence: 'proven' });
    const statements = [...finding!.proof!, ...finding!.notes!];
    expect(statements).toContainEqual(expect.stringContaining(source));
    expect(statements).toContainEqual(FORGEABLE);
    // The word is in no text of the report.
    expect(JSON.stringify(finding)).not.toContain(secret === 'secret' ? '"secret"' : secret);
  });

  test.each([
    ['octets of zero', Buffer.alloc(32), 256],
    ['octets of zero, as long as the block', Buffer.alloc(64), 256],
    ['one octet repeated', Buffer.alloc(32, 1), 256],
    ['one character repeated', Buffer.alloc(32, 'a'), 256],
    ['octets that count', Buffer.from(Array.from({ length: 64 }, (_, i) => i)), 512],
  ])('a key of %s', async (_, secret, bits) => {
    const [finding, ...more] = counting(await findingsIn([macToken(secret, bits)]));
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ kind: 'symmetric-key', severity: 'high', confidence: 'proven' });
    expect([...finding!.proof!, ...finding!.notes!]).toContainEqual(FORGEABLE);
  });

  test('decoded from base64, as jjwt does', async () => {
    const [finding] = counting(await findingsIn([macToken(Buffer.from('thisismysecretkey', 'base64'))]));
    expect(finding).toMatchObject({ severity: 'high' });
  });

  test('behind 2,000 tokens of others', async () => {
    const others = Array.from({ length: 2_000 }, (_, i) => macToken(`no word ${i}`, 256, `{"iss":"${i}"}`));
    const token = macToken('changeme');
    const found = counting(await findingsIn([Buffer.from(others.join('\0')), token]));
    expect(found).toMatchObject([{ severity: 'high' }]);
  });

  test('a secret of no list stays critical, and one that signs nothing is no finding', async () => {
    const key = Buffer.from('e1f9-27ab-55d0-c3b1-94aa-0c7e');
    const assigned = Buffer.from(`JWT_SECRET="${key}"`);
    expect(counting(await findingsIn([macToken(key), assigned]))).toMatchObject([{ severity: 'critical' }]);
    expect(counting(await findingsIn([Buffer.from('your-256-bit-secret')]))).toEqual([]);
  });
});

describe("jwt.io's own example", () => {
  const payload = '{"sub":"1234567890","name":"John Doe","iat":1516239022}';
  const token = macToken('your-256-bit-secret', 256, payload);

  test.each([
    ['alone', [token]],
    ['beside its secret', [token, Buffer.from('"your-256-bit-secret"')]],
  ])('%s does not count', async (_, chunks) => {
    expect(counting(await findingsIn(chunks))).toEqual([]);
  });
});

describe('a published key', () => {
  const { source, curve, ...point } = PUBLISHED_EC.find((key) => key.source === 'RFC 7515, appendix A.3')!;
  const key = createPrivateKey({ key: { kty: 'EC', crv: curve, ...point }, format: 'jwk' });
  const publicHalf = createPublicKey(key).export({ type: 'spki', format: 'pem' });
  const oct = PUBLISHED_OCT[0]!;

  test.each([
    ['its private half', key.export({ type: 'pkcs8', format: 'pem' })],
    ['its public half alone', publicHalf],
  ])('counts with a token that verifies: %s', async (_, pem) => {
    const found = counting(await findingsIn([Buffer.from(pem), curveToken(key)]));
    expect(found).toMatchObject([{ kind: 'private-key', severity: 'high', confidence: 'proven' }]);
    const statements = [...found[0]!.proof!, ...found[0]!.notes!];
    expect(statements).toContainEqual(expect.stringContaining(source));
    expect(statements).toContainEqual(expect.stringMatching(/^verifies the JWT at 0x/));
    expect(statements).toContainEqual(FORGEABLE);
  });

  test('a symmetric one counts with a token that verifies', async () => {
    const jwk = JSON.stringify({ kty: 'oct', k: oct.k });
    expect(counting(await findingsIn([Buffer.from(jwk)]))).toEqual([]);
    const found = counting(await findingsIn([Buffer.from(jwk), macToken(Buffer.from(oct.k, 'base64url'))]));
    expect(found).toMatchObject([{ severity: 'high' }]);
  });

  test('its public half alone is no finding', async () => {
    expect(counting(await findingsIn([Buffer.from(publicHalf)]))).toEqual([]);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(counting(await findingsIn([Buffer.from(publicHalf), curveToken(privateKey)]))).toEqual([]);
  });
});

import { createHash, createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { knownFingerprints } from '../../../src/scan/policy/allow-list.js';
import { readEntries } from '../../../src/scan/secret-files/read.js';
import { strongText } from '../../prove/judge/judged-builder.js';

const pairs = {
  RSA: generateKeyPairSync('rsa', { modulusLength: 1024 }),
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  Ed25519: generateKeyPairSync('ed25519'),
};
const expected = (key: KeyObject) =>
  `v1:${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')}`;
const tokenPrint = (value: string | Buffer) =>
  `v1:${createHmac('sha256', 'dumpsieve fingerprint v1').update(value).digest('hex')}`;
const read = async (content: string | Buffer) => [
  ...knownFingerprints(await readEntries(Buffer.from(content))),
];

/** RFC 4251, section 5: a string. An mpint has a leading zero if its top bit is set. */
const string = (bytes: Buffer | string) => {
  const body = Buffer.from(bytes as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
};
const raw = (text: string | undefined) => Buffer.from(text ?? '', 'base64url');
const mpint = (bytes: Buffer) =>
  string((bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);

function sshBlob(key: KeyObject): Buffer {
  const jwk = key.export({ format: 'jwk' });
  if (jwk.kty === 'RSA') return Buffer.concat([string('ssh-rsa'), mpint(raw(jwk.e)), mpint(raw(jwk.n))]);
  if (jwk.kty === 'OKP') return Buffer.concat([string('ssh-ed25519'), string(raw(jwk.x))]);
  const curve = `nistp${jwk.crv?.slice(2)}`;
  const point = Buffer.concat([Buffer.of(4), raw(jwk.x), raw(jwk.y)]);
  return Buffer.concat([string(`ecdsa-sha2-${curve}`), string(curve), string(point)]);
}

/** Type and blob of a line in `id_*.pub`. */
function sshLine(key: KeyObject): string {
  const blob = sshBlob(key);
  return `${blob.toString('latin1', 4, 4 + (blob[3] ?? 0))} ${blob.toString('base64')}`;
}

describe.each(Object.entries(pairs))('%s', (name, { publicKey, privateKey }) => {
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const forms: [string, string | Buffer][] = [
    ['public PEM', publicKey.export({ type: 'spki', format: 'pem' }) as string],
    ['private PEM', pkcs8],
    ['public DER', publicKey.export({ type: 'spki', format: 'der' }) as Buffer],
    ['private DER', privateKey.export({ type: 'pkcs8', format: 'der' }) as Buffer],
    ['JWK', JSON.stringify(publicKey.export({ format: 'jwk' }))],
    ['private JWK', JSON.stringify(privateKey.export({ format: 'jwk' }))],
    ['JWKS', JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] })],
    ['SSH public key', `ssh-comment\n${sshLine(publicKey)} me@host\n`],
    [
      'OpenSSH private key, encrypted: its public half in the clear',
      `-----BEGIN OPENSSH PRIVATE ${'KEY'}-----\n${Buffer.concat([
        Buffer.from('openssh-key-v1\0', 'latin1'),
        string('aes256-ctr'),
        string('bcrypt'),
        string(Buffer.alloc(24, 1)),
        Buffer.of(0, 0, 0, 1),
        string(sshBlob(publicKey)),
        string(Buffer.alloc(64, 7)),
      ]).toString('base64')}\n-----END OPENSSH PRIVATE ${'KEY'}-----\n`,
    ],
    ['.env', `# keys\nKEY="${pkcs8.replaceAll('\n', '\\n')}"\n`],
    [
      'Kubernetes Secret',
      stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        data: { 'tls.key': Buffer.from(pkcs8).toString('base64') },
      }),
    ],
    [
      'Kubernetes List in JSON',
      JSON.stringify({ kind: 'List', items: [{ kind: 'Secret', stringData: { 'tls.key': pkcs8 } }] }),
    ],
  ];
  test.each(forms)('%s', async (_, content) => {
    expect(await read(content)).toEqual([expected(publicKey)]);
  });

  test('the canonical form is the one that node exports', () => {
    expect(name === 'RSA' || createPublicKey(privateKey).equals(publicKey)).toBe(true);
  });
});

describe('a key has one fingerprint for all encodings of its algorithm', () => {
  test('RSA-PSS: that of rsaEncryption', async () => {
    const pss = generateKeyPairSync('rsa-pss', {
      modulusLength: 1024,
      hashAlgorithm: 'sha256',
      mgf1HashAlgorithm: 'sha256',
    });
    const spki = pss.publicKey.export({ type: 'spki', format: 'der' });
    // SEQUENCE { n, e } of 1,024 bits has 140 octets: 129 of n, 3 of e, and headers.
    const plain = createPublicKey({ key: spki.subarray(-140), format: 'der', type: 'pkcs1' });
    for (const { key, type } of [
      { key: pss.publicKey, type: 'spki' },
      { key: pss.privateKey, type: 'pkcs8' },
    ] as const)
      expect(await read(key.export({ type, format: 'pem' } as { type: 'spki'; format: 'pem' }))).toEqual([
        expected(plain),
      ]);
  });

  test('explicit curve parameters: that of the named curve', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' });
    const named = createPublicKey({ key: publicKey.export({ format: 'jwk' }), format: 'jwk' });
    expect(publicKey.export({ type: 'spki', format: 'der' }).length).toBeGreaterThan(200);
    expect(await read(publicKey.export({ type: 'spki', format: 'pem' }))).toEqual([expected(named)]);
  });
});

describe('tokens', () => {
  const [a, b] = [strongText(21), strongText(22)];

  test('.env: values in all kinds of quotes, without short settings', async () => {
    const text = `A=${a}\nexport B='${b}' # comment\nPORT=8080\n`;
    expect(await read(text)).toEqual([tokenPrint(a), tokenPrint(b)]);
  });

  test('Kubernetes Secret', async () => {
    const secret = { kind: 'Secret', data: { a: Buffer.from(a).toString('base64') }, stringData: { b } };
    expect(await read(stringify(secret))).toEqual([tokenPrint(a), tokenPrint(b)]);
  });

  test('symmetric JWK: its bytes', async () => {
    const k = Buffer.from(strongText(23));
    expect(await read(JSON.stringify({ kty: 'oct', k: k.toString('base64url') }))).toEqual([tokenPrint(k)]);
  });
});

const CUT_BLOB = Buffer.concat([string('ssh-rsa'), Buffer.of(255, 255, 255, 255)]);

describe('unrecognised input is left out', () => {
  test.each([
    ['nothing', ''],
    ['prose', 'hello world'],
    ['JSON of another kind', '{"a": ["b"]}'],
    ['a damaged PEM', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'],
    ['DER of another kind', Buffer.of(0x30, 3, 2, 1, 5)],
    ['a cut SSH blob', `ssh-rsa ${CUT_BLOB.toString('base64')}${'A'.repeat(24)}`],
    ['deep nesting', `${'{"items":['.repeat(2_000)}${']}'.repeat(2_000)}`],
  ])('%s', async (_, content) => {
    expect(await read(content)).toEqual([]);
  });
});

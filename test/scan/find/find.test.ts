import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openSshEd25519 } from '../../../fixtures/openssh.js';
import type { ScanOptions } from '../../../src/api/scan.js';
import type { FindReport, ScanEvent } from '../../../src/core/model/report.js';
import { withTempDir } from '../../support/folder.js';
import { scan } from '../../support/scan.js';

/** The way from a file of targets to the answer, in one process. */

const keys = {
  'RSA-2048': generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  secp256k1: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey,
  brainpoolP256r1: generateKeyPairSync('ec', { namedCurve: 'brainpoolP256r1' }).privateKey,
  Ed25519: generateKeyPairSync('ed25519').privateKey,
  X25519: generateKeyPairSync('x25519').privateKey,
  Ed448: generateKeyPairSync('ed448').privateKey,
};
type Name = keyof typeof keys;

const pkcs8 = (key: KeyObject): Buffer => key.export({ type: 'pkcs8', format: 'der' });
const pem = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1'): string =>
  key.export({ type: type as 'pkcs8', format: 'pem' }) as string;
const createPublic = (key: KeyObject): Buffer => createPublicKey(key).export({ type: 'spki', format: 'der' });
const jwk = (key: KeyObject): string => JSON.stringify(key.export({ format: 'jwk' }));
const inDotEnv = (key: KeyObject): string => `SIGNING=${Buffer.from(pem(key, 'pkcs8')).toString('base64')}\n`;
const inSecret = (key: KeyObject): string =>
  `kind: Secret\nmetadata:\n  name: s\ndata:\n  k: ${Buffer.from(pem(key, 'pkcs8')).toString('base64')}\n`;
const openssh = (key: KeyObject): string => openSshEd25519(key, 0x1234_5678, 'me');

/**
 * The private integer of a key, big-endian: d, a scalar or a seed. From DER for brainpool, which has no JWK.
 */
function privatePart(name: Name): Buffer {
  const key = keys[name];
  if (name !== 'brainpoolP256r1') return Buffer.from(key.export({ format: 'jwk' }).d!, 'base64url');
  const der = pkcs8(key);
  const at = der.indexOf(Buffer.from('0201010420', 'hex'));
  return der.subarray(at + 5, at + 37);
}

type Writer = (key: KeyObject) => string | Buffer;
const ALL = Object.keys(keys) as Name[];
const EC: Name[] = ['P-256', 'P-384', 'P-521', 'secp256k1', 'brainpoolP256r1'];
const forms: [name: string, write: Writer, of: Name[]][] = [
  ['PKCS#8 in PEM', (key) => pem(key, 'pkcs8'), ALL],
  ['PKCS#8 in DER', pkcs8, ALL],
  ['PKCS#1', (key) => pem(key, 'pkcs1'), ['RSA-2048']],
  ['PKCS#1 in DER', (key) => key.export({ type: 'pkcs1', format: 'der' }), ['RSA-2048']],
  ['SEC 1', (key) => pem(key, 'sec1'), EC],
  ['SEC 1 in DER', (key) => key.export({ type: 'sec1', format: 'der' }), EC],
  ['JWK', jwk, ALL.filter((name) => name !== 'brainpoolP256r1')],
  ['JWKS', (key) => `{"keys": [${jwk(key)}]}`, ['RSA-2048', 'P-256', 'Ed25519']],
  ['OpenSSH', openssh, ['Ed25519']],
  ['an .env', inDotEnv, ['RSA-2048', 'P-256', 'Ed25519']],
  ['a Kubernetes Secret', inSecret, ['RSA-2048', 'P-256', 'Ed25519']],
];

async function ask(
  target: string | Buffer,
  dump: Buffer,
  options: Partial<ScanOptions> = {},
): Promise<{ find: FindReport[]; exit: number; events: ScanEvent[] }> {
  return withTempDir(async (folder) => {
    const [file, path] = [join(folder, 'target'), join(folder, 'dump.raw')];
    writeFileSync(file, target);
    writeFileSync(path, dump);
    const events: ScanEvent[] = [];
    for await (const event of scan({ paths: [path], find: [file], jobs: 1, ...options })) events.push(event);
    const find = events.filter((event) => event.type === 'find');
    const last = events.at(-1);
    return { find, exit: last?.type === 'summary' ? last.exit : 3, events };
  });
}

/** Noise, then `bytes` at an odd offset, then noise. */
const among = (bytes: Uint8Array): Buffer => Buffer.concat([randomBytes(1_001), bytes, randomBytes(500)]);

const rows = forms.flatMap(([form, write, of]) =>
  of.map((name): [string, Name, Writer] => [form, name, write]),
);

test.each(rows)(
  'a private key in %s, %s: present if its private integer is found',
  async (_, name, write) => {
    const part = privatePart(name);
    const { find, exit } = await ask(write(keys[name]), among(part), {
      entropyNet: false,
      failOn: 'critical',
    });
    expect(find).toMatchObject([
      { askedBy: 'private-key', results: [{ artifact: 0, status: 'present', complete: true }] },
    ]);
    const [place] = find[0]?.results[0]?.occurrences ?? [];
    expect(place?.encoding).toBe('bytes-be');
    // Without a leading zero.
    expect((place?.offset ?? 0) + (place?.length ?? 0)).toBe(1_001 + part.length);
    expect(place?.length).toBeGreaterThanOrEqual(part.length - 2);
    expect(exit).toBe(1);
  },
);

test.each(ALL)('%s: absent in noise, and with its public half alone', async (name) => {
  const file = pem(keys[name], 'pkcs8');
  const spki = createPublic(keys[name]);
  const options = { expectAbsent: true };
  expect(await ask(file, among(Buffer.alloc(0)), options)).toMatchObject({
    exit: 0,
    find: [{ results: [{ status: 'absent', forms: [], complete: true }] }],
  });
  expect(await ask(file, among(spki), options)).toMatchObject({
    exit: 0,
    find: [{ results: [{ status: 'public-only' }] }],
  });
});

test('a symmetric JWK is found as bytes and as text', async () => {
  const k = randomBytes(32);
  const file = JSON.stringify({ kty: 'oct', kid: 'hs', k: k.toString('base64url') });
  for (const bytes of [k, Buffer.from(k.toString('base64')), Buffer.from(k.toString('hex').toUpperCase())]) {
    const { find } = await ask(file, among(bytes));
    expect(find).toMatchObject([{ name: 'target: hs', askedBy: 'value', results: [{ status: 'present' }] }]);
  }
});

test.each<[what: string, content: string, names: (string | readonly string[] | undefined)[][]]>([
  [
    'two variables',
    'A_TOKEN=Zk3pQ9vXr7\nB_TOKEN=Zk3pQ9vXr7\nC_TOKEN=Yk3pQ9vXr7\n',
    [['A_TOKEN', ['B_TOKEN']], ['C_TOKEN']],
  ],
  ['one variable twice', 'A_TOKEN=Zk3pQ9vXr7\nA_TOKEN=Zk3pQ9vXr7\n', [['A_TOKEN']]],
  ['a setting and a password', 'MODE=production\nDB_PASSWORD=production\n', [['MODE', ['DB_PASSWORD']]]],
  ['a password and a setting', 'DB_PASSWORD=production\nMODE=production\n', [['DB_PASSWORD', ['MODE']]]],
])('names that share a value are all in the answer: %s', (_what, content, names) =>
  withTempDir(async (folder) => {
    const [file, dump] = [join(folder, 'f.env'), join(folder, 'dump')];
    writeFileSync(file, content);
    writeFileSync(dump, 'x Zk3pQ9vXr7 Yk3pQ9vXr7 production x');
    const events: ScanEvent[] = [];
    for await (const event of scan({ paths: [dump], find: [file] })) events.push(event);
    const answers = events.filter((event) => event.type === 'find');
    const found = answers.map(({ name, alsoNamed }) => [name, ...(alsoNamed ? [alsoNamed] : [])]);
    expect(found).toEqual(names.map(([first, ...more]) => [`f.env: ${first}`, ...more]));
    expect(answers.map(({ results }) => results[0]?.status)).toEqual(names.map(() => 'present'));
    const proofs = events.flatMap((event) => (event.type === 'finding' ? event.proof : []));
    expect(proofs[0]).toContain(`f.env: ${names[0]!.flat().join(', ')}`);
  }),
);

test('names of settings that share a value are all named in the warning', () =>
  withTempDir(async (folder) => {
    const [file, dump] = [join(folder, 'f.env'), join(folder, 'dump')];
    writeFileSync(file, 'MODE=production\nSTAGE=production\nA_TOKEN=Zk3pQ9vXr7\n');
    writeFileSync(dump, 'x');
    const messages: string[] = [];
    for await (const event of scan({ paths: [dump], find: [file] }))
      if (event.type === 'summary') messages.push(...event.warnings.map(({ message }) => message));
    expect(messages.join()).toContain('they look like settings: MODE, STAGE');
  }));

test('an SSH fingerprint finds the private key and the public one', async () => {
  const blob = Buffer.concat([
    Buffer.from('0000000b7373682d6564323535313900000020', 'hex'),
    createPublic(keys.Ed25519).subarray(-32),
  ]);
  const print = createHash('sha256').update(blob).digest('base64').slice(0, 43);
  const file = `256 SHA256:${print} me@host (ED25519)\n`;
  expect((await ask(file, among(pkcs8(keys.Ed25519)))).find).toMatchObject([
    { sshFingerprint: `SHA256:${print}`, results: [{ status: 'present', forms: ['pkcs8'] }] },
  ]);
  expect((await ask(file, among(createPublic(keys.Ed25519)))).find).toMatchObject([
    { askedBy: 'ssh-fingerprint', results: [{ status: 'public-only', forms: ['spki'] }] },
  ]);
});

test('a private half without its public one is proven by the target', async () => {
  // PKCS#8 of a P-256 key without the optional point: only the certificate has the public half.
  const bare = Buffer.concat([
    Buffer.from('3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420', 'hex'),
    privatePart('P-256'),
  ]);
  const file = createPublic(keys['P-256']);
  const { find, events } = await ask(file, among(bare), { entropyNet: false });
  expect(find).toMatchObject([{ askedBy: 'public-key', results: [{ status: 'present', forms: ['pkcs8'] }] }]);
  const [finding] = events.filter((event) => event.type === 'finding');
  expect(finding).toMatchObject({ confidence: 'proven', counts: true });
  expect(finding?.proof.join()).toContain('d*G = Q of the --find target target');
});

test('an aborted scan answers for the part that was searched', async () => {
  const signal = AbortSignal.abort('interrupted');
  const { find, exit } = await ask(pem(keys.Ed25519, 'pkcs8'), among(privatePart('Ed25519')), { signal });
  expect(exit).toBe(2);
  for (const { results } of find) for (const { complete } of results) expect(complete).toBe(false);
});

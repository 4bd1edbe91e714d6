import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { fingerprints, type Notice, readTargets, type ScanEvent, type Target } from '../../src/index.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';

type Files = Record<string, string | Uint8Array>;

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string;
const publicPem = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string;
const spkiDigest = (key: KeyObject): string =>
  createHash('sha256')
    .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    .digest('hex');

function withFiles<T>(files: Files, use: (paths: string[], folder: string) => Promise<T>): Promise<T> {
  return withTempDir(async (folder) => {
    const paths = Object.keys(files).map((name) => join(folder, name));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return use(paths, folder);
  });
}

const targetsOf = (files: Files): Promise<Target[]> => withFiles(files, (paths) => readTargets(paths));

/** Findings of a dump, and the answers for files of --find. */
async function scanned(dump: Uint8Array, find: string[] = []): Promise<ScanEvent[]> {
  return withTempDir(async (folder) => {
    const path = join(folder, 'dump');
    writeFileSync(path, dump);
    const events: ScanEvent[] = [];
    for await (const event of scan({ paths: [path], jobs: 1, ...(find.length > 0 ? { find } : {}) }))
      events.push(event);
    return events;
  });
}

const foundIn = (events: readonly ScanEvent[]): (string | null)[] =>
  events.flatMap((event) => (event.type === 'finding' ? [event.fingerprint] : []));

test('targets are those of the find events, in their order', () => {
  const files: Files = {
    'rsa.pem': pem(rsa),
    'public.pem': publicPem(ec),
    'both.pem': pem(ec) + publicPem(rsa),
    'digests.txt': `sha256:${'ab'.repeat(32)}\n`,
    'f.env': 'A_TOKEN=Zk3pQ9vXr7\nB_TOKEN=Zk3pQ9vXr7\nMODE=production\nC_SECRET=Yk3pQ9vXr7\n',
  };
  return withFiles(files, async (paths) => {
    const events = await scanned(randomBytes(1_000), paths);
    const asked = events.flatMap((event) => (event.type === 'find' ? [event] : []));
    const targets = await readTargets(paths);
    expect(targets.length).toBeGreaterThan(6);
    expect(targets.map(({ name, alsoNamed, askedBy, spki }) => ({ name, alsoNamed, askedBy, spki }))).toEqual(
      asked.map(({ name, alsoNamed, askedBy, spkiSha256: spki }) => ({ name, alsoNamed, askedBy, spki })),
    );
  });
});

test('a digest says what is searched for: a private key for more than its public half', async () => {
  const files: Files = { a: pem(rsa), b: publicPem(rsa), c: `sha256:${spkiDigest(rsa)}\n` };
  const targets = await targetsOf(files);
  expect(targets.map(({ digest }) => digest)).toEqual(
    ['private', 'public', 'sha256'].map((kind) => `${kind}:${spkiDigest(rsa)}`),
  );
  const facts = { spki: spkiDigest(rsa), ssh: expect.stringMatching(/^SHA256:/), jwk: expect.any(String) };
  expect(targets.slice(0, 2)).toMatchObject([facts, facts]);
  for (const { fingerprints: each } of targets) expect(each).toContain(`v1:${spkiDigest(rsa)}`);
});

test('an SSH fingerprint is a name without a fingerprint of a finding', async () => {
  const [known] = await targetsOf({ key: pem(ec) });
  const [asked] = await targetsOf({ list: `${known!.ssh}\n` });
  expect(asked).toEqual({
    digest: `ssh:${known!.ssh}`,
    name: 'list',
    askedBy: 'ssh-fingerprint',
    ssh: known!.ssh,
    fingerprints: [],
  });
});

const token = `ghs_${randomBytes(27).toString('hex').slice(0, 36)}`;
const strong = randomBytes(24).toString('base64url');

test.each<[name: string, value: string]>([
  ['a guessable value', 'Zk3pQ9vXr7'],
  ['a strong value', strong],
  ['a token', token],
])('%s has the fingerprint of its findings, and no other name', async (_name, value) => {
  const [target] = await targetsOf({ 'f.env': `DB_PASSWORD=${value}\n` });
  const { digest, name, askedBy, fingerprints: known } = target!;
  expect({ name, askedBy }).toEqual({ name: 'f.env: DB_PASSWORD', askedBy: 'value' });
  expect(known).toContain(digest);
  const [said] = await fingerprints([Buffer.from(value)]);
  expect(known).toContain(said);
  const hash = createHash('sha256').update(value);
  expect(JSON.stringify(target)).not.toContain(hash.copy().digest('hex'));
  expect(JSON.stringify(target)).not.toContain(hash.digest('base64').slice(0, 12));
});

test.each<[encoding: string, encode: (text: string) => Uint8Array]>([
  ['UTF-8', (text) => Buffer.from(text)],
  ['UTF-16LE', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['UTF-16BE', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
])('an .env in %s has the same values, and keys in base64', async (_name, encode) => {
  const text = `DB_PASSWORD=${strong}\nSIGNING_KEY=${Buffer.from(pem(ec)).toString('base64')}\n`;
  const targets = await targetsOf({ 'f.env': encode(text) });
  expect(targets.map(({ digest }) => digest).sort()).toEqual(
    [`private:${spkiDigest(ec)}`, ...(await fingerprints([Buffer.from(strong)]))].sort(),
  );
});

test('a finding whose public half contradicts it is known by a number of the key', async () => {
  const other = createPublicKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  const point = other.export({ type: 'spki', format: 'der' }).subarray(-65);
  const der = Buffer.from(ec.export({ type: 'sec1', format: 'der' }));
  point.copy(der, der.length - 65);
  const block = `-----BEGIN EC PRIVATE KEY-----\n${der.toString('base64')}\n-----END EC PRIVATE KEY-----\n`;
  const [found, ...others] = foundIn(await scanned(Buffer.from(block)));
  expect(others).toEqual([]);
  expect(found).not.toBe(`v1:${spkiDigest(ec)}`);
  const [target] = await targetsOf({ key: pem(ec) });
  expect(target!.fingerprints).toContain(found);
});

test('too many guessable values are an error, which names no value', async () => {
  const lines = Array.from({ length: 600 }, (_, i) => `PASSWORD_${i}=Zk3pQ9v${i}\n`).join('');
  const other = lines.replaceAll('Zk3', 'Yk4');
  const error = await targetsOf({ 'a.env': lines, 'b.env': other }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'too-many-values', exit: 3 });
  expect(String(error)).not.toContain('k3pQ9');
});

test('what is not understood or searched for is said', () =>
  withFiles({ 'f.env': 'DB_PASSWORD=Zk3pQ9vXr7\nMODE=production\n' }, async (paths) => {
    const notices: Notice[] = [];
    await readTargets(paths, { onNotice: (notice) => notices.push(notice) });
    expect(notices).toMatchObject([{ code: 'find-settings-left-out' }]);
  }));

test('it ends with its signal', () =>
  withFiles({ 'f.env': 'DB_PASSWORD=Zk3pQ9vXr7\n' }, async (paths) => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(readTargets(paths, { signal })).rejects.toThrow('enough');
  }));

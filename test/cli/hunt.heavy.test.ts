import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openssl } from '../detect/keys.js';
import { DUMP_FORMATS, KEY_FORMS, limbs, TEXT_FORMS } from '../fleet/query/forms.js';
import { shownText } from '../report/html-blocks.js';
import { type CliResult, runCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { shownSecrets } from '../support/naive-oracle.js';

/** A hunt by its commands, over a store in a file. */

interface Answer {
  exit: number;
  asked: Record<string, number>;
  targets: {
    presence: string;
    found: { dump: { uri: string }; finding: { place: { member: string } } }[];
    answers: { dump: { uri: string }; answer: { status: string } }[];
  }[];
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dumpsieve-hunt-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The words of a line, then further ones. */
const hunt = (line: string, ...more: string[]): Promise<CliResult> =>
  runCli(['hunt', ...line.split(' '), ...more], { cwd: folder });

function write(name: string, content: string | Uint8Array): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), content);
}

async function asked(store: string, file: string): Promise<Answer & { names: string[] }> {
  const { stdout, status } = await hunt(`query --store ${store} --key ${file} --format json`);
  const answer = JSON.parse(stdout) as Answer;
  expect(answer.exit).toBe(status);
  const [target] = answer.targets;
  const uris = [...target!.found, ...target!.answers].map(({ dump }) => basename(dump.uri));
  return { ...answer, names: [...new Set(uris)].sort() };
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const pem = rsa.export({ type: 'pkcs8', format: 'pem' }) as string;

describeWith(['openssl'], 'a certificate', () => {
  const names = Object.keys(KEY_FORMS).flatMap((form) =>
    Object.keys(DUMP_FORMATS).map((format) => `${form}.${format}`),
  );
  let added: CliResult;

  beforeAll(async () => {
    for (const [form, ofKey] of Object.entries(KEY_FORMS))
      for (const [format, dumpOf] of Object.entries(DUMP_FORMATS))
        write(`keys/${form}.${format}`, dumpOf(ofKey(rsa)));
    write('keys/nothing.raw', randomBytes(4096));
    write('key.pem', pem);
    const certificate = openssl(['req', '-x509', '-key', join(folder, 'key.pem'), '-subj', '/CN=hunt']);
    write('key.crt', certificate!);
    added = await hunt('add keys --store keys.db');
  });

  test('finds its key as PEM, DER, JWK and bare primes, in dumps of each format', async () => {
    expect(added).toMatchObject({ status: 1, stderr: '' });
    expect(added.stdout).toContain(`listed: ${names.length + 1} added`);
    const answer = await asked('keys.db', 'key.crt');
    expect(answer).toMatchObject({ exit: 1, targets: [{ presence: 'present' }] });
    expect(answer.names).toEqual([...names].sort());
  });

  test('is one question: a file with the same key gives the same dumps', async () => {
    const byKey = await asked('keys.db', 'key.pem');
    expect(byKey.names).toEqual([...names].sort());
  });

  test('the key is in more than one dump, in each format of answers', async () => {
    const pretty = await hunt('query --store keys.db --repeated');
    expect(pretty.status).toBe(1);
    expect(pretty.stdout).toContain(`in ${names.length} dumps`);
    const csv = await hunt('query --store keys.db --repeated --format csv');
    const lines = csv.stdout.trim().split('\n').slice(1);
    expect(lines.filter((line) => line.includes('"private-key"'))).toHaveLength(names.length);
  });

  test('no output has 12 bytes of the key in a row, in any encoding', async () => {
    const jwk = rsa.export({ format: 'jwk' }) as Record<string, string>;
    const secrets = ['d', 'p', 'q', 'dp', 'dq', 'qi'].flatMap((name) => {
      const bytes = Buffer.from(jwk[name]!, 'base64url');
      return [bytes, Buffer.from(bytes).reverse()];
    });
    for (const format of ['pretty', 'json', 'csv', 'html'])
      for (const question of [['--key', 'key.pem'], ['--repeated'], []]) {
        const { stdout } = await hunt(`query --store keys.db --format ${format}`, ...question);
        const shown = shownText(format, stdout);
        expect(shown).toContain('RSA private key');
        expect(shownSecrets(secrets, shown)).toEqual([]);
      }
    const status = await hunt('status --store keys.db --json');
    expect(shownSecrets(secrets, added.stdout + added.stderr + status.stdout)).toEqual([]);
  });

  test('the store is of its owner alone, and says how far it is', async () => {
    expect(statSync(join(folder, 'keys.db')).mode & 0o777).toBe(0o600);
    const { status, stdout } = await hunt('status --store keys.db --json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      dumps: names.length + 1,
      done: names.length + 1,
      pending: 0,
      failed: 0,
    });
  });
});

describe('a value of an .env', () => {
  const value = randomBytes(18).toString('base64url');
  const files = Object.keys(TEXT_FORMS).map((form) => `${form}.env`);

  beforeAll(async () => {
    const text = `DB_PASSWORD=${value}\n`;
    write('utf-8.env', text);
    write('utf-16.env', Buffer.from(`\ufeff${text}`, 'utf16le'));
    // A Kubernetes Secret has it in base64.
    write('base64.env', `kind: Secret\ndata:\n  DB_PASSWORD: ${Buffer.from(value).toString('base64')}\n`);
    for (const [form, encode] of Object.entries(TEXT_FORMS))
      write(`values/${form}`, Buffer.concat([randomBytes(501), encode(text), randomBytes(300)]));
    for (const [form, encode] of Object.entries(TEXT_FORMS))
      write(`bare/${form}`, Buffer.concat([randomBytes(501), encode(value), Buffer.alloc(8)]));
    await hunt('add values bare --store values.db');
  });

  test.each(files)('is found by its name, as %s has it', async (file) => {
    const answer = await asked('values.db', file);
    expect(answer).toMatchObject({ exit: 1, targets: [{ presence: 'present' }] });
    expect(answer.names).toEqual(expect.arrayContaining(['utf-8', 'utf-16']));
  });

  test('is found in each encoding after --find', async () => {
    await hunt('add values bare --store values.db --find utf-8.env --rescan --yes');
    const { stdout } = await hunt('query --store values.db --key utf-16.env --format json');
    const [target] = (JSON.parse(stdout) as Answer).targets;
    const uris = [...target!.found, ...target!.answers].map(({ dump }) =>
      dump.uri.replace(/.*(\/\w+\/)/, '$1'),
    );
    expect([...new Set(uris)].sort()).toEqual(
      ['bare', 'values'].flatMap((place) => ['base64', 'utf-16', 'utf-8'].map((form) => `/${place}/${form}`)),
    );
  });
});

test('a lone prime: not found by the rules, present after --find, and absent elsewhere', async () => {
  const { p = '' } = rsa.export({ format: 'jwk' });
  write('lone/prime', Buffer.concat([randomBytes(500), limbs(p), randomBytes(500)]));
  write('lone/other', randomBytes(1000));
  write('key.pem', pem);
  await hunt('add lone --store lone.db');
  const before = await hunt('query --store lone.db --key key.pem');
  expect(before.status).toBe(2);
  expect(before.stdout).toContain('not found by the rules, which is no proof');

  const rescan = await hunt('add lone --store lone.db --find key.pem --rescan --yes');
  expect(rescan.status).toBe(1);
  expect(rescan.stderr).toMatch(/^dumpsieve: rescan: 2 dumps, /);
  const after = await asked('lone.db', 'key.pem');
  expect(after).toMatchObject({ exit: 1, names: ['prime'], targets: [{ presence: 'present' }] });

  const other = await hunt('query --store lone.db --key key.pem --file other');
  expect(other.status).toBe(0);
  expect(other.stdout).toContain('absent from 1 dump');
});

test('what was interrupted or known is not scanned again, and is forgotten when asked', async () => {
  write('some/a', 'x'.repeat(500));
  write('some/b', 'x'.repeat(500));
  const first = await hunt('add some --store some.db');
  expect(first).toMatchObject({ status: 0 });
  expect(first.stdout).toContain('scanned: 1 dump, ');
  expect((await hunt('add some --store some.db')).stdout).toContain(
    'listed: 0 added, 0 changed, 2 unchanged',
  );
  const asking = await hunt('forget --store some.db **/some/*');
  expect(asking).toMatchObject({ status: 3, stderr: expect.stringContaining('not-confirmed') });
  expect(asking.stdout).toContain('to remove: 2 dumps');
  expect((await hunt('forget --store some.db **/some/* --yes')).status).toBe(0);
  expect(JSON.parse((await hunt('status --store some.db --json')).stdout)).toMatchObject({ dumps: 0 });
});

test('answers go to files as well, and none of them is what is read', async () => {
  write('key.pem', pem);
  write('one/a', pem);
  await hunt('add one --store one.db');
  const { status, stdout } = await hunt(
    'query --store one.db --key key.pem -q -o json=a.json -o html=a.html',
  );
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(JSON.parse(readFileSync(join(folder, 'a.json'), 'utf8'))).toMatchObject({ exit: 1 });
  expect(readFileSync(join(folder, 'a.html'), 'utf8')).toMatch(/^<!doctype html>/);
  for (const [flags, said] of [
    ['-o json=key.pem', 'bad-output'],
    ['-o csv=one.db', 'bad-output'],
    ['-o junit=x', 'answers have no format junit'],
  ])
    expect(await hunt(`query --store one.db --key key.pem ${flags}`)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(said!),
    });
});

describe('a wrong call', () => {
  test.each([
    ['query', '--store is missing'],
    ['query --store none.db', 'store-missing'],
    ['query --store mysql://here/x', 'wrong-store'],
    ['query --store postgres://me:secret@here/x', 'store-password'],
    ['query --store postgres://me@here/x?password=secret', 'store-password'],
    ['query --store postgres://me:a/b@here/x', 'store-password'],
    ['query --store none.db --since yesterday', '--since is no time'],
    ['query --store none.db --format junit', 'Allowed choices are pretty, csv, json, html.'],
    ['add --store x.db', "missing required argument 'paths'"],
    ['add core --store x.db --heartbeat 3', '--heartbeat is at least 10'],
    ['forget --store none.db', 'nothing says which dumps'],
    ['forget --store none.db --failed --gone', '--failed takes names of dumps alone'],
    ['nonsense', "unknown command 'nonsense'"],
  ])('hunt %s', async (line, said) => {
    const { status, stdout, stderr } = await hunt(line);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toContain(said);
    expect(stderr).not.toContain('secret@');
  });
});

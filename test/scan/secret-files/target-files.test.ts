import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { canonicalSpki } from '../../../src/core/asn1/spki.js';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import type { FindReport, ScanEvent } from '../../../src/core/model/report.js';
import type { ScanOptions } from '../../../src/core/options/check-options.js';
import { readTargetFiles } from '../../../src/scan/secret-files/target-files.js';
import { requestInfo, signed } from '../../support/der-builder.js';
import { withTempDir } from '../../support/folder.js';
import { scan } from '../../support/scan.js';

/** What --find and --allow read: folders, certificate requests, encrypted keys, lists of values. */

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const spkiOf = (key: KeyObject): Buffer => createPublicKey(key).export({ format: 'der', type: 'spki' });
const PASSWORD = `${randomBytes(9).toString('base64url')} ü`;
const SETUP = { unreadable: { code: 'unreadable', hint: '' }, unknown: 'unknown' };

async function read(files: Record<string, string | Uint8Array>, passwords: string[] = [], path = '') {
  return withTempDir(async (folder) => {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const given = passwords.map((each) => Secret.text(each));
    return readTargetFiles(join(folder, path), { ...SETUP, passwords: given });
  });
}

const one = async (content: string | Uint8Array, passwords: string[] = []) => {
  const { files, unread } = await read({ f: content }, passwords, 'f');
  return { entries: files.flatMap(({ entries }) => entries), unread };
};

describe('a certificate request', () => {
  const info = requestInfo({ spki: spkiOf(ec), san: ['a.example'] });
  const der = signed(info);
  const pem = (label: string) =>
    `-----BEGIN ${label}-----\n${der.toString('base64')}\n-----END ${label}-----\n`;

  test.each<[string, string | Uint8Array]>([
    ['DER', der],
    ['PEM', pem('CERTIFICATE REQUEST')],
    ['old PEM', pem('NEW CERTIFICATE REQUEST')],
  ])('%s: its key, named by its subject', async (_, content) => {
    expect(await one(content)).toEqual({
      entries: [
        { type: 'key', label: 'api.acme.example', spki: new Uint8Array(canonicalSpki(spkiOf(ec))) },
      ].map((entry) => expect.objectContaining({ ...entry, spki: expect.anything() })),
      unread: [],
    });
    const { entries } = await one(content);
    expect(entries[0]?.type === 'key' && Buffer.from(entries[0].spki).equals(spkiOf(ec))).toBe(true);
  });

  test('cut: not understood', async () => {
    await expect(one(pem('CERTIFICATE REQUEST').replace(/.{40}\n-/, '\n-'))).rejects.toMatchObject({
      code: 'unknown',
      message: expect.stringContaining('the PEM block 1 (CERTIFICATE REQUEST: cannot be read)'),
    });
  });
});

describe('an encrypted key', () => {
  const locked = (
    key: KeyObject,
    type: 'pkcs8' | 'pkcs1' | 'sec1',
    format: 'pem' | 'der',
    cipher = 'aes-256-cbc',
  ) => key.export({ type: type as 'pkcs8', format: format as 'pem', cipher, passphrase: PASSWORD });

  test.each<[string, KeyObject, string | Buffer]>([
    ['PKCS#8 in PEM', rsa, locked(rsa, 'pkcs8', 'pem')],
    ['PKCS#8 in DER', ec, locked(ec, 'pkcs8', 'der')],
    ['PKCS#8 under 3DES', ec, locked(ec, 'pkcs8', 'pem', 'des-ede3-cbc')],
    ['traditional RSA', rsa, locked(rsa, 'pkcs1', 'pem', 'aes-128-cbc')],
    ['traditional EC', ec, locked(ec, 'sec1', 'pem')],
    ['in JSON', rsa, JSON.stringify({ kind: 'x', key: locked(rsa, 'pkcs8', 'pem') })],
  ])('%s', async (_, key, content) => {
    for (const passwords of [[PASSWORD], ['wrong', PASSWORD]]) {
      const { entries, unread } = await one(content, passwords);
      expect(unread).toEqual([]);
      expect(entries).toEqual([expect.objectContaining({ type: 'key', holder: expect.any(Secret) })]);
      const [entry] = entries;
      expect(entry?.type === 'key' && Buffer.from(entry.spki).equals(spkiOf(key))).toBe(true);
    }
    await expect(one(content, ['wrong'])).rejects.toMatchObject({
      code: 'wrong-find-password',
      message: expect.stringContaining('no password of --find-password-file fits'),
    });
    await expect(one(content)).rejects.toMatchObject({ code: 'unknown' });
  });

  test('beside a key in the clear, without a password: the rest is a warning', async () => {
    const { entries, unread } = await one(
      `${ec.export({ type: 'pkcs8', format: 'pem' })}${locked(rsa, 'pkcs8', 'pem')}`,
    );
    expect(entries.map(({ type }) => type)).toEqual(['key', 'unread']);
    expect(unread).toEqual(['f: not understood: the PEM block 2 (ENCRYPTED PRIVATE KEY: encrypted)']);
  });
});

describe('a list of values', () => {
  const values = Array.from({ length: 5 }, () => randomBytes(18).toString('base64url'));
  const valuesOf = async (content: string) =>
    (await one(content)).entries.flatMap((entry) =>
      entry.type === 'value' ? [[entry.label, Buffer.from(entry.value.reveal()).toString()]] : [],
    );

  test('one a line, with comments, blank lines and either line end', async () => {
    const text = `# tokens\n\n${values[0]}\r\n  ${values[1]}\n; old\n${values[2]}`;
    expect(await valuesOf(text)).toEqual([
      ['line 3', values[0]],
      ['line 4', values[1]],
      ['line 6', values[2]],
    ]);
    expect(await valuesOf(`${values[3]}\n`)).toEqual([['line 1', values[3]]]);
  });

  test('base64 with padding is a value, not an assignment', async () => {
    const padded = [16, 17, 22].map((length) => randomBytes(length).toString('base64'));
    expect(await valuesOf(padded.join('\n'))).toEqual(padded.map((value, i) => [`line ${i + 1}`, value]));
  });

  test('a value that is a key: the key', async () => {
    const der = ec.export({ type: 'pkcs8', format: 'der' }).toString('base64');
    expect((await one(`${der}\n`)).entries).toEqual([
      expect.objectContaining({ type: 'key', label: 'line 1' }),
    ]);
  });

  test('too short, or a setting', async () => {
    const { entries, unread } = await one(`${values[0]}\nabc\nproduction\n`);
    expect(unread).toEqual([expect.stringMatching(/^f: not understood: line 2 \(too short/)]);
    expect(entries.map((entry) => [entry.label, entry.type === 'value' && entry.setting])).toEqual([
      ['line 1', false],
      [expect.stringContaining('line 2'), false],
      ['line 3', true],
    ]);
  });

  test.each([
    ['an assignment', `A_TOKEN=${values[0]}\n${values[1]}\n`],
    ['a digest', `${'ab'.repeat(32)}\n${values[1]}\n`],
    [
      'a public key',
      `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGq9dO4d70g7HuiIBNKwa1FXMZVr+iifbw2Xq3rl45TB x\n${values[1]}\n`,
    ],
  ])('lines beside %s are not understood', async (_, text) => {
    const { entries, unread } = await one(text);
    expect(unread).toEqual(['f: not understood: line 2']);
    for (const entry of entries) if (entry.type === 'value') expect(entry.label).toMatch(/^A_TOKEN/);
  });

  test.each([
    ['prose', 'this is a text\nof two lines\n'],
    [
      'the body of a key without its BEGIN line',
      rsa
        .export({ type: 'pkcs8', format: 'pem' })
        .toString()
        .replace(/.*-----.*\n/g, ''),
    ],
    ['a cut digest', 'sha256:abcdef0123456789\n'],
    ['JSON that is cut', '{\n"abcdefghijkl"\n'],
  ])('%s is none', async (_, text) => {
    await expect(one(text)).rejects.toMatchObject({ code: 'unknown' });
  });
});

describe('a folder', () => {
  const pem = rsa.export({ type: 'pkcs8', format: 'pem' }) as string;
  const secret = randomBytes(18).toString('base64url');

  test('all files below it, each by its path; what is not understood is named', async () => {
    const { files, unread } = await read(
      {
        'certs/tls.key': pem,
        'certs/README.md': 'Keys of the service.\n',
        'certs/sub/.env': `A_TOKEN=${secret}\n`,
        'certs/sub/empty': '',
      },
      [],
      'certs',
    );
    expect(files.map(({ name }) => name)).toEqual(['certs/tls.key', 'certs/sub/.env']);
    expect(unread).toEqual([
      'certs/README.md: not understood: line 1',
      'certs/sub/empty: no key or secret is recognised in it',
    ]);
  });

  test('links: a file once, a folder not at all', async () => {
    await withTempDir(async (folder) => {
      mkdirSync(join(folder, '..data'));
      writeFileSync(join(folder, '..data', 'tls.key'), pem);
      symlinkSync('..data', join(folder, 'loop'));
      symlinkSync('../..', join(folder, '..data', 'up'));
      symlinkSync(join('..data', 'tls.key'), join(folder, 'tls.key'));
      symlinkSync('nowhere', join(folder, 'broken'));
      const { files, unread } = await readTargetFiles(folder, SETUP);
      expect(files.map(({ name }) => name.replace(/^[^/]*\//, ''))).toEqual(['tls.key']);
      expect(unread).toEqual([expect.stringMatching(/broken: it is no regular file$/)]);
    });
  });

  test('nothing recognised: an error', async () => {
    await expect(read({ 'a/README': 'two words\n' }, [], 'a')).rejects.toMatchObject({ code: 'unknown' });
    await withTempDir(async (folder) => {
      await expect(readTargetFiles(folder, SETUP)).rejects.toMatchObject({ code: 'unknown' });
    });
  });

  test('a wrong password for one file: an error that names it', async () => {
    const locked = ec.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: PASSWORD });
    await expect(read({ 'a/tls.key': pem, 'a/b.key': locked }, ['wrong'], 'a')).rejects.toMatchObject({
      code: 'wrong-find-password',
      message: expect.stringContaining('a/b.key: no password'),
    });
  });

  test('more files than are read: the rest is named', async () => {
    const all = Object.fromEntries(
      Array.from({ length: 1_003 }, (_, i) => [`a/${1_000 + i}`, `A_TOKEN=${secret}${i}`]),
    );
    const { files, unread } = await read(all, [], 'a');
    expect(files).toHaveLength(1_000);
    expect(unread).toEqual(['a: files after the first 1000 were not read']);
  });
});

describe('in a scan', () => {
  async function answers(files: Record<string, string>, dump: Buffer, options: Partial<ScanOptions>) {
    return withTempDir(async (folder) => {
      const at = (name: string) => join(folder, name);
      mkdirSync(at('keys'));
      for (const [name, content] of Object.entries(files)) writeFileSync(at(name), content);
      writeFileSync(at('dump'), dump);
      const events: ScanEvent[] = [];
      const given = Object.fromEntries(
        Object.entries(options).map(([name, value]) => [
          name,
          typeof value === 'string'
            ? at(value)
            : Array.isArray(value)
              ? value.map((each) => at(String(each)))
              : value,
        ]),
      );
      for await (const event of scan({ paths: [at('dump')], ...given })) events.push(event);
      return {
        events,
        found: events.filter(
          (event): event is ScanEvent & { type: 'find' } & FindReport => event.type === 'find',
        ),
      };
    });
  }

  const locked = rsa.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: PASSWORD,
  }) as string;
  const value = randomBytes(21).toString('base64url');
  const other = randomBytes(21).toString('base64url');
  const d = Buffer.from(rsa.export({ format: 'jwk' }).d!, 'base64url');
  const dump = Buffer.concat([
    Buffer.alloc(64),
    d.reverse(),
    Buffer.alloc(64),
    Buffer.from(value),
    Buffer.alloc(64),
  ]);

  test('a folder with an encrypted key and a list: each target by its file', async () => {
    const { events, found } = await answers(
      { 'keys/tls.key': locked, 'keys/tokens.txt': `${value}\n${other}\n`, password: `${PASSWORD}\n` },
      dump,
      { find: ['keys'], findPasswordFile: 'password' },
    );
    expect(found.map(({ name, askedBy, results }) => [name, askedBy, results[0]?.status])).toEqual([
      ['keys/tls.key', 'private-key', 'present'],
      ['keys/tokens.txt: line 1', 'value', 'present'],
      ['keys/tokens.txt: line 2', 'value', 'absent'],
    ]);
    for (const secret of [PASSWORD, value, other]) expect(JSON.stringify(events)).not.toContain(secret);
  });

  test('an allow list that is a folder', async () => {
    const pem = Buffer.from(rsa.export({ type: 'pkcs8', format: 'pem' }) as string);
    const { events } = await answers({ 'keys/tls.key': locked, password: `${PASSWORD}\n` }, pem, {
      allow: ['keys'],
      findPasswordFile: 'password',
    });
    expect(
      events.flatMap((event) => (event.type === 'finding' ? [[event.counts, event.reason]] : [])),
    ).toEqual([[false, 'allowed']]);
  });

  test.each([
    ['empty', '\n'],
    ['too long', 'x\n'.repeat(20)],
  ])('a password file that is %s', async (_, password) => {
    await expect(
      answers({ 'keys/tls.key': locked, password }, dump, { find: ['keys'], findPasswordFile: 'password' }),
    ).rejects.toMatchObject({ code: 'bad-find-password-file' });
  });
});

import type { KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ed25519Key, p256Key, pkcs8Pem } from '../../fixtures/keys.js';
import { openSshEd25519 } from '../../fixtures/openssh.js';
import { encodeProcess } from '../../fixtures/process.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken, signedJwt } from '../../fixtures/tokens.js';
import { reporters } from '../../src/index.js';
import { HprofBuilder } from '../formats/build-hprof.js';
import { MinidumpBuilder, moduleList, STREAM } from '../formats/build-minidump.js';
import { type CliResult, runCli } from '../support/cli.js';
import { shownSecrets } from '../support/naive-oracle.js';
import { LAYERED, SPELLINGS } from '../support/spellings.js';

/** Secrets of one dump, encoded in the names of all others: every kind of name that a report can show. */
const random = new SeededRandom('secrets in names of dumps');
const token = Buffer.from(githubToken(random));
const key = p256Key(random);
const scalar = scalarOf(key);
/** Matches no rule. */
const value = Buffer.from(random.text(28, 'abcdefghijkmnpqrstuvwxyz23456789'));
const SECRETS = [token, scalar, value];

function scalarOf(each: KeyObject): Buffer {
  return Buffer.from(each.export({ format: 'jwk' }).d!, 'base64url');
}

const names = SECRETS.flatMap((secret) =>
  Object.values({ ...SPELLINGS, layered: LAYERED['base64, no phase in percent escapes']! }).map((write) =>
    write(secret),
  ),
);
/** File names have 255 bytes. */
const short = names.filter((name) => Buffer.byteLength(name) <= 200);

const home = mkdtempSync(join(tmpdir(), 'dumpsieve-names-'));
afterAll(() => rmSync(home, { recursive: true }));

function write(path: string, bytes: string | Uint8Array): void {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), bytes);
}

/** gzip with an original name (RFC 1952, 2.3.1). */
function gzipNamed(name: string, content: Buffer): Buffer {
  const plain = gzipSync(content);
  const head = Buffer.from(plain.subarray(0, 10));
  head[3] = 8;
  return Buffer.concat([head, Buffer.from(`${name}\0`), plain.subarray(10)]);
}

function minidump(): Buffer {
  const file = new MinidumpBuilder();
  const modules = names.map((name, i) => ({
    base: BigInt(0x10000 * (i + 1)),
    size: 0x1000,
    nameRva: file.string(`C:\\srv\\${name}\\a.dll`),
  }));
  return file.stream(STREAM.modules, moduleList(modules)).done();
}

function hprof(): Buffer {
  const file = new HprofBuilder();
  for (const [i, name] of names.entries()) file.loadClass({ id: 0x1000 + 8 * i, name: `com/${name}` });
  return file.done();
}

beforeAll(() => {
  const heap = [token, Buffer.from(pkcs8Pem(key)), value].map((bytes) => Buffer.from(bytes));
  const jwts = names.map((name) => Buffer.from(signedJwt(key, { iss: name, kid: name, iat: 1 })));
  const comments = names
    .slice(0, 6)
    .map((name, i) => Buffer.from(openSshEd25519(ed25519Key(random), i + 1, name)));
  write(
    'dumps/core.1',
    encodeProcess(
      {
        pid: 1,
        name: names[0]!,
        argv: ['/bin/run', ...names],
        env: Object.fromEntries(names.map((name, i) => [i % 2 ? name : `NAME_${i}`, name])),
        executable: `/srv/${names[3]}`,
        modules: names.map((name) => `/srv/${name}/lib.so`),
        heap: [...heap, ...jwts, ...comments],
      },
      random,
    ),
  );
  write('dumps/crash.dmp', minidump());
  write('dumps/heap.hprof', hprof());
  for (const [i, name] of short.entries()) {
    write(`dumps/${i}/${name}.raw`, token);
    write(`dumps/${i}/in-${name}/x.raw`, 'nothing');
    write(`dumps/${i}/named.gz`, gzipNamed(name, Buffer.from('nothing')));
  }
  const entries = names.map((name, i) => ({
    fingerprint: `v1:${String(i).padStart(64, '0')}`,
    ruleId: name.toLowerCase().replace(/[^a-z0-9]/g, '-'),
    reason: name,
    owner: name,
  }));
  write('before.json', JSON.stringify({ schemaVersion: 1, entries }));
  write(
    'asked.env',
    `VALUE_SECRET=${value}\n${names.map((n, i) => `NAME_${i}_${n.replace(/\W/g, '_')}=${value}${i}`).join('\n')}\n`,
  );
});

const outputOf = ({ stdout, stderr }: CliResult): string => `${stdout}\n\n${stderr}`;

test('no report of any format, nor the log, shows a secret of the dumps or of --find in a name', async () => {
  const formats = Object.keys(reporters);
  const outputs = formats.flatMap((format) => ['--output', `${format}=report.${format}`]);
  const call = [
    'scan',
    '--debug',
    '--find',
    'asked.env',
    '--baseline',
    'before.json',
    '--write-baseline',
    'next.json',
    ...outputs,
    'dumps',
  ];
  const paths = short.slice(0, 4).map((name, i) => `dumps/${i}/${name}.raw`);
  const result = await runCli([...call, ...paths], { cwd: home, timeout: 300_000 });
  expect(result.status).toBe(1);
  expect(shownSecrets(SECRETS, outputOf(result))).toEqual([]);
  for (const file of [...formats.map((format) => `report.${format}`), 'next.json']) {
    const text = readFileSync(join(home, file), 'utf8');
    expect({ file, shown: shownSecrets(SECRETS, text) }).toEqual({ file, shown: [] });
  }
});

test.each([
  ['a missing path', (name: string) => ['scan', '--find', 'asked.env', `gone/${name}`]],
  ['a format', (name: string) => ['scan', '--find=asked.env', '--format', name, '.']],
  ['an output', (name: string) => ['scan', '--find', 'asked.env', '--output', `json=gone/${name}/out`, '.']],
  ['a target', (name: string) => ['scan', '--find', 'asked.env', '--find', `gone/${name}`, '.']],
  ['rules', (name: string) => ['scan', '--allow', 'asked.env', '--rules', `gone/${name}`, '.']],
  ['a flag', (name: string) => ['scan', '--find', 'asked.env', `--${name}`, '.']],
  ['a baseline', (name: string) => ['scan', '--find', 'asked.env', '--baseline', `gone/${name}`, '.']],
])('an error about %s does not show an encoded target', async (_, call) => {
  const write = Object.values(SPELLINGS);
  const all = await Promise.all([0, 3, 6, 9].map((i) => runCli([...call(write[i]!(value))], { cwd: home })));
  // The scalar is known only after a dump was read.
  for (const result of all) expect(shownSecrets([token, value], outputOf(result))).toEqual([]);
});

test('an error about rule files does not show an encoded token in their names', async () => {
  const name = short.find((each) => each === token.toString('hex'))!;
  write(`rules ${name}/${name}.yaml`, '- id: 7\n');
  for (const call of [
    ['rules', 'check', '--rules'],
    ['scan', '--rules'],
  ]) {
    const result = await runCli(
      [...call, `rules ${name}`, ...(call[0] === 'scan' ? ['dumps/heap.hprof'] : [])],
      {
        cwd: home,
      },
    );
    expect(shownSecrets(SECRETS, outputOf(result))).toEqual([]);
    expect(result.status).toBe(3);
  }
});

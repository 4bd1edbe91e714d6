import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { pkcs8Pem, spkiDer, spkiSha256 } from '../../fixtures/keys.js';
import { dumpSigner, type Keys, makeKeys } from '../search/signers.js';
import { runCli, scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { leaks, plantedKey, plantedToken } from '../support/planted.js';
import { program } from '../support/programs.js';
import type { Report } from '../support/reports.js';
import { freshSecrets, writePem, writePrivate } from '../support/secrets.js';

const publicPem = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string;
const scalarOf = (key: KeyObject): Buffer => Buffer.from(key.export({ format: 'jwk' }).d!, 'base64url');
const word = (length: number): string => randomBytes(length).toString('base64url').slice(0, length);
const FORMATS = ['pretty', 'json', 'ndjson', 'sarif', 'markdown', 'junit'];

/** Status by target name, artifact by artifact. */
const statuses = ({ find }: Report): Record<string, string[]> =>
  Object.fromEntries(find.map(({ name, results }) => [name, results.map(({ status }) => status)]));
const formsOf = ({ find }: Report, name: string): string[] =>
  find.find((each) => each.name === name)?.results.flatMap(({ forms }) => forms) ?? [];

describeWith(
  ['python3', 'python3-cryptography', 'gdb', 'openssl'],
  'a core of a process that holds keys only as numbers',
  () => {
    async function dumped(body: (folder: string, core: string, keys: Keys) => Promise<void>): Promise<void> {
      await withTempDir(async (folder) => {
        const keys = {
          ...makeKeys(),
          absent: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
        };
        const core = await dumpSigner('python', keys, folder);
        for (const [name, key] of Object.entries(keys)) writePem(folder, `${name}.pem`, key);
        await body(folder, core, keys);
      });
    }

    test('answers for private keys, certificates and digests, with and without the entropy net', async () => {
      await dumped(async (cwd, core, keys) => {
        const request = ['req', '-x509', '-new', '-key', 'rsa.pem', '-subj', '/CN=ours', '-out', 'ours.crt'];
        execFileSync(program('openssl'), request, { cwd, stdio: 'ignore' });
        writeFileSync(join(cwd, 'ec.pub'), publicPem(keys.ec!));
        writeFileSync(join(cwd, 'digest.txt'), `sha256:${spkiSha256(keys.ed25519!)}\n`);

        const privates = ['rsa', 'ec', 'ed25519', 'absent'].flatMap((name) => ['--find', `${name}.pem`]);
        const plain = await scanJson(['--no-entropy-net', '--fail-on', 'critical', ...privates, core], {
          cwd,
        });
        expect(plain.status).toBe(1);
        expect(statuses(plain.report)).toEqual({
          'rsa.pem': ['present'],
          'ec.pem': ['present'],
          'ed25519.pem': ['present'],
          'absent.pem': ['absent'],
        });
        expect(formsOf(plain.report, 'rsa.pem')).toEqual(
          expect.arrayContaining([
            ...['p', 'q', 'dp', 'dq', 'R^2 mod p', 'R^2 mod q'].map((part) => `${part} limbs-le`),
          ]),
        );
        expect(formsOf(plain.report, 'ec.pem')).toContain('d limbs-le');
        expect(
          plain.report.findings.filter(({ counts }) => counts).map(({ key }) => key?.spkiSha256),
        ).toEqual(expect.arrayContaining(['rsa', 'ec', 'ed25519'].map((name) => spkiSha256(keys[name]!))));

        const publics = ['ours.crt', 'ec.pub', 'digest.txt'].flatMap((name) => ['--find', name]);
        const net = await scanJson([...publics, core], { cwd });
        expect(statuses(net.report)).toEqual({
          'ours.crt': ['present'],
          'ec.pub': ['present'],
          'digest.txt': ['present'],
        });
        const without = await scanJson(['--no-entropy-net', ...publics, core], { cwd });
        // Freed memory of the process may contain a part of the file.
        expect(['public-only', 'present']).toContain(statuses(without.report)['ours.crt']?.[0]);
      });
    });

    test('integers of Python are found in their digits', async () => {
      await withTempDir(async (cwd) => {
        const keys = makeKeys();
        const core = await dumpSigner('python with numbers', keys, cwd);
        writePem(cwd, 'rsa.pem', keys.rsa!);
        const { report } = await scanJson(['--no-entropy-net', '--find', 'rsa.pem', core], { cwd });
        const digits = ['d', 'p', 'q', 'dp', 'dq', 'qinv'].map((part) => `${part} digits30-le32`);
        expect(formsOf(report, 'rsa.pem')).toEqual(expect.arrayContaining(digits));
      });
    });

    test('--expect-absent is 0 for absent, 1 for present, 2 if memory is missing', async () => {
      await dumped(async (cwd, core) => {
        const expect_ = async (file: string) =>
          scanJson(['--expect-absent', '--find', `${file}.pem`, core], { cwd });
        const absent = await expect_('absent');
        expect(absent.report.find[0]?.results).toMatchObject([{ status: 'absent', complete: true }]);
        expect(absent.report.findings.length).toBeGreaterThan(0);
        expect(absent.report.findings.every(({ counts, reason }) => !counts && reason === 'policy')).toBe(
          true,
        );
        expect(absent.status).toBe(0);
        expect((await expect_('ec')).status).toBe(1);
        truncateSync(core, readFileSync(core).length - 4096 * 16);
        const cut = await expect_('absent');
        expect(cut.report.find[0]?.results).toMatchObject([{ status: 'absent', complete: false }]);
        expect(cut.status).toBe(2);
      });
    });
  },
);

describe('--find', () => {
  const { ec, ed25519, rsa, github } = freshSecrets();
  const modulus = Buffer.from(rsa.export({ format: 'jwk' }).n!, 'base64url');
  const password = word(9);
  const setting = 'value-that-stays';
  const noise = (length: number) => randomBytes(length);

  /**
   * held.raw: an EC scalar, an Ed25519 public half, an RSA modulus, a GitHub token in an escaped URL, a
   * password; empty.raw: none of them.
   */
  function prepare(folder: string): void {
    writePem(folder, 'ec.pem', ec);
    writePem(folder, 'ed.pem', ed25519);
    writePem(folder, 'rsa.pem', rsa);
    writePrivate(
      folder,
      'app.env',
      `MODE=${setting}\nGITHUB=${github}\nPASSWORD='${password}'\nOTHER=${word(24)}\n`,
    );
    const parts = [
      noise(4_099),
      Buffer.from(scalarOf(ec)).reverse(),
      noise(77),
      spkiDer(ed25519),
      noise(6), // an even offset: amid other text nothing else determines the byte order
      Buffer.from(`${setting} ${github}&x=`, 'utf16le').swap16(),
      noise(1),
      Buffer.from(password),
      noise(11),
      Buffer.from(modulus).reverse(),
      noise(333),
    ];
    writeFileSync(join(folder, 'held.raw'), Buffer.concat(parts));
    writeFileSync(join(folder, 'empty.raw'), noise(4_096));
  }
  const TARGETS = ['--find', 'ec.pem', '--find', 'ed.pem', '--find', 'rsa.pem', '--find', 'app.env'];

  test('answers per target and per file', async () => {
    await withTempDir(async (cwd) => {
      prepare(cwd);
      const { status, report } = await scanJson([...TARGETS, 'empty.raw', 'held.raw'], { cwd });
      expect(status).toBe(1);
      expect(statuses(report)).toEqual({
        'ec.pem': ['absent', 'present'],
        'ed.pem': ['absent', 'public-only'],
        'rsa.pem': ['absent', 'public-only'],
        'app.env: GITHUB': ['absent', 'present'],
        'app.env: PASSWORD': ['absent', 'present'],
        'app.env: OTHER': ['absent', 'absent'],
      });
      expect(formsOf(report, 'ec.pem')).toEqual(['d limbs-le']);
      expect(formsOf(report, 'ed.pem')).toEqual(['spki']);
      expect(formsOf(report, 'rsa.pem')).toEqual(['n limbs-le']);
      expect(formsOf(report, 'app.env: GITHUB')).toEqual(['utf8 in UTF-16BE']);
      expect(report.summary.warnings).toMatchObject([{ code: 'find-settings-left-out' }]);
      expect(report.summary.warnings[0]?.message).toContain('MODE');
      // The answer refers to the finding: its places are those of the finding.
      const [key] = report.findings.filter(({ kind }) => kind === 'private-key');
      expect(key).toMatchObject({
        counts: true,
        confidence: 'proven',
        fingerprint: `v1:${report.find[0]?.spkiSha256}`,
      });
      expect(report.find[0]?.results[1]?.occurrences?.map(({ offset }) => offset)).toEqual([4_099]);
    });
  });

  test('a public half does not count as presence', async () => {
    await withTempDir(async (cwd) => {
      prepare(cwd);
      const one = await scanJson(['--expect-absent', '--find', 'ed.pem', 'held.raw'], { cwd });
      expect([one.status, one.report.verdict]).toEqual([0, 'nothing-found']);
      const two = await scanJson(['--expect-absent', '--find', 'app.env', 'held.raw'], { cwd });
      expect(two.status).toBe(1);
      expect(
        (await scanJson(['--expect-absent', '--exit-zero', ...TARGETS, 'held.raw'], { cwd })).status,
      ).toBe(0);
    });
  });

  test('shows nothing of the targets, in any format', async () => {
    await withTempDir(async (cwd) => {
      prepare(cwd);
      const planted = [
        plantedKey('EC key', ec),
        plantedKey('Ed25519 key', ed25519),
        plantedToken('token', github, 'ghp_'),
      ];
      const outputs = FORMATS.flatMap((format) => ['--output', `${format}=${format}.out`]);
      const { stdout, stderr } = await runCli(['scan', ...TARGETS, ...outputs, '--hash', 'held.raw'], {
        cwd,
      });
      for (const text of [
        stdout,
        stderr,
        ...FORMATS.map((format) => readFileSync(join(cwd, `${format}.out`), 'utf8')),
      ]) {
        expect(leaks(planted, text)).toEqual([]);
        expect(text).not.toContain(password);
      }
      const lines = readFileSync(join(cwd, 'ndjson.out'), 'utf8').trim().split('\n');
      const types = lines.map((line) => (JSON.parse(line) as { type: string }).type);
      expect(types.slice(types.indexOf('find'))).toEqual([...Array<string>(6).fill('find'), 'summary']);
    });
  });

  test('finds a key cut out of its encoding, and no key with half of its bytes replaced', async () => {
    await withTempDir(async (cwd) => {
      prepare(cwd);
      const scalar = scalarOf(ec);
      // Not the byte that follows in the key: 16 bytes would be a copy.
      const other = Buffer.of(scalar[15]! ^ 1);
      writeFileSync(join(cwd, 'part.raw'), Buffer.concat([noise(99), scalar.subarray(0, 17), noise(99)]));
      writeFileSync(
        join(cwd, 'less.raw'),
        Buffer.concat([noise(99), scalar.subarray(0, 15), other, noise(99)]),
      );
      const { report } = await scanJson(['--find', 'ec.pem', 'part.raw', 'less.raw'], { cwd });
      expect(statuses(report)).toEqual({ 'ec.pem': ['present', 'absent'] });
      expect(report.find[0]?.results[0]?.occurrences).toMatchObject([{ component: 'd', partial: true }]);
    });
  });

  const wrong: [name: string, args: string[], code: string][] = [
    ['a file that is not there', ['--find', 'none.pem'], 'find-unreadable'],
    ['a device without an end', ['--find', '/dev/zero'], 'find-unreadable'],
    ['a list of known keys without an end', ['--allow', '/dev/zero'], 'allow-unreadable'],
    ['a baseline without an end', ['--baseline', '/dev/zero'], 'baseline-unreadable'],
    ['a file of another kind', ['--find', 'held.raw'], 'find-not-recognised'],
    ['an encrypted key', ['--find', 'sealed.pem'], 'find-not-recognised'],
    ['--expect-absent alone', ['--expect-absent'], 'expect-absent-alone'],
  ];
  test.each(wrong)('%s is a wrong call', async (_, args, code) => {
    await withTempDir(async (cwd) => {
      prepare(cwd);
      const sealed = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
      writePrivate(cwd, 'sealed.pem', ec.export(sealed));
      const { status, stdout, stderr } = await runCli(['scan', ...args, 'empty.raw'], { cwd });
      expect([status, stdout]).toEqual([3, '']);
      expect(stderr).toContain(`${code}: `);
      expect(leaks([plantedKey('key', ec)], stderr)).toEqual([]);
    });
  });

  test('an argument may be the digest itself', async () => {
    await withTempDir(async (cwd) => {
      prepare(cwd);
      writeFileSync(join(cwd, 'ec.raw'), pkcs8Pem(ec));
      const digest = `sha256:${spkiSha256(ec)}`;
      const { report } = await scanJson(['--find', digest, 'ec.raw', 'empty.raw'], { cwd });
      expect(statuses(report)).toEqual({ [digest]: ['present', 'absent'] });
      expect(formsOf(report, digest)).toEqual(['pem']);
    });
  });
});

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runCli, scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { program } from '../support/programs.js';
import { scan } from '../support/scan.js';

const PASSWORD = ['correct', 'horse', 'battery'].join('-');
const CORE = 'fixtures/dumps/signer.core';

/** A folder with encrypted archives, a member of which has the password in name and text. */
async function withArchives(run: (cwd: string) => Promise<void>): Promise<void> {
  await withTempDir(async (cwd) => {
    mkdirSync(join(cwd, 'in', 'dir'), { recursive: true });
    copyFileSync(CORE, join(cwd, 'in', 'dir', 'core.1'));
    writeFileSync(join(cwd, 'in', `notes of ${PASSWORD}.txt`), `the password is ${PASSWORD}\n`);
    const folder = { cwd: join(cwd, 'in') };
    execFileSync('zip', ['-qr', '-P', PASSWORD, '../secret.zip', '.'], folder);
    execFileSync('tar', ['-czf', '../plain.tar.gz', '.'], folder);
    execFileSync(program('7z'), ['a', `-p${PASSWORD}`, '../secret.7z', 'dir'], {
      ...folder,
      stdio: 'ignore',
    });
    writeFileSync(join(cwd, 'password'), `${PASSWORD}\r\nanother line\n`);
    writeFileSync(join(cwd, 'other'), 'another password');
    writeFileSync(join(cwd, 'empty'), '\nsecond line\n');
    await run(cwd);
  });
}

describeWith(['zip', '7z'], 'an encrypted archive', () => {
  test.each(['secret.zip', 'secret.7z'])(
    '%s is searched with its password, which no output has',
    async (name) => {
      await withArchives(async (cwd) => {
        const given = ['--archive-password-file', 'password', name];
        const { status, report } = await scanJson(given, { cwd });
        const plain = await scanJson([CORE]);
        expect(status).toBe(1);
        expect(report.findings.map((each) => each.fingerprint).sort()).toEqual(
          expect.arrayContaining(plain.report.findings.map((each) => each.fingerprint)),
        );
        expect(report.artifacts.map(({ path }) => path)).toContain(`${name}!dir/core.1`);
        for (const format of ['pretty', 'ndjson', 'sarif']) {
          const { stdout, stderr } = await runCli(['scan', '--debug', '--format', format, ...given], { cwd });
          expect([format, `${stdout}${stderr}`.includes(PASSWORD)]).toEqual([format, false]);
        }
      });
    },
  );

  test('is incomplete with another password', async () => {
    await withArchives(async (cwd) => {
      for (const [file, name, message] of [
        ['other', 'secret.zip', 'the password does not fit'],
        ['other', 'secret.7z', 'what it decrypts to is damaged'],
      ] as const) {
        const { status, report } = await scanJson(['--archive-password-file', file, name], { cwd });
        expect([name, status]).toEqual([name, 2]);
        const warnings = report.artifacts.flatMap((each) => each.warnings);
        expect(warnings).toContainEqual(
          expect.objectContaining({ code: 'member-encrypted', message: expect.stringContaining(message) }),
        );
      }
    });
  });

  test('of some megabytes is incomplete with another password, and says so', async () => {
    await withTempDir(async (cwd) => {
      writeFileSync(join(cwd, 'core'), randomBytes(3_000_000));
      execFileSync(program('7z'), ['a', `-p${PASSWORD}`, '-mhe=on', 'large.7z', 'core'], {
        cwd,
        stdio: 'ignore',
      });
      writeFileSync(join(cwd, 'other'), 'another password');
      const { status, report } = await scanJson(['--archive-password-file', 'other', 'large.7z'], { cwd });
      const messages = report.artifacts.flatMap(({ warnings }) => warnings.map(({ message }) => message));
      expect({ status, messages }).toEqual({
        status: 2,
        messages: ['the archive is encrypted: the password does not fit'],
      });
    });
  });

  test.each(['empty', 'no-such-file', '.'])('and the password file %j are a wrong call', async (file) => {
    await withArchives(async (cwd) => {
      const { status, stderr } = await runCli(['scan', '--archive-password-file', file, 'secret.zip'], {
        cwd,
      });
      expect(status).toBe(3);
      expect(stderr).toContain('put the password of the archives into its first line');
    });
  });
});

describeWith(['zip', '7z'], 'what globs leave out', () => {
  test('is one warning, and exit status 2 under --strict', async () => {
    await withArchives(async (cwd) => {
      const args = ['--exclude', 'core.*', 'plain.tar.gz'];
      const { status, report } = await scanJson(args, { cwd });
      expect(status).toBe(0);
      expect(report.summary.warnings).toEqual([
        expect.objectContaining({
          code: 'files-left-out',
          message: 'plain.tar.gz: 1 file was left out by --include and --exclude: plain.tar.gz!./dir/core.1',
        }),
      ]);
      expect((await scanJson(['--strict', ...args], { cwd })).status).toBe(2);
    });
  });

  test('comes from the configuration and the library alike', async () => {
    await withArchives(async (cwd) => {
      writeFileSync(join(cwd, '.dumpsieve.yaml'), "include: ['dir/*']\nexclude: ['*.{zip,7z,gz}']\n");
      const { report } = await scanJson(['in'], { cwd });
      expect(report.artifacts.map(({ path }) => path)).toEqual(['in/dir/core.1']);
      const paths: string[] = [];
      for await (const event of scan({ paths: [join(cwd, 'in')], include: ['dir/*'] }))
        if (event.type === 'artifact') paths.push(event.path);
      expect(paths).toEqual([join(cwd, 'in/dir/core.1')]);
    });
  });

  test('a glob that cannot be read is a wrong call', async () => {
    const { status, stderr } = await runCli(['scan', '--include', '[z-a]', CORE]);
    expect([status, stderr]).toEqual([3, expect.stringContaining('the glob "[z-a]" cannot be read')]);
  });
});

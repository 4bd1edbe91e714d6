import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { asset } from '../../src/base/runtime/assets.js';
import { runCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';

/** The program in a fresh checkout builds itself: with a word, once, and never by half. */

const PACKAGE = fileURLToPath(asset('.'));
const NOT_COMMITTED = ['dist', 'node_modules', 'fixtures/dumps'].map((name) => join(PACKAGE, name));

/** A checkout as it is after `npm ci --ignore-scripts`. */
const inCheckout = (body: (root: string) => Promise<void>): Promise<void> =>
  withTempDir(async (root) => {
    for (const part of ['bin', 'src', 'rules', 'fixtures', 'package.json'])
      cpSync(join(PACKAGE, part), join(root, part), {
        recursive: true,
        filter: (path) => !NOT_COMMITTED.includes(path),
      });
    symlinkSync(join(PACKAGE, 'node_modules'), join(root, 'node_modules'));
    chmodSync(root, 0o755);
    await body(root);
  });

interface Run {
  child: ChildProcess;
  stdout: string;
  stderr: string;
  /** Exit status; null if a signal ended it. */
  status: Promise<number | null>;
  /** Resolves when standard error holds a text. */
  said(text: string): Promise<void>;
}

/** Scans the sample dumps, in a process group of its own. `uid`: as another user. */
function scan(root: string, uid?: number): Run {
  const child = spawn(
    process.execPath,
    [join(root, 'bin/dumpsieve.js'), 'scan', '--format', 'json', 'fixtures'],
    { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'], ...(uid === undefined ? {} : { uid }) },
  );
  const run: Run = {
    child,
    stdout: '',
    stderr: '',
    status: once(child, 'close').then(([status]) => status),
    async said(text) {
      while (!run.stderr.includes(text)) await once(child.stderr!, 'data');
    },
  };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    run.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    run.stderr += text;
  });
  return run;
}

const fingerprints = (report: string): string[] =>
  (JSON.parse(report) as { findings: { fingerprint: string }[] }).findings.map((each) => each.fingerprint);

test('a killed build is taken over, by one of those that wait, and finds what the whole program finds', () =>
  inCheckout(async (root) => {
    const killed = scan(root);
    await killed.said('program …');
    const [one, two] = [scan(root), scan(root)];
    await Promise.all([one.said('waiting for it'), two.said('waiting for it')]);
    process.kill(-killed.child.pid!, 'SIGKILL');
    expect(await killed.status).toBeNull();
    expect(existsSync(join(root, 'dist/bundle'))).toBe(false);
    expect([await one.status, await two.status]).toEqual([1, 1]);
    const built = [one, two].filter(({ stderr }) => stderr.includes('built in'));
    expect(built.map(({ stderr }) => stderr.replace(/[\d.]+ s\b/g, 'N s').split('\n'))).toEqual([
      [
        expect.stringMatching(/^dumpsieve: process \d+ is building the program: waiting for it$/),
        ...['dumpsieve: not built yet in this checkout. What a scan needs is built now, once, in about N s:'],
        '  program … N s',
        expect.stringMatching(/^ {2}rules … N s \(\d+ rules, \d+ literals\)$/),
        ...['  net of the rules … N s', '  sample dumps … N s', '  page of the HTML report … N s'],
        ...['dumpsieve: built in N s', ''],
      ],
    ]);
    expect(readdirSync(join(root, 'dist')).sort()).toEqual(
      [
        ...['.steps', 'build', 'bundle', 'html-page.json', 'rule-texts.json', 'rules.json', 'rules.net'],
        ...['schema', 'threads'],
      ].sort(),
    );
    for (const { name, bytes } of fixtureDumps())
      expect(readFileSync(join(root, 'fixtures/dumps', name)).equals(bytes)).toBe(true);
    const expected = await runCli(['scan', '--format', 'json', 'fixtures'], { cwd: PACKAGE });
    for (const { stdout } of [one, two]) expect(fingerprints(stdout)).toEqual(fingerprints(expected.stdout));
    expect(readFileSync(join(root, 'dist/rules.net')).equals(readFileSync(asset('dist/rules.net')))).toBe(
      true,
    );
    const again = scan(root);
    expect([await again.status, again.stderr]).toEqual([1, '']);
  }));

/** Ends with a coded error as the last lines, and nothing on standard output. */
async function expectRefusal(run: Run, code: string, hint: RegExp): Promise<void> {
  expect([await run.status, run.stdout]).toEqual([3, '']);
  expect(run.stderr).toMatch(new RegExp(`^dumpsieve: ${code}: [^]+\n  hint: .+\n$`, 'm'));
  expect(run.stderr).toMatch(hint);
}

test('what cannot be built ends with a code, and says what to do', () =>
  inCheckout(async (root) => {
    // npx runs this unseen, before the program.
    const prepare = spawn(process.execPath, [join(root, 'src/build/build.mjs'), 'prepare'], {
      env: { ...process.env, npm_command: 'exec' },
    });
    expect(await once(prepare, 'close')).toEqual([0, null]);
    expect(existsSync(join(root, 'dist'))).toBe(false);

    chmodSync(root, 0o555);
    // Root may write everywhere: another user then.
    await expectRefusal(scan(root, process.getuid?.() === 0 ? 65_534 : undefined), 'not-built', /EACCES/);
    chmodSync(root, 0o755);

    writeFileSync(join(root, 'src/cli/main.ts'), 'const = 1;');
    await expectRefusal(scan(root), 'build-failed', /program: .*src\/cli\/main\.ts/s);
    expect(existsSync(join(root, 'dist/bundle'))).toBe(false);

    rmSync(join(root, 'node_modules'));
    await expectRefusal(scan(root), 'not-built', /run `npm ci --include=dev` in /);

    // A package has no build.
    rmSync(join(root, 'src/build'), { recursive: true });
    await expectRefusal(scan(root), 'installation-broken', /install the package again/);
  }));

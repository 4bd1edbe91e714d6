import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';

/** Hides the files of the package whose paths match. */
const hiding = (pattern: string): string => `
const fs = require('node:fs');
const read = fs.readFileSync;
fs.readFileSync = (file, ...more) => {
  if (/${pattern}/.test(String(file)))
    throw Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', path: String(file) });
  return read(file, ...more);
};
`;

describeWith(['zip'], 'a part of the program that is missing', () => {
  test.each([
    ['an archive is not read', '\\/zip\\.cjs$', 2, /a part of this program does not load/],
    ['nothing starts', '\\/main\\.cjs$', 3, /installation-broken: a part of this program does not load/],
    ['nothing is swept', 'sweep.*\\.wasm$', 3, /installation-broken: a part of this program does not load/],
  ])('%s', (_what, pattern, exit, said) =>
    withTempDir(async (cwd) => {
      writeFileSync(join(cwd, 'hide.cjs'), hiding(pattern));
      writeFileSync(join(cwd, 'core'), 'core');
      execFileSync('zip', ['-q', 'dump.zip', 'core'], { cwd });
      const nodeFlags = ['--require', join(cwd, 'hide.cjs')];
      const args = ['scan', '--no-config', 'dump.zip'];
      const { status, stdout, stderr } = await runCli(args, { cwd, nodeFlags });
      expect({ status, said: said.test(stdout + stderr), output: stdout + stderr }).toMatchObject({
        ...{ status: exit, said: true },
      });
      expect(stdout + stderr).toContain('install it again');
    }),
  );
});

const isLinux = process.platform === 'linux';

(isLinux ? test : test.skip)('the memory of a process is named, also behind a link', () =>
  withTempDir(async (cwd) => {
    mkdirSync(join(cwd, 'links'));
    symlinkSync('/proc/self/mem', join(cwd, 'link'));
    for (const path of ['/proc/self/mem', '/proc/self/task/../mem', 'link']) {
      const { status, stdout } = await runCli(['scan', '--no-config', path], { cwd });
      expect({ path, status }).toEqual({ path, status: 2 });
      expect(stdout).toMatch(/the memory of a process by address.*\[process-memory\]/);
      expect(stdout).toContain('gcore -o core PID');
      expect(stdout).not.toContain('failing disk');
    }
  }),
);

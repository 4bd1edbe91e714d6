import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { withTempDir } from '../support/folder.js';

/** What the program says where its own words used to fail it. */

const BIN = fileURLToPath(asset('bin/dumpsieve.js'));

function run(args: readonly string[], cwd: string, stdout: number | 'pipe' = 'pipe') {
  const call = [BIN, 'scan', '--no-config', '--jobs', '1', ...args];
  return spawnSync(process.execPath, call, { cwd, encoding: 'utf8', stdio: ['ignore', stdout, 'pipe'] });
}

function within(body: (cwd: string) => void): Promise<void> {
  return withTempDir(async (cwd) => {
    writeFileSync(join(cwd, 'core'), 'nothing to see');
    body(cwd);
  });
}

const FULL = '/dev/full';
const whereFull = existsSync(FULL) ? test : test.skip;

whereFull('a report that finds the disk full is a coded error', () =>
  within((cwd) => {
    const { status, stderr } = run(['--quiet', '--output', `json=${FULL}`, 'core'], cwd);
    expect(status).toBe(3);
    expect(stderr).toContain(
      `output-not-written: --output json=${FULL}: the report cannot be written (ENOSPC)`,
    );
    expect(stderr).toContain('hint: make room');
  }),
);

whereFull('so is standard output', () =>
  within((cwd) => {
    const fd = openSync(FULL, 'w');
    const { status, stderr } = run(['core'], cwd, fd);
    closeSync(fd);
    expect(status).toBe(3);
    expect(stderr).toContain('output-not-written: standard output: the report cannot be written (ENOSPC)');
  }),
);

test('a time limit that is too long is rejected with the longest', () =>
  within((cwd) => {
    const { status, stderr } = run(['--time-limit', '99999999', 'core'], cwd);
    expect(status).toBe(3);
    expect(stderr).toContain('above 0 and up to 1000000');
  }));

test('where nothing was searched, the answer says so', () =>
  within((cwd) => {
    const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
    const { status, stdout } = run(['--find', digest, '--expect-absent', 'not-there'], cwd);
    expect(status).toBe(2);
    expect(stdout.replace(/\s+/g, ' ')).toContain('no answer: nothing was searched');
  }));

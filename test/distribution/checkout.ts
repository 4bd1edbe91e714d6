import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';
import { withTempDir } from '../support/folder.js';

export const PACKAGE = fileURLToPath(asset('.'));
const NOT_COMMITTED = ['dist', 'node_modules', 'fixtures/dumps'].map((name) => join(PACKAGE, name));

/** A checkout as it is after `npm ci --ignore-scripts`. */
export const inCheckout = (body: (root: string) => Promise<void>): Promise<void> =>
  withTempDir(async (root) => {
    for (const part of ['bin', 'build', 'src', 'rules', 'fixtures', 'package.json'])
      cpSync(join(PACKAGE, part), join(root, part), {
        recursive: true,
        filter: (path) => !NOT_COMMITTED.includes(path),
      });
    symlinkSync(join(PACKAGE, 'node_modules'), join(root, 'node_modules'));
    chmodSync(root, 0o755);
    await body(root);
  });

export interface Run {
  child: ChildProcess;
  stdout: string;
  stderr: string;
  /** Exit status; null if a signal ended it. */
  status: Promise<number | null>;
  /** Resolves when standard error holds a text. */
  said(text: string): Promise<void>;
}

/** Scans the sample dumps, in a process group of its own. `uid`: as another user. */
export function scan(root: string, uid?: number): Run {
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

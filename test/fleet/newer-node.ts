import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Major version that is installed where this Node is older than pg-boss needs. */
const MAJOR = 24;

let found: Promise<string> | undefined;

/**
 * Path of a Node that pg-boss runs on: this one, or one from the registry in a folder of its own, which later
 * runs find again.
 */
export function newerNode(): Promise<string> {
  found ??= install();
  return found;
}

async function install(): Promise<string> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return process.execPath;
  const name = `node-linux-${process.arch === 'arm64' ? 'arm64' : 'x64'}`;
  const folder = join(tmpdir(), `dumpsieve-node-${MAJOR}`);
  const path = join(folder, 'node_modules', name, 'bin', 'node');
  if (!existsSync(path))
    await run('npm', ['install', '--no-save', '--prefix', folder, `${name}@${MAJOR}`], { timeout: 300_000 });
  await run(path, ['--version']);
  return path;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { findProgram, missing, missingPackages } from './programs.js';

/** Prints one line of the test command. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Runs apt-get without questions; services must not start on a test machine. */
async function aptGet(...args: string[]): Promise<boolean> {
  const options = ['-y', '-q', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=120'];
  const child = spawn('apt-get', [...options, ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 1_800_000,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [status] = await once(child, 'close');
  if (status !== 0) say(`apt-get ${args[0]} failed: ${stderr.trim().split('\n').at(-1)}`);
  return status === 0;
}

/** Disables the flush to disk after each file: a power cut would only cost a test run. */
const install = (...packages: string[]): Promise<boolean> =>
  aptGet('install', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-unsafe-io', ...packages);

/**
 * Installs the missing packages, at once or, if that fails, one by one, so that a nonexistent one costs only
 * its own tests.
 */
export async function fetchPrograms(): Promise<void> {
  const packages = missingPackages();
  if (packages.length === 0) return;
  const list = packages.join(' ');
  if (process.getuid?.() !== 0 || findProgram('apt-get') === undefined) {
    say(
      `End-to-end tests would need these Debian packages: ${list}. ` +
        'Installing them takes root and apt-get: going on without.',
    );
    return;
  }
  say(`Fetching system programs for the end-to-end tests: ${list}`);
  await aptGet('update');
  await withFile('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', async () => {
    if (await install(...packages)) return;
    for (const name of packages) await install(name);
  });
}

/**
 * Disables the start of services on installation (Debian's invoke-rc.d(8)) during `body`, unless already
 * disabled.
 */
async function withFile(path: string, contents: string, body: () => Promise<void>): Promise<void> {
  if (existsSync(path)) return body();
  writeFileSync(path, contents, { mode: 0o755 });
  try {
    await body();
  } finally {
    rmSync(path);
  }
}

/**
 * Only in continuous integration, on a disposable machine: lets the kernel write cores into the working
 * folder of the crashed process (core(5)) while `body` runs.
 */
export async function withKernelCores<T>(body: () => Promise<T>): Promise<T> {
  const file = '/proc/sys/kernel/core_pattern';
  const mine = process.env.DUMPSIEVE_ALL_TESTS === '1' && process.getuid?.() === 0;
  if (!mine || missing(['kernel cores in the working folder']).length === 0) {
    return body();
  }
  const before = readFileSync(file, 'utf8');
  try {
    writeFileSync(file, 'core');
  } catch (error) {
    say(`core_pattern stays as it is: ${error instanceof Error ? error.message : error}`);
    return body();
  }
  try {
    return await body();
  } finally {
    writeFileSync(file, before);
  }
}

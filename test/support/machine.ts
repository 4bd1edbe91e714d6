import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { findProgram, missing, missingPackages } from './programs.js';

/** One line of the test command's own. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Runs apt-get without questions; services must not start where tests run. */
function aptGet(...args: string[]): boolean {
  const options = ['-y', '-q', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=120'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stderr } = spawnSync('apt-get', [...options, ...args], {
    env,
    encoding: 'utf8',
    timeout: 1_800_000,
  });
  if (status !== 0) say(`apt-get ${args[0]} failed: ${(stderr ?? '').trim().split('\n').at(-1)}`);
  return status === 0;
}

/** Without a flush to disk for each file: what a power cut would cost here is a test run. */
const install = (...packages: string[]): boolean =>
  aptGet('install', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-unsafe-io', ...packages);

/** Installs the missing packages: all at once, or one after the other where one that does not exist here would cost all their tests. */
export function fetchPrograms(): void {
  const packages = missingPackages();
  if (packages.length === 0) return;
  const list = packages.join(' ');
  if (process.getuid?.() !== 0 || findProgram('apt-get') === undefined) {
    say(
      `End-to-end tests would need these Debian packages: ${list}. Installing them takes root and apt-get: going on without.`,
    );
    return;
  }
  say(`Fetching system programs for the end-to-end tests: ${list}`);
  aptGet('update');
  withFile('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', () => {
    if (install(...packages)) return;
    for (const name of packages) install(name);
  });
}

/** Debian's switch against services that start on installation (invoke-rc.d(8)): there while `body` runs, unless it was there before. */
function withFile(path: string, contents: string, body: () => void): void {
  if (existsSync(path)) {
    body();
    return;
  }
  writeFileSync(path, contents, { mode: 0o755 });
  try {
    body();
  } finally {
    rmSync(path);
  }
}

/**
 * In continuous integration alone, where the machine is nobody's: lets the kernel write cores into the working folder of the
 * process that crashed (core(5)) while `body` runs.
 */
export function withKernelCores<T>(body: () => T): T {
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
    return body();
  } finally {
    writeFileSync(file, before);
  }
}

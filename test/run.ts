import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../src/assets.js';
import { findProgram, missing, missingPackages } from './support/programs.js';

/**
 * The test command: fetches the system programs that the end-to-end tests need where it can, runs jest with the arguments
 * given, and ends with what was left out and why, and the line `N passed, N failed`.
 */

/** What jest writes with --json; only what is used here. */
interface JestResult {
  numPassedTests: number;
  numFailedTests: number;
  /** Test files that did not load. */
  numRuntimeErrorTestSuites: number;
}

interface LeftOut {
  name: string;
  reason: string;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Runs apt-get without questions; services must not start where tests run. */
function aptGet(...args: string[]): boolean {
  const options = ['-y', '-q', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=120'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stderr } = spawnSync('apt-get', [...options, ...args], {
    env,
    encoding: 'utf8',
    timeout: 600_000,
  });
  if (status !== 0) say(`apt-get ${args[0]} failed: ${(stderr ?? '').trim().split('\n').at(-1)}`);
  return status === 0;
}

/** Installs the missing packages, one after the other, so that one that does not exist here costs only its own tests. */
function fetchPrograms(): void {
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
    for (const name of packages) aptGet('install', '--no-install-recommends', name);
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
function withKernelCores(body: () => void): void {
  const file = '/proc/sys/kernel/core_pattern';
  const mine = process.env.DUMPSIEVE_ALL_TESTS === '1' && process.getuid?.() === 0;
  if (!mine || missing(['kernel cores in the working folder']).length === 0) {
    body();
    return;
  }
  const before = readFileSync(file, 'utf8');
  try {
    writeFileSync(file, 'core');
  } catch (error) {
    say(`core_pattern stays as it is: ${error instanceof Error ? error.message : error}`);
    body();
    return;
  }
  try {
    body();
  } finally {
    writeFileSync(file, before);
  }
}

function runJest(folder: string, args: readonly string[]): JestResult {
  const output = join(folder, 'jest.json');
  const jest = fileURLToPath(asset('node_modules/jest/bin/jest.js'));
  spawnSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      jest,
      '--json',
      '--outputFile',
      output,
      ...args,
    ],
    {
      cwd: fileURLToPath(asset('.')),
      // --json sends the report to standard output, too; what people read goes to standard error.
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DUMPSIEVE_LEFT_OUT: join(folder, 'left-out') },
    },
  );
  if (existsSync(output)) return JSON.parse(readFileSync(output, 'utf8')) as JestResult;
  return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 1 };
}

function leftOut(folder: string): LeftOut[] {
  const file = join(folder, 'left-out');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as LeftOut);
}

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-run-'));
  // jest gets the same signal and ends; what was changed for the run must still be put back.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  try {
    fetchPrograms();
    let result: JestResult | undefined;
    withKernelCores(() => {
      result = runJest(folder, process.argv.slice(2));
    });
    for (const { name, reason } of leftOut(folder)) say(`left out: ${name}: ${reason}`);
    const passed = result?.numPassedTests ?? 0;
    const failed = (result?.numFailedTests ?? 0) + (result?.numRuntimeErrorTestSuites ?? 0);
    // Nothing passed is no success: a wrong pattern in the arguments must not look like one.
    process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
    say(`${passed} passed, ${failed} failed`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main();

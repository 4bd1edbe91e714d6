import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../src/base/runtime/assets.js';
import { fetchPrograms, say, withKernelCores } from './support/machine.js';

/**
 * The test command, on what tsc wrote: builds the rest where that is older, fetches the system programs that the end-to-end
 * tests need where it can, runs jest with the arguments given, and ends with what was left out and why, and the line
 * `N passed, N failed`.
 */

/** What jest writes with --json; only what is used here. */
interface JestResult {
  numPassedTests: number;
  numFailedTests: number;
  /** Test files that did not load. */
  numRuntimeErrorTestSuites: number;
  testResults: { assertionResults: { status: string; ancestorTitles: string[]; title: string }[] }[];
}

const NOTHING: JestResult = {
  numPassedTests: 0,
  numFailedTests: 0,
  numRuntimeErrorTestSuites: 1,
  testResults: [],
};

/** What a build makes of what tsc wrote, and what that is made of: files, and folders with all that is in them. */
const BUILT = ['dist/rules.json', 'dist/rules.net', 'dist/bundle/main.cjs', 'fixtures/dumps/signer.core'];
const SOURCES = ['rules', 'dist/src', 'dist/fixtures', 'src/sweep/bigrams.bin', 'rolldown.config.js'];

function isStale(): boolean {
  const changed = (path: string): number =>
    statSync(asset(path), { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
  const oldest = Math.min(...BUILT.map(changed));
  const all = SOURCES.flatMap((path) =>
    statSync(asset(path)).isDirectory()
      ? [
          path,
          ...readdirSync(asset(path), { recursive: true, encoding: 'utf8' }).map((name) => `${path}/${name}`),
        ]
      : [path],
  );
  return all.some((path) => changed(path) > oldest);
}

function runJest(args: readonly string[]): JestResult {
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-run-'));
  const output = join(folder, 'jest.json');
  const jest = fileURLToPath(asset('node_modules/jest/bin/jest.js'));
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  try {
    spawnSync(process.execPath, [...flags, jest, '--json', '--outputFile', output, ...args], {
      cwd: fileURLToPath(asset('.')),
      // --json sends the report to standard output, too; what people read goes to standard error.
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return existsSync(output) ? (JSON.parse(readFileSync(output, 'utf8')) as JestResult) : NOTHING;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface LeftOut {
  name: string;
  reason: string;
}

/** Groups of skipped tests. Their reason stands in their name (describeWith, describeWithSamples). */
function leftOut({ testResults }: JestResult): LeftOut[] {
  const skipped = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'pending')
    .map(({ ancestorTitles, title }) => ancestorTitles.find((each) => each.includes('(left out: ')) ?? title);
  return [...new Set(skipped)].map((title) => {
    const [, name, reason] = /^(.*) \(left out: (.*)\)$/.exec(title) ?? [];
    return { name: name ?? title, reason: reason ?? UNEXPLAINED };
  });
}

const UNEXPLAINED = 'it says no reason';

/** Under DUMPSIEVE_ALL_TESTS=1 a test that was left out has failed, except those over dumps that lie beside the repository. */
function isFailure({ reason }: LeftOut): boolean {
  return process.env.DUMPSIEVE_ALL_TESTS === '1' && !reason.startsWith('no samples');
}

function main(args: readonly string[]): void {
  // jest gets the same signal and ends; what was changed for the run must still be put back.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  if (isStale() && spawnSync('npm', ['run', 'build'], { stdio: 'inherit' }).status !== 0) {
    process.exitCode = 1;
    return;
  }
  fetchPrograms();
  const result = withKernelCores(() => runJest(args));
  // With a pattern of names, jest calls every other test skipped, too.
  const byName = args.some((arg) => /^(-t|--testNamePattern)/.test(arg));
  const left = leftOut(result).filter(({ reason }) => !(byName && reason === UNEXPLAINED));
  for (const { name, reason } of left) say(`left out: ${name}: ${reason}`);
  const passed = result.numPassedTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites + left.filter(isFailure).length;
  // Nothing passed is no success: a wrong pattern in the arguments must not look like one.
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  say(`${passed} passed, ${failed} failed`);
}

main(process.argv.slice(2));

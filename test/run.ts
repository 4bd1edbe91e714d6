import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../src/base/runtime/assets.js';
import { buildStale } from './support/build.js';
import { type Choice, choiceOf, chosenFiles } from './support/choice.js';
import { kindOf } from './support/kinds.js';
import { fetchPrograms, say, withKernelCores } from './support/machine.js';
import { commitDigit, recentFiles, touchedRooms } from './support/recent.js';
import { type FileTime, readTimes, tooSlow } from './support/times.js';

/**
 * The test command, on the compiler's output: makes what is older than its sources, installs the system
 * programs that the chosen tests need if it can, runs jest, and ends with what was left out and why, and the
 * line `N passed, N failed`. Arguments: support/choice.ts.
 */

/** What jest writes with --json; only what is used here. */
interface JestResult {
  numPassedTests: number;
  numFailedTests: number;
  /** Test files that did not load. */
  numRuntimeErrorTestSuites: number;
  testResults: { assertionResults: { status: string; ancestorTitles: string[]; title: string }[] }[];
}

interface Run {
  result: JestResult;
  times: FileTime[];
}

const NOTHING: JestResult = {
  numPassedTests: 0,
  numFailedTests: 0,
  numRuntimeErrorTestSuites: 1,
  testResults: [],
};

function runJest(files: readonly string[], options: readonly string[]): Run {
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-run-'));
  const output = join(folder, 'jest.json');
  const times = join(folder, 'times');
  const jest = fileURLToPath(asset('node_modules/jest/bin/jest.js'));
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const chosen = ['--runTestsByPath', ...files.map((file) => `dist/${file}`)];
  try {
    spawnSync(process.execPath, [...flags, jest, '--json', '--outputFile', output, ...options, ...chosen], {
      cwd: fileURLToPath(asset('.')),
      env: { ...process.env, DUMPSIEVE_TEST_TIMES: times },
      // --json sends the report to standard output, too; what people read goes to standard error.
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const result = existsSync(output) ? (JSON.parse(readFileSync(output, 'utf8')) as JestResult) : NOTHING;
    return { result, times: readTimes(times) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compiled tests, by their paths in dist/. Those whose source is gone or was moved are removed. */
function compiledTests(): string[] {
  const names = readdirSync(asset('dist/test'), { recursive: true, encoding: 'utf8' });
  const files = names
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => `test/${name.replaceAll('\\', '/')}`);
  const stale = files.filter((file) => !existsSync(asset(file.replace(/\.js$/, '.ts'))));
  for (const file of stale) rmSync(asset(`dist/${file}`));
  return files.filter((file) => !stale.includes(file));
}

/** The files that a choice runs, after a line for each that was named and is of another kind. */
function filesOf(choice: Choice): string[] {
  const { run, leftOut } = chosenFiles(compiledTests(), choice);
  for (const file of leftOut)
    say(`left out: ${file}: of another kind (npm test -- ${file.replace(/\.js$/, '')})`);
  return choice.recent ? recentFiles(run, touchedRooms(), commitDigit()) : run;
}

interface LeftOut {
  name: string;
  reason: string;
}

/** Groups of skipped tests. Their names contain the reason (describeWith, describeWithSamples). */
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

const UNEXPLAINED = 'no reason given';

/** Under DUMPSIEVE_ALL_TESTS=1 a test that was left out counts as failed, except those over sample dumps. */
function isFailure({ reason }: LeftOut): boolean {
  return process.env.DUMPSIEVE_ALL_TESTS === '1' && !reason.startsWith('no samples');
}

/** Does a test file name programs of the system that it needs? */
const needsPrograms = (file: string): boolean =>
  kindOf(file) !== 'fast' && readFileSync(asset(`dist/${file}`), 'utf8').includes('describeWith');

/** Prints the slowest fast files, and those that must be called otherwise. */
function sayTimes(times: readonly FileTime[], wrong: readonly FileTime[]): void {
  const seconds = ({ file, time }: FileTime) => `${(time / 1000).toFixed(1)} s ${file}`;
  const slowest = times.toSorted((a, b) => b.time - a.time).slice(0, SLOWEST);
  say(`processor time, slowest files: ${slowest.map(seconds).join(', ')}`);
  for (const each of wrong) say(`too slow for a fast test, see CONTRIBUTING.md: ${seconds(each)}`);
}

const SLOWEST = 5;

function main(argv: readonly string[]): void {
  // jest gets the same signal and ends; what was changed for the run must still be undone.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  const choice = choiceOf(argv);
  const files = filesOf(choice);
  const isQuick = files.every((file) => kindOf(file) === 'fast');
  if (!buildStale({ quick: isQuick })) {
    process.exitCode = 1;
    return;
  }
  if (files.length === 0) {
    sayNone(choice);
    return;
  }
  if (files.some(needsPrograms)) fetchPrograms();
  const run = () => runJest(files, choice.options);
  const { result, times } = isQuick ? run() : withKernelCores(run);
  // With a pattern of names, jest calls every other test skipped, too.
  const byName = choice.options.some((arg) => /^(-t|--testNamePattern)/.test(arg));
  const left = leftOut(result).filter(({ reason }) => !(byName && reason === UNEXPLAINED));
  for (const { name, reason } of left) say(`left out: ${name}: ${reason}`);
  const wrong = tooSlow(times);
  if (files.length > SLOWEST) sayTimes(times, wrong);
  const passed = result.numPassedTests;
  const failed =
    result.numFailedTests + result.numRuntimeErrorTestSuites + left.filter(isFailure).length + wrong.length;
  // A wrong pattern in the arguments must not look like a success.
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  say(`${passed} passed, ${failed} failed`);
}

/** No file is a mistake in the arguments, unless recent commits touched no room that has one. */
function sayNone({ recent }: Choice): void {
  say(recent ? 'no test file in the rooms of recent commits' : 'no test file matches');
  process.exitCode = recent ? 0 : 1;
  say(`0 passed, ${recent ? 0 : 1} failed`);
}

main(process.argv.slice(2));

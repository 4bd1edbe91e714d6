import { existsSync, readdirSync, rmSync } from 'node:fs';
import { asset } from '../src/core/base/runtime/assets.js';
import { buildStale } from './support/build.js';
import { type Choice, choiceOf, chosenFiles } from './support/choice.js';
import { type JestRun, type LeftOut, runJest, UNEXPLAINED } from './support/jest-run.js';
import { KINDS, kindOf } from './support/kinds.js';
import { fetchPrograms, say, withKernelCores } from './support/machine.js';
import { commitNumber, sharedFiles, touchedRooms } from './support/recent.js';
import { type FileTime, tooSlow } from './support/times.js';

/**
 * The test command, on the compiler's output: makes what is older than its sources, installs the system
 * programs that the chosen tests need if it can, runs jest, and ends with what was left out and why, and the
 * line `N passed, N failed`. Arguments: support/choice.ts.
 */

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
  const [rooms, commit] = [touchedRooms(), commitNumber()];
  const shares = choice.shared.map((kind) => {
    const all = run.filter((file) => kindOf(file) === kind);
    const share = sharedFiles(all, kind, rooms, commit);
    if (share.length < all.length) say(`${kind} tests in this run: ${share.length} of ${all.length}`);
    return share;
  });
  return [...run.filter((file) => !choice.shared.includes(kindOf(file)!)), ...shares.flat()];
}

/** Programs often wait for others: two files more than there are processors use them better. */
const PROGRAM_WORKERS = '--maxWorkers=4';

/**
 * Runs fast tests while the programs that the others need are installed, then the others, and last, one by
 * one and alone, those that change a setting of the machine.
 */
async function runAll(files: readonly string[], options: readonly string[]): Promise<JestRun> {
  const fast = files.filter((file) => kindOf(file) === 'fast');
  const machine = files.filter((file) => kindOf(file) === 'machine');
  const others = files.filter((file) => !fast.includes(file) && !machine.includes(file));
  const fetched = others.length + machine.length > 0 ? fetchPrograms() : undefined;
  const runs: JestRun[] = [];
  if (fast.length > 0) runs.push(await runJest(fast, options));
  await fetched;
  if (fetched === undefined) return joined(runs);
  await withKernelCores(async () => {
    if (others.length > 0) runs.push(await runJest(others, [PROGRAM_WORKERS, ...options]));
    if (machine.length > 0) runs.push(await runJest(machine, [...options, '--runInBand']));
  });
  return joined(runs);
}

/** Several runs as one. */
function joined(runs: readonly JestRun[]): JestRun {
  return {
    passed: runs.reduce((sum, { passed }) => sum + passed, 0),
    failed: runs.reduce((sum, { failed }) => sum + failed, 0),
    leftOut: runs.flatMap(({ leftOut }) => leftOut),
    times: runs.flatMap(({ times }) => times),
  };
}

/** Under DUMPSIEVE_ALL_TESTS=1 a test that was left out counts as failed, except those over sample dumps. */
function isFailure({ reason }: LeftOut): boolean {
  return process.env.DUMPSIEVE_ALL_TESTS === '1' && !reason.startsWith('no samples');
}

/** Prints the slowest files, and fast ones that must be called otherwise. */
function sayTimes(times: readonly FileTime[], wrong: readonly FileTime[]): void {
  const seconds = ({ file, time }: FileTime) => `${(time / 1000).toFixed(1)} s ${file}`;
  const slowest = times.toSorted((a, b) => b.time - a.time).slice(0, SLOWEST);
  say(`slowest by processor time: ${slowest.map(seconds).join(', ')}`);
  for (const each of wrong) say(`too slow for a fast test, see CONTRIBUTING.md: ${seconds(each)}`);
}

const SLOWEST = 10;

/** All tests, with all cases of long properties: no file is too slow then. */
const isNightly = ({ kinds, named }: Choice): boolean => kinds.length === KINDS.length && named.length === 0;

async function main(argv: readonly string[]): Promise<void> {
  // jest gets the same signal and ends; what was changed for the run must still be undone.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  const choice = choiceOf(argv);
  const files = filesOf(choice);
  if (files.length === 0) {
    say('no test file matches');
    say('0 passed, 1 failed');
    process.exitCode = 1;
    return;
  }
  if (!buildStale({ quick: files.every((file) => kindOf(file) === 'fast') })) {
    process.exitCode = 1;
    return;
  }
  if (isNightly(choice)) process.env.DUMPSIEVE_CASES = 'all';
  const run = await runAll(files, choice.options);
  // With a pattern of names, jest calls every other test skipped, too.
  const byName = choice.options.some((arg) => /^(-t|--testNamePattern)/.test(arg));
  const left = run.leftOut.filter(({ reason }) => !(byName && reason === UNEXPLAINED));
  for (const { name, reason } of left) say(`left out: ${name}: ${reason}`);
  const wrong = isNightly(choice) ? [] : tooSlow(run.times);
  if (files.length > SLOWEST) sayTimes(run.times, wrong);
  const failed = run.failed + left.filter(isFailure).length + wrong.length;
  // A wrong pattern in the arguments must not look like a success.
  process.exitCode = failed > 0 || run.passed === 0 ? 1 : 0;
  say(`${run.passed} passed, ${failed} failed`);
}

await main(process.argv.slice(2));

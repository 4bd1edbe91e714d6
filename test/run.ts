import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../src/base/runtime/assets.js';
import { buildStale } from './support/build.js';
import { e2eFiles, jestArguments, KINDS, type Kind } from './support/kinds.js';
import { fetchPrograms, say, withKernelCores } from './support/machine.js';

/**
 * The test command, on the compiler's output: makes what is older than its sources, installs the system
 * programs that the end-to-end tests need if it can, runs jest with the arguments given, and ends with what
 * was left out and why, and the line `N passed, N failed`. `--unit` and `--e2e` choose a kind of tests
 * (support/kinds.ts); default: all.
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

/** Removes compiled tests whose source is gone or was moved: jest would run them. */
function removeStale(): void {
  for (const name of readdirSync(asset('dist/test'), { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.test.js') && !existsSync(asset(`test/${name.replace(/\.js$/, '.ts')}`)))
      rmSync(asset(`dist/test/${name}`));
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

/** The kind of tests that the first argument chooses, and the arguments for jest. */
function chosen([first = '', ...rest]: readonly string[]): [kind: Kind, args: string[]] {
  const kind = KINDS.find((each) => first === `--${each}`);
  return kind === undefined ? ['all', [first, ...rest].filter((arg) => arg !== '')] : [kind, rest];
}

function main(argv: readonly string[]): void {
  const [kind, args] = chosen(argv);
  // jest gets the same signal and ends; what was changed for the run must still be undone.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  if (!buildStale({ quick: kind === 'unit' })) {
    process.exitCode = 1;
    return;
  }
  removeStale();
  const run = () => runJest(jestArguments(kind, args));
  if (kind === 'unit')
    for (const file of e2eFiles(args)) say(`left out: ${file}: an end-to-end test (npm run test:e2e)`);
  if (kind === 'unit') process.env.DUMPSIEVE_TESTS = kind;
  else fetchPrograms();
  const result = kind === 'unit' ? run() : withKernelCores(run);
  // With a pattern of names, jest calls every other test skipped, too.
  const byName = args.some((arg) => /^(-t|--testNamePattern)/.test(arg));
  const left = leftOut(result).filter(({ reason }) => !(byName && reason === UNEXPLAINED));
  for (const { name, reason } of left) say(`left out: ${name}: ${reason}`);
  const passed = result.numPassedTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites + left.filter(isFailure).length;
  // A wrong pattern in the arguments must not look like a success.
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  say(`${passed} passed, ${failed} failed`);
}

main(process.argv.slice(2));

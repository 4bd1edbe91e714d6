import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';
import { type FileTime, readTimes } from './times.js';

/** One run of jest over test files, and what came of it. */
export interface JestRun {
  passed: number;
  /** Tests that failed, and files that did not load. */
  failed: number;
  /** Groups of tests that were skipped, with the reason in their name (describeWith, describeWithSamples). */
  leftOut: LeftOut[];
  times: FileTime[];
}

/** The reason of a skipped test whose group has none in its name. */
export const UNEXPLAINED = 'no reason given';

export interface LeftOut {
  name: string;
  reason: string;
}

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

/** Runs jest on compiled tests, by their paths in dist/, with further options. */
export async function runJest(files: readonly string[], options: readonly string[]): Promise<JestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-run-'));
  const output = join(folder, 'jest.json');
  const times = join(folder, 'times');
  const jest = fileURLToPath(asset('node_modules/jest/bin/jest.js'));
  const chosen = ['--runTestsByPath', ...files.map((file) => `dist/${file}`)];
  try {
    const args = [jest, '--json', '--outputFile', output, ...options, ...chosen];
    const child = spawn(process.execPath, args, {
      cwd: fileURLToPath(asset('.')),
      env: { ...process.env, DUMPSIEVE_TEST_TIMES: times },
      // --json sends the report to standard output, too; what people read goes to standard error.
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await once(child, 'exit');
    const result = existsSync(output) ? (JSON.parse(readFileSync(output, 'utf8')) as JestResult) : NOTHING;
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
      leftOut: leftOut(result),
      times: readTimes(times),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { readYaml } from './workflow.js';

const WORKFLOWS = [
  '.github/workflows/ci.yml',
  '.github/workflows/nightly.yml',
  '.github/workflows/release.yml',
] as const;
const PARSER = fileURLToPath(new URL('./parse-workflows.js', import.meta.url));

interface Workflow {
  jobs: Record<string, { steps: { run?: string }[] }>;
}

const problemsOf = (workflows: readonly string[]): string[][] =>
  JSON.parse(
    execFileSync(process.execPath, [PARSER], { input: JSON.stringify(workflows), encoding: 'utf8' }),
  ) as string[][];

test.each(WORKFLOWS)('%s is valid, and the check rejects an invalid one', (path) => {
  const text = readFileSync(asset(path), 'utf8');
  const misspelt = text.replace('runs-on:', 'run-on:');
  const unknown = text.replace(/^permissions:/m, `env: { A: "\${{ matricks.os }}" }\n$&`);
  const [problems, ...wrong] = problemsOf([text, misspelt, unknown]);
  expect(problems).toEqual([]);
  expect(wrong.map((each) => each.length > 0)).toEqual([true, true]);
});

/** The commands of a job. */
function commands(workflow: string, job: string): string[] {
  const { jobs } = readYaml<Workflow>(workflow);
  return jobs[job]?.steps.flatMap(({ run }) => (run === undefined ? [] : [run])) ?? [];
}

test('runs the common script on Linux, fast tests and a scan on other systems', () => {
  expect(commands(WORKFLOWS[0], 'linux')).toContain('bash .ci/run');
  expect(commands(WORKFLOWS[0], 'portable')).toEqual(
    expect.arrayContaining(['npm ci', 'npm run test:unit', expect.stringContaining('scan fixtures')]),
  );
});

test('all tests run at night', () => {
  const { scripts } = JSON.parse(readFileSync(asset('package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  expect(commands(WORKFLOWS[1], 'linux')).toEqual(expect.arrayContaining(['npm ci', 'npm run test:nightly']));
  expect(scripts['test:nightly']).toMatch(/ --all$/);
});

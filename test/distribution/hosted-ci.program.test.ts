import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { asset } from '../../src/base/runtime/assets.js';
import { readYaml } from './workflow.js';

const WORKFLOW = '.github/workflows/ci.yml';
const PARSER = fileURLToPath(new URL('./parse-workflows.js', import.meta.url));

interface Workflow {
  jobs: Record<string, { steps: { run?: string }[] }>;
}

const problemsOf = (workflows: readonly string[]): string[][] =>
  JSON.parse(
    execFileSync(process.execPath, [PARSER], { input: JSON.stringify(workflows), encoding: 'utf8' }),
  ) as string[][];

test('the hosted workflow is valid, and the check rejects an invalid one', () => {
  const text = readFileSync(asset(WORKFLOW), 'utf8');
  const misspelt = text.replace('runs-on:', 'run-on:');
  const unknown = text.replace('matrix.os }}', 'matricks.os }}');
  const [problems, ...wrong] = problemsOf([text, misspelt, unknown]);
  expect(problems).toEqual([]);
  expect(wrong.map((each) => each.length > 0)).toEqual([true, true]);
});

test('runs the common script on Linux, unit tests and a scan on other systems', () => {
  const { jobs } = readYaml<Workflow>(WORKFLOW);
  const commands = (job: string) => jobs[job]?.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
  expect(commands('linux')).toContain('bash .ci/run');
  expect(commands('portable')).toEqual(
    expect.arrayContaining(['npm ci', 'npm run test:unit', expect.stringContaining('scan fixtures')]),
  );
});

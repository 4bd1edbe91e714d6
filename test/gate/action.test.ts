import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { type Action, outputsOf, readYaml, runSteps } from './workflow.js';

const action = readYaml<Action>('action.yml');
const dumps = Object.fromEntries(fixtureDumps().map(({ name, bytes }) => [name, bytes]));

interface Result {
  status: number;
  outputs: Record<string, string>;
  summary: string;
  log: string;
  temp: string;
  cwd: string;
}

/** Runs the action over a checkout with the fixtures in `dumps/`. */
function withAction(given: Record<string, string>, body: (result: Result) => void): Promise<void> {
  return withTempDir(async (folder) => {
    const [cwd, temp] = [join(folder, 'checkout'), join(folder, 'temp')];
    for (const each of [cwd, temp, join(cwd, 'dumps')]) mkdirSync(each);
    for (const [name, bytes] of Object.entries(dumps)) writeFileSync(join(cwd, 'dumps', name), bytes!);
    writeFileSync(join(cwd, 'odd name; touch hacked.core'), dumps['idle.core']!);
    const defaults = Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? '']);
    const inputs = { ...Object.fromEntries(defaults), ...given };
    const done = await runSteps(action.runs.steps, { cwd, temp }, inputs);
    body({ ...done, outputs: outputsOf(action, done), temp, cwd });
  });
}

describeWith(['bash'], 'the GitHub action', () => {
  test.each([
    ['findings', 'dumps/signer.core', '', 1],
    ['nothing', 'dumps/idle.core', '', 0],
    ['a missing file', 'dumps/none.core', '', 2],
    ['a wrong flag', 'dumps/idle.core', '--no-such-flag', 3],
    ['flags, one a line', 'dumps/signer.core\n', '--exit-zero\n--jobs=1\n', 0],
    ['several paths and a glob', 'dumps/idle.core\n\ndumps/wide.*\n', '', 1],
    ['a name that a shell would run', 'odd name; touch hacked.core', '', 0],
  ])('%s: the status is the scan’s', async (_, paths, flags, status) => {
    await withAction({ paths, flags }, (result) => {
      expect({ status: result.status, output: result.outputs.status }).toEqual({
        status,
        output: `${status}`,
      });
      expect(() => readFileSync(join(result.cwd, 'hacked.core'))).toThrow('ENOENT');
    });
  });

  test('writes SARIF into the temporary folder and a table into the step summary', async () => {
    await withAction({ paths: 'dumps' }, ({ outputs, summary, log, temp }) => {
      expect(outputs.sarif).toBe(join(temp, 'dumpsieve.sarif'));
      const [run] = JSON.parse(readFileSync(outputs.sarif!, 'utf8')).runs;
      expect(run.results.length).toBeGreaterThan(0);
      expect(run.results[0].locations[0].physicalLocation.artifactLocation.uri).toMatch(/^dumps\//);
      expect(summary).toMatch(/^## dumpsieve: secrets found/);
      expect(log).toContain('signer.core');
    });
  });

  test('has no report where the call was wrong', async () => {
    await withAction(
      { paths: 'dumps', flags: '--baseline=none.json' },
      ({ status, outputs, summary, log }) => {
        expect({ status, sarif: outputs.sarif, summary }).toEqual({ status: 3, sarif: '', summary: '' });
        expect(log).toContain('baseline-unreadable');
      },
    );
  });

  test('names what it says, and hands no input to a script as text', () => {
    for (const { description } of [...Object.values(action.inputs), ...Object.values(action.outputs)])
      expect(description).toMatch(/\w/);
    expect(action.runs.using).toBe('composite');
    for (const step of action.runs.steps) {
      expect(step.shell).toBe('bash');
      expect(step.run).not.toContain('${{');
      expect(step.uses).toBeUndefined();
    }
  });
});

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { type Action, commandsIn, outputsOf, readYaml, runSteps } from './workflow.js';

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

/** Calls the action over a checkout with the fixtures in `dumps/`. */
type Call = (given: Record<string, string>) => Promise<Result>;

/** A job's checkout and its temporary folder. */
function withJob(body: (call: Call) => Promise<void>): Promise<void> {
  return withTempDir(async (folder) => {
    const [cwd, temp] = [join(folder, 'checkout'), join(folder, 'temp')];
    for (const each of [cwd, temp, join(cwd, 'dumps')]) mkdirSync(each);
    for (const [name, bytes] of Object.entries(dumps)) writeFileSync(join(cwd, 'dumps', name), bytes!);
    for (const name of ODD_NAMES) writeFileSync(join(cwd, name), dumps['signer.core']!);
    const defaults = Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? '']);
    await body(async (given) => {
      const inputs = { ...Object.fromEntries(defaults), ...given };
      const done = await runSteps(action.runs.steps, { cwd, temp }, inputs);
      return { ...done, outputs: outputsOf(action, done), temp, cwd };
    });
  });
}

const withAction = (given: Record<string, string>, body: (result: Result) => void): Promise<void> =>
  withJob(async (call) => body(await call(given)));

/** Names that a shell or a runner would interpret. */
const ODD_NAMES = ['odd name; touch hacked.core', '::error::hacked.core', '##[error]hacked.core'];

describeWith(['bash'], 'the GitHub action', () => {
  test.each([
    ['findings', 'dumps/signer.core', '', 1],
    ['nothing', 'dumps/idle.core', '', 0],
    ['a missing file', 'dumps/none.core', '', 2],
    ['a wrong flag', 'dumps/idle.core', '--no-such-flag', 3],
    ['flags, one a line', 'dumps/signer.core\n', '--exit-zero\n--jobs=1\n', 0],
    ['several paths and a glob', 'dumps/idle.core\n\ndumps/wide.*\n', '', 1],
    ['a name that a shell would run', 'odd name; touch hacked.core', '', 1],
    ['no path at all', '', '', 3],
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
      expect(outputs.sarif!.startsWith(`${temp}/`)).toBe(true);
      const [run] = JSON.parse(readFileSync(outputs.sarif!, 'utf8')).runs;
      expect(run.results.length).toBeGreaterThan(0);
      const { findings } = JSON.parse(readFileSync(outputs.report!, 'utf8'));
      expect(findings.length).toBeGreaterThanOrEqual(run.results.length);
      expect(run.results[0].locations[0].physicalLocation.artifactLocation.uri).toMatch(/^dumps\//);
      expect(summary).toMatch(/^## dumpsieve: secrets found/);
      expect(log).toContain('signer.core');
    });
  });

  test('prints a line a finding between the commands that add and remove its matcher', async () => {
    await withAction({ paths: 'dumps/signer.core' }, ({ log }) => {
      const [, file, between = ''] =
        /::add-matcher::(.*)\n([\s\S]*)::remove-matcher owner=dumpsieve::/.exec(log) ?? [];
      const { problemMatcher } = JSON.parse(readFileSync(file!, 'utf8'));
      const pattern = new RegExp(problemMatcher[0].pattern[0].regexp);
      const found = between.split('\n').filter((line) => pattern.test(line));
      expect(found.length).toBeGreaterThan(0);
      for (const line of found)
        expect(line).toMatch(/^dumps\/signer\.core:1:1: error: .* at 0x[0-9a-f]+ \([0-9a-f]{8}\)$/);
    });
  });

  test('has no report if the call was wrong', async () => {
    await withAction(
      { paths: 'dumps', flags: '--baseline=none.json' },
      ({ status, outputs, summary, log }) => {
        expect({ status, sarif: outputs.sarif, summary }).toEqual({ status: 3, sarif: '', summary: '' });
        expect(log).toContain('baseline-unreadable');
      },
    );
  });

  test('writes SARIF to the path given', async () => {
    await withAction({ paths: 'dumps', sarif: 'here.sarif' }, ({ outputs, cwd }) => {
      expect(outputs.sarif).toBe('here.sarif');
      expect(JSON.parse(readFileSync(join(cwd, 'here.sarif'), 'utf8')).version).toBe('2.1.0');
    });
  });

  test.each(['', 'here.sarif'])('returns no report of an earlier call (sarif: "%s")', async (sarif) => {
    await withJob(async (call) => {
      const first = await call({ paths: 'dumps', sarif });
      const wrong = await call({ paths: 'dumps', flags: '--no-such-flag', sarif });
      expect(first.outputs.sarif).not.toBe('');
      expect({ sarif: wrong.outputs.sarif, summary: wrong.summary }).toEqual({ sarif: '', summary: '' });
    });
  });

  test('keeps the reports of two calls apart', async () => {
    await withJob(async (call) => {
      const [first, second] = [await call({ paths: 'dumps' }), await call({ paths: 'dumps/idle.core' })];
      expect(first.outputs.sarif).not.toBe(second.outputs.sarif);
      expect(JSON.parse(readFileSync(first.outputs.sarif!, 'utf8')).runs[0].results).not.toEqual([]);
    });
  });

  test('sets its own status, whatever the file name of the report contains', async () => {
    await withAction({ paths: 'dumps', sarif: 'a\nstatus=0' }, ({ outputs }) => {
      expect(outputs.status).toBe('1');
    });
  });

  test('passes no workflow command from the name of a dump to the runner', async () => {
    expect(ODD_NAMES.flatMap(commandsIn)).toEqual(['error', 'error']);
    await withAction({ paths: ODD_NAMES.join('\n') }, ({ log, status }) => {
      for (const name of ODD_NAMES.slice(1)) expect(log).toContain(name);
      const own = ['add-matcher', 'remove-matcher'];
      expect({ status, commands: commandsIn(log) }).toEqual({ status: 1, commands: own });
      expect(commandsIn(`${log}::error::of a later step\n`)).toEqual([...own, 'error']);
    });
  });

  test.each([
    ['nothing is built', [], ['ci --ignore-scripts --include=dev --no-fund --no-audit', 'run build:program']],
    [
      'a build was cut short',
      ['rules.json'],
      ['ci --ignore-scripts --include=dev --no-fund --no-audit', 'run build:program'],
    ],
    ['all is built', ['rules.json', 'bundle/main.cjs'], []],
  ])('builds itself if necessary: %s', async (_, built, calls) => {
    await withTempDir(async (folder) => {
      const [actionPath, temp] = [join(folder, 'action'), join(folder, 'temp')];
      for (const each of [join(actionPath, 'dist/bundle'), temp]) mkdirSync(each, { recursive: true });
      for (const name of built) writeFileSync(join(actionPath, 'dist', name), '');
      const npm = join(folder, 'npm');
      writeFileSync(npm, '#!/bin/sh\necho "$*" >> calls\n');
      chmodSync(npm, 0o755);
      const env = { PATH: `${folder}:${process.env.PATH}` };
      const { status } = await runSteps(action.runs.steps.slice(0, 1), {
        cwd: folder,
        temp,
        actionPath,
        env,
      });
      const file = join(actionPath, 'calls');
      const called = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
      expect({ status, called }).toEqual({ status: 0, called: calls });
    });
  });

  test('names its outputs, and passes no input to a script as text', () => {
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

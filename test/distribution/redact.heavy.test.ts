import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { KEY, OTHER_KEY } from '../redact/manifest/signed-copy.js';
import { runBash } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { type Action, commandsIn, outputsOf, readYaml, runSteps, type Step, type Uses } from './workflow.js';

const dumps = Object.fromEntries(fixtureDumps().map(({ name, bytes }) => [name, bytes]));
const action = readYaml<Action>('redact/action.yml');

const ODD = '::error::odd name; touch hacked.core';

/** Calls the action over a checkout with dumps. */
function callAction(given: Record<string, string>) {
  return withTempDir(async (folder) => {
    const [cwd, temp] = [join(folder, 'checkout'), join(folder, 'temp')];
    for (const each of [cwd, temp, join(cwd, 'dumps')]) mkdirSync(each);
    for (const name of ['signer.core', 'idle.core']) writeFileSync(join(cwd, 'dumps', name), dumps[name]!);
    writeFileSync(join(cwd, 'text.core'), 'no dump');
    writeFileSync(join(cwd, ODD), dumps['signer.core']!);
    const uploaded: Record<string, string[]> = {};
    const uses: Record<string, Uses> = {
      'actions/upload-artifact@v4': async ({ name = '', path = '' }) => {
        uploaded[name] = readdirSync(path).sort();
        return {};
      },
    };
    const defaults = Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? '']);
    const keys = { 'sign-key': KEY.pkcs8, 'public-key': KEY.spki };
    const inputs = { ...Object.fromEntries(defaults), ...keys, ...given };
    const actionPath = fileURLToPath(asset('redact'));
    const done = await runSteps(action.runs.steps, { cwd, temp, uses, actionPath }, inputs);
    const left = readdirSync(temp).filter((name) => name.includes('keys'));
    expect({ left, hacked: existsSync(join(cwd, 'hacked.core')) }).toEqual({ left: [], hacked: false });
    expect(done.log).not.toContain(KEY.pkcs8.split('\n')[1]);
    return { ...done, outputs: outputsOf(action, done), uploaded };
  });
}

const files = (name: string) => [name, `${name}.manifest.json`, `${name}.manifest.json.minisig`];

describeWith(['bash'], 'the GitHub action that redacts', () => {
  test('uploads the verified copies of a folder, with manifests and signatures', async () => {
    const { status, outputs, uploaded } = await callAction({ paths: 'dumps' });
    expect({ status, copies: outputs.copies, reported: outputs.status }).toEqual({
      ...{ status: 0, copies: '2', reported: '0' },
    });
    expect(uploaded).toEqual({ 'redacted-dumps': [...files('1-idle.core'), ...files('2-signer.core')] });
  });

  const minisign = { 'sign-key': KEY.minisignSecret, 'public-key': KEY.line };
  const ROWS: [name: string, given: Record<string, string>, status: number, copies: string][] = [
    [
      "minisign's keys, a pattern and flags",
      { paths: 'dumps/s*.core', flags: '--paths=hash', ...minisign },
      0,
      '1',
    ],
    ['another public half: nothing is uploaded', { paths: 'dumps', 'public-key': OTHER_KEY.spki }, 1, '0'],
    ['no key', { paths: 'dumps', 'sign-key': '', 'public-key': '' }, 3, '0'],
    ['one that cannot be copied: the others are uploaded', { paths: 'text.core\ndumps/idle.core' }, 3, '1'],
    ['no file', { paths: 'none/*.core' }, 2, '0'],
    ['a wrong flag', { paths: 'dumps/idle.core', flags: '--no-such-flag' }, 3, '0'],
  ];
  test.each(ROWS)('%s', async (_name, given, status, copies) => {
    const { outputs, uploaded, ...done } = await callAction(given);
    expect({ status: done.status, copies: outputs.copies }).toEqual({ status, copies });
    expect(Object.keys(uploaded)).toEqual(copies === '0' ? [] : ['redacted-dumps']);
  });

  test('passes no name of a dump to the runner or to a shell', async () => {
    const { log, uploaded, status } = await callAction({ paths: ODD, name: 'odd' });
    expect({ status, commands: commandsIn(log) }).toEqual({ status: 0, commands: [] });
    expect(uploaded.odd).toEqual(files('1-__error__odd_name__touch_hacked.core'));
  });

  test('passes no input to a script as text', () => {
    const scripts = action.runs.steps.flatMap(({ run }) => run ?? []);
    expect(scripts).toHaveLength(2);
    for (const script of scripts) expect(script).not.toContain('${{');
    for (const { description } of [...Object.values(action.inputs), ...Object.values(action.outputs)])
      expect(description).toMatch(/\w/);
  });

  test('takes the inputs that docs/ci.md gives it', () => {
    const page = readFileSync(asset('docs/ci.md'), 'utf8');
    const [, block = ''] = /```yaml\n( +- name: Keep copies[\s\S]*?)```/.exec(page) ?? [];
    const [{ uses, with: given = {} } = {} as Step] = parse(block) as Step[];
    expect(uses).toBe('OWNER/dumpsieve/redact@v1');
    expect(Object.keys(given).filter((name) => !(name in action.inputs))).toEqual([]);
    const needed = Object.entries(action.inputs).filter(([, { required }]) => required);
    expect(needed.map(([name]) => name).filter((name) => !(name in given))).toEqual([]);
  });
});

describeWith(['bash'], 'the GitLab template that redacts', () => {
  interface Job {
    variables: Record<string, string>;
    before_script: string[];
    after_script: string[];
    artifacts: { when: string; paths: string[] };
  }
  const { '.dumpsieve-redact': job } = readYaml<Record<'.dumpsieve-redact', Job>>('install/gitlab-ci.yml');

  const pipeline = (publicKey: string) =>
    withTempDir(async (folder) => {
      const cwd = join(folder, 'project');
      mkdirSync(join(cwd, 'redacted-dumps'), { recursive: true });
      writeFileSync(join(cwd, 'redacted-dumps', 'unverified'), dumps['signer.core']!);
      writeFileSync(join(folder, 'core'), dumps['signer.core']!);
      writeFileSync(join(folder, 'text'), 'no dump');
      writeFileSync(join(folder, 'sign'), KEY.pkcs8);
      writeFileSync(join(folder, 'public'), publicKey);
      const env = {
        ...job.variables,
        DUMPSIEVE_DUMPS: join(folder, 'dumps'),
        DUMPSIEVE_SIGN_KEY: join(folder, 'sign'),
        DUMPSIEVE_PUBLIC_KEY: join(folder, 'public'),
      };
      const script = 'cp ../core ../text "$DUMPSIEVE_DUMPS"; exit 1';
      await runBash(['set -e', ...job.before_script, script].join('\n'), { cwd, env });
      const { status } = await runBash(['npm() { :; }', 'set -e', ...job.after_script].join('\n'), {
        cwd,
        env,
      });
      const kept = readdirSync(join(cwd, 'redacted-dumps')).map((name) => name.replace(/^\d+/, 'N'));
      return { status, kept: kept.sort(), dumps: existsSync(env.DUMPSIEVE_DUMPS) };
    });

  test('keeps the copies that were verified, and nothing else', async () => {
    expect(await pipeline(KEY.spki)).toEqual({ status: 0, kept: files('N'), dumps: false });
  });

  test('keeps nothing that does not verify', async () => {
    expect(await pipeline(OTHER_KEY.spki)).toEqual({ status: 0, kept: [], dumps: false });
  });

  test('keeps what its jobs keep', () => {
    expect(job.artifacts).toEqual({ when: 'always', paths: ['redacted-dumps/'] });
  });
});

test('the library example of docs/redact.md runs as it is written', async () => {
  const examples = [...readFileSync(asset('docs/redact.md'), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)];
  const example = examples.map((match) => match[1]!).find((text) => text.includes('verify('))!;
  await withTempDir(async (folder) => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(fileURLToPath(asset('.')), join(folder, 'node_modules/dumpsieve'), 'dir');
    writeFileSync(join(folder, 'core.1'), dumps['signer.core']!);
    writeFileSync(join(folder, 'ci.key'), KEY.pkcs8);
    writeFileSync(join(folder, 'ci.pub'), KEY.spki);
    writeFileSync(join(folder, 'example.mjs'), `${example}console.log(verified);\n`);
    const said = execFileSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' });
    expect(said).toBe('true\n');
  });
});

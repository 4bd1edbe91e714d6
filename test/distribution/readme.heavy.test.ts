import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { pkcs8Pem } from '../../fixtures/keys.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { runBash, runCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { program } from '../support/programs.js';
import { freshSecrets } from '../support/secrets.js';
import { type Action, outputsOf, readYaml, runSteps, type Step, type Uses } from './workflow.js';

/** The README, and the pages of docs that show commands and settings of CI. */
const README = ['README.md', 'docs/ci.md', 'CONTRIBUTING.md']
  .map((name) => readFileSync(asset(name), 'utf8'))
  .join('\n');

/** The text of every fenced block in a language. */
const blocks = (language: string): string[] =>
  [...README.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter((match) => match[1] === language)
    .map((match) => match[2]!);

const blockWith = (language: string, text: string): string => {
  const block = blocks(language).find((each) => each.includes(text));
  if (block === undefined)
    throw new Error(`neither README.md nor docs/ci.md has a ${language} block with ${text}`);
  return block;
};

const dumps = Object.fromEntries(fixtureDumps().map(({ name, bytes }) => [name, bytes]));

describeWith(['bash'], 'the workflow of docs/ci.md', () => {
  const { jobs } = parse(blockWith('yaml', 'jobs:')) as { jobs: { test: { steps: Step[] } } };
  const action = readYaml<Action>('action.yml');

  /** Runs the workflow with tests that leave the dumps `names` and pass or fail. */
  async function workflow(names: string[], testsFail: boolean) {
    return withTempDir(async (folder) => {
      const [cwd, temp] = [join(folder, 'checkout'), join(folder, 'temp')];
      for (const each of [cwd, temp]) mkdirSync(each);
      for (const name of names) writeFileSync(join(folder, name), dumps[name]!);
      const copies = names.map((name) => `cp ../${name} "$2"`).join('\n');
      writeFileSync(join(cwd, 'run-tests'), `#!/bin/sh\n${copies}\nexit ${testsFail ? 1 : 0}\n`);
      chmodSync(join(cwd, 'run-tests'), 0o755);
      const seen: Record<string, string> = {};
      const uses: Record<string, Uses> = {
        'actions/checkout@v4': async () => ({}),
        'OWNER/dumpsieve@v1': async (given) => {
          const defaults = Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? '']);
          const inner = join(temp, 'action');
          mkdirSync(inner);
          const inputs = { ...Object.fromEntries(defaults), ...given };
          const done = await runSteps(action.runs.steps, { cwd, temp: inner }, inputs);
          return { status: done.status, outputs: outputsOf(action, done) };
        },
        'actions/upload-artifact@v4': async ({ path = '' }) => {
          expect(existsSync(path)).toBe(true);
          seen.dumps = path;
          return {};
        },
        'github/codeql-action/upload-sarif@v3': async ({ sarif_file = '' }) => {
          seen.sarif = JSON.parse(readFileSync(sarif_file, 'utf8')).version;
          return {};
        },
      };
      const { status, outputs } = await runSteps(jobs.test.steps, { cwd, temp, uses });
      return { status, uploadsDumps: 'dumps' in seen, sarif: seen.sarif, scan: outputs.scan?.status };
    });
  }

  test('uploads dumps without findings', async () => {
    expect(await workflow(['idle.core'], true)).toEqual({
      status: 1,
      uploadsDumps: true,
      sarif: '2.1.0',
      scan: '0',
    });
  });

  test('does not upload dumps that hold a key', async () => {
    const result = await workflow(['idle.core', 'signer.core'], true);
    expect(result).toEqual({ status: 1, uploadsDumps: false, sarif: '2.1.0', scan: '1' });
  });

  test('keeps nothing if tests fail without a crash', async () => {
    expect(await workflow([], true)).toEqual({ status: 1, uploadsDumps: false, sarif: '2.1.0', scan: '2' });
  });

  test('does nothing if no test failed', async () => {
    expect(await workflow(['signer.core'], false)).toEqual({ status: 0, uploadsDumps: false });
  });
});

/** `coredumpctl` prints a core; `pidof` starts a server, which has no secret. */
const PROGRAMS = `coredumpctl() { [[ $1 == dump ]] && cat core.1234; }
pidof() { sleep 20 > /dev/null 2>&1 & echo $!; }`;

describeWith(['bash', 'openssl'], 'the commands of the README', () => {
  /** Runs each line of a block in a folder that contains the files it names. */
  async function statuses(block: string): Promise<[line: string, status: number | null][]> {
    return withTempDir(async (cwd) => {
      const { ed25519, github } = freshSecrets();
      mkdirSync(join(cwd, 'dumps'));
      mkdirSync(join(cwd, 'test-keys'));
      cpSync(asset('fixtures/dumps/'), join(cwd, 'fixtures'), { recursive: true });
      writeFileSync(join(cwd, 'core.1234'), dumps['signer.core']!);
      writeFileSync(join(cwd, 'dumps', 'signer.core'), dumps['signer.core']!);
      execFileSync('tar', ['-czf', 'crashes.tar.gz', 'core.1234'], { cwd });
      writeFileSync(join(cwd, 'signing-key.pem'), pkcs8Pem(ed25519));
      writeFileSync(join(cwd, 'test-keys', 'ci.pub'), pkcs8Pem(ed25519));
      writeFileSync(join(cwd, 'prod-signing.pem'), pkcs8Pem(ed25519));
      writeFileSync(join(cwd, '.env'), `API_TOKEN=${github}\n`);
      writeFileSync(join(cwd, 'config.txt'), `API_TOKEN=${github}\n`);
      mkdirSync(join(cwd, 'clean-dumps'));
      writeFileSync(join(cwd, 'clean-dumps', 'idle.core'), dumps['idle.core']!);
      const certificate = [
        '-x509',
        '-new',
        '-key',
        'prod-signing.pem',
        '-subj',
        '/CN=api',
        '-out',
        'api.crt',
      ];
      execFileSync(program('openssl'), ['req', ...certificate], { cwd, stdio: 'ignore' });
      // What earlier scans have saved: a later one has the keys of the core.
      const save = (dump: string, name: string) => `dumpsieve scan --output json=${name} --quiet ${dump}`;
      await runBash(`${save('clean-dumps', 'yesterday.json')}; ${save('dumps', 'today.json')}`, { cwd });
      cpSync(join(cwd, 'today.json'), join(cwd, 'report.json'));
      const all: [string, number | null][] = [];
      for (const line of block.trim().split('\n')) {
        const script = `${PROGRAMS}\n${line}`;
        const { status } = await runBash(script, { cwd });
        all.push([line.replace(/ +#.*/, ''), status]);
      }
      return all;
    });
  }

  test('end with the documented status: usage', async () => {
    const rows = await statuses(blockWith('sh', 'coredumpctl'));
    const expected = rows.map(([line]) => [line, /^dumpsieve (rules|redact|scan --pid)/.test(line) ? 0 : 1]);
    expect(rows).toEqual(expected);
  });

  test('end with the documented status: is ours in there', async () => {
    const rows = await statuses(blockWith('sh', '--expect-absent'));
    // The core has keys of its own, and none of the targets.
    expect(rows.map(([, status]) => status)).toEqual([1, 0]);
  });

  test('end with the documented status: baseline', async () => {
    const rows = await statuses(blockWith('sh', '--write-baseline'));
    expect(rows.map(([, status]) => status)).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  });
});

describeWith(['bash', 'openssl'], 'the story of the README', () => {
  test('runs: crash, scan says no, redact, verify, upload', async () => {
    const story = blockWith('sh', 'scp core.out').trim().split('\n');
    expect(story).toHaveLength(5);
    const keys = /openssl genpkey[^`]+/.exec(README)?.[0] ?? '';
    await withTempDir(async (cwd) => {
      writeFileSync(join(cwd, 'crashed'), dumps['signer.core']!);
      mkdirSync(join(cwd, 'received'));
      const before = [
        'coredumpctl() { cat crashed; }',
        'scp() { for each; do [[ $each == *: ]] || cp "$each" received; done; }',
      ].join('\n');
      const statuses: (number | null)[] = [];
      for (const line of [keys, ...story])
        statuses.push((await runBash(`${before}\n${line}`, { cwd })).status);
      expect(statuses).toEqual([0, 0, 1, 0, 0, 0]);
      const received = join(cwd, 'received');
      const verified = ['verify', 'core.out.manifest.json', 'core.out', '--key', '../ci.pub'];
      expect(await runCli(verified, { cwd: received })).toMatchObject({ status: 0, stderr: '' });
      expect((await runCli(['scan', 'core.out'], { cwd: received })).status).toBe(0);
    });
  });
});

describe('the configuration of docs/ci.md', () => {
  test('is valid, and finds the files next to it', async () => {
    await withTempDir(async (cwd) => {
      mkdirSync(join(cwd, 'security'));
      mkdirSync(join(cwd, 'below'));
      writeFileSync(join(cwd, '.dumpsieve.yaml'), blockWith('yaml', 'baseline:'));
      const jwk = freshSecrets().ec.export({ format: 'jwk' });
      writeFileSync(join(cwd, 'security', 'test-keys.jwks'), JSON.stringify({ keys: [jwk] }));
      writeFileSync(join(cwd, 'below', 'key.jwk'), JSON.stringify(jwk));
      writeFileSync(join(cwd, 'security', 'accepted.json'), '{"schemaVersion": 1, "entries": []}');
      const result = await runCli(['scan', 'key.jwk'], { cwd: join(cwd, 'below') });
      const stdout = expect.stringContaining('on the allow list');
      expect(result).toMatchObject({ status: 0, stderr: '', stdout });
      const without = await runCli(['scan', '--no-config', 'key.jwk'], { cwd: join(cwd, 'below') });
      expect(without.status).toBe(1);
    });
  });
});

test('every environment variable of the project is in a table', () => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: asset('.'), encoding: 'utf8' }).split('\0');
  const sources = tracked.filter((name) =>
    /\.(ts|js|mjs|yml)$|^\.ci\/run$|^install\/(kubernetes\/)?Dockerfile$/.test(name),
  );
  const names = sources.flatMap(
    (name) => readFileSync(asset(name), 'utf8').match(/\bDUMPSIEVE_[A-Z_]+\b/g) ?? [],
  );
  const listed = new Set(README.match(/`DUMPSIEVE_[A-Z_]+`/g));
  expect([...new Set(names)].filter((name) => !listed.has(`\`${name}\``))).toEqual([]);
});

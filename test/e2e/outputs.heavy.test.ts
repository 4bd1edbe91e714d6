import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { hasReadInput, PIPE_FULL, runBash, runCli, startCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import { validateReport } from '../support/reports.js';

/** More than a pipe takes, and no end. */
function endless(): Readable {
  const stream = new Readable({ read() {} });
  for (let sent = 0; sent <= PIPE_FULL; sent += 2 ** 16) stream.push(Buffer.alloc(2 ** 16, 'a'));
  return stream;
}

const signer = fixtureDumps().find(({ name }) => name === 'signer.core')!.bytes;

describe('--output never overwrites a possible dump', () => {
  const rows: [what: string, outputs: string[], why: string][] = [
    ['the file that is scanned', ['json=core'], 'the file is to be scanned'],
    ['a link to it', ['json=link'], 'the file is to be scanned'],
    ['another dump', ['json=other'], 'it may be a dump'],
    ['the file of another report', ['json=report', 'sarif=report'], 'another output goes to this file'],
  ];
  test.each(rows)('%s', async (_, outputs, why) => {
    await withTempDir(async (cwd) => {
      for (const name of ['core', 'other']) writeFileSync(join(cwd, name), signer);
      symlinkSync('core', join(cwd, 'link'));
      const args = outputs.flatMap((output) => ['--output', output]);
      const { status, stderr } = await runCli(['scan', ...args, 'core'], { cwd });
      expect([status, stderr]).toEqual([3, expect.stringContaining(why)]);
      for (const name of ['core', 'other'])
        expect(readFileSync(join(cwd, name)).equals(Buffer.from(signer))).toBe(true);
    });
  });

  test('but it overwrites an earlier report', async () => {
    await withTempDir(async (cwd) => {
      writeFileSync(join(cwd, 'core'), signer);
      for (let run = 0; run < 2; run++) {
        const { status } = await runCli(['scan', '--quiet', '--output', 'json=report', 'core'], { cwd });
        expect(status).toBe(1);
        const report = validateReport(JSON.parse(readFileSync(join(cwd, 'report'), 'utf8')));
        expect(report.verdict).toBe('findings');
      }
    });
  });
});

describe('standard output is no file that the command reads', () => {
  const rows: [script: string, said: string][] = [
    ['dumpsieve scan --find key.env core >> key.env', 'standard output is the file of --find'],
    ['dumpsieve scan core 1<> core', 'standard output is the input itself'],
    ['dumpsieve scan - < core >> core', 'standard output is the input itself'],
    ['dumpsieve scan core >> .dumpsieve.yaml', 'standard output is the configuration file'],
    ['dumpsieve scan --output json=r core >> r', 'standard output goes to this file'],
    ['dumpsieve scan --output json=/dev/stdout core >> r', 'standard output goes to this file'],
    ['dumpsieve scan --write-baseline r core >> r', 'standard output or error goes to this file'],
    ['dumpsieve redact core -o r --force >> r', 'standard output or error goes to r'],
    ['dumpsieve redact core -o - --manifest r --force >> r', 'r is where the copy goes'],
    ['dumpsieve verify m core --key key.env >> key.env', 'standard output is the key of --key'],
    ['dumpsieve fingerprint < key.env >> key.env', 'standard output is the input itself'],
    ['dumpsieve rules test github-token key.env >> key.env', 'standard output is the input itself'],
  ];
  test.each(rows)('%s', async (script, said) => {
    await withTempDir(async (cwd) => {
      const content = { core: 'a text', 'key.env': 'API_KEY=abcdefgh1234', '.dumpsieve.yaml': '', r: 'old' };
      for (const [name, text] of Object.entries(content)) writeFileSync(join(cwd, name), text);
      const { status, stderr } = await runBash(script, { cwd });
      expect([status, stderr]).toEqual([3, expect.stringContaining(said)]);
      for (const [name, text] of Object.entries(content))
        expect(readFileSync(join(cwd, name), 'utf8')).toBe(text);
      expect(readdirSync(cwd).sort()).toEqual(Object.keys(content).sort());
    });
  });
});

describe('a report that is not complete leaves the old one, and no other file', () => {
  const withOld = (body: (cwd: string) => Promise<void>): Promise<void> =>
    withTempDir(async (cwd) => {
      writeFileSync(join(cwd, 'core'), signer);
      writeFileSync(join(cwd, 'r.json'), 'old');
      await body(cwd);
      expect(readdirSync(cwd).sort()).toEqual(['core', 'r.json']);
    });
  const old = (cwd: string): string => readFileSync(join(cwd, 'r.json'), 'utf8');

  test('no room is left', () =>
    withOld(async (cwd) => {
      // Files of at most 1 KiB: what follows is refused (EFBIG), as on a full disk.
      const script = "trap '' XFSZ; ulimit -f 1; dumpsieve scan -q --jobs 1 --output json=r.json core";
      const { status, stderr } = await runBash(script, { cwd });
      expect([status, stderr]).toEqual([3, expect.stringContaining('output-not-written')]);
      expect(old(cwd)).toBe('old');
    }));

  test('a second signal', () =>
    withOld(async (cwd) => {
      const run = startCli(['scan', '-q', '--output', 'json=r.json', '-'], { cwd, input: endless() });
      await hasReadInput(run);
      run.child.kill('SIGINT');
      run.child.kill('SIGTERM');
      const { status } = await run.result;
      expect([130, 143]).toContain(status);
      if (old(cwd) !== 'old') validateReport(JSON.parse(old(cwd)));
    }));

  test('one signal gives a whole report of what was read', () =>
    withOld(async (cwd) => {
      const run = startCli(['scan', '-q', '--output', 'json=r.json', '-'], { cwd, input: endless() });
      await hasReadInput(run);
      run.child.kill('SIGINT');
      expect((await run.result).status).toBe(130);
      expect(validateReport(JSON.parse(old(cwd)))).toMatchObject({ complete: false });
    }));
});

describe('a token in a path is masked, whichever rules are active', () => {
  const token = githubToken(new SeededRandom('in a name'));
  test.each([[['--only-signing']], [['--skip', 'github-token']], [['--only', 'private-key-pem']]])(
    '%j',
    async (narrowed) => {
      await withTempDir(async (cwd) => {
        mkdirSync(join(cwd, token));
        writeFileSync(join(cwd, token, 'core'), signer);
        for (const format of ['json', 'pretty', 'ndjson']) {
          const args = ['scan', ...narrowed, '--format', format, token, join('missing', token)];
          const { stdout, stderr } = await runCli(args, { cwd });
          expect(stdout).toContain('[masked: github-token]');
          expect(stdout + stderr).not.toContain(token.slice(4));
        }
      });
    },
  );
});

test('a run stopped during the search for numbers writes its report, and ends with its status', async () => {
  await withTempDir(async (cwd) => {
    const path = join(cwd, 'core');
    writeFileSync(path, signer);
    truncateSync(path, 300 * 2 ** 20);
    expect(statSync(path).size).toBe(300 * 2 ** 20);
    for (const limit of ['0.12', '0.16', '0.2', '0.24', '0.28']) {
      const args = ['scan', '--no-config', '--jobs', '1', '--format', 'json', '--time-limit', limit, 'core'];
      const { status, stdout } = await runCli(args, { cwd, env: {} });
      const { complete, summary } = JSON.parse(stdout);
      expect([1, 2]).toContain(status);
      expect(summary.exit).toBe(status);
      if (status === 2) expect(complete).toBe(false);
    }
  });
});

import { mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { runCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import { validateReport } from '../support/reports.js';

const signer = fixtureDumps().find(({ name }) => name === 'signer.core')!.bytes;

describe('--output never overwrites a possible dump', () => {
  const rows: [what: string, outputs: string[], why: string][] = [
    ['the file that is scanned', ['json=core'], 'the file is to be scanned'],
    ['a link to it', ['json=link'], 'the file is to be scanned'],
    ['another dump', ['json=other'], 'it may be a dump'],
    ['the file of another report', ['json=report', 'sarif=report'], 'another report goes to this file'],
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

import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { KEY } from '../redact/manifest/signed-copy.js';
import { runBash } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { inLogFolder } from './made-log.js';

const document = readFileSync(asset('docs/guard-reference.md'), 'utf8');
const scripts = [...document.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, script = '']) => script);

describeWith(['minisign', 'bash'], 'the lines of docs/guard-reference.md', () => {
  test("Debian's tools confirm the head", () =>
    inLogFolder(async (made) => {
      await made.grow(41);
      writeFileSync(made.file('guard.pub'), KEY.minisignPublic);
      const script = scripts.find((each) => each.includes('minisign'))!;
      const { status, stdout, stderr } = await runBash(`set -e\n${script}`, { cwd: made.folder });
      expect([status, stderr]).toEqual([0, '']);
      const [, , count, hash] = made.read('log.head').toString().split('\n');
      expect(stdout).toContain('Signature and comment signature verified\n');
      expect(stdout).toContain(`Trusted comment: ${made.heads.at(-1)}\n`);
      expect(stdout).toContain(`\n${hash}  -\n${count}\n`);
    }));

  test('a line has the hash of the one before', () =>
    inLogFolder(async (made) => {
      await made.grow(41);
      const script = scripts.find((each) => each.includes('sed'))!;
      const { stdout } = await runBash(script, { cwd: made.folder });
      expect(JSON.parse(made.lines()[40]!)).toMatchObject({ prev: stdout.split(' ')[0] });
    }));

  test('dumpsieve verifies it, with and without heads from elsewhere', () =>
    inLogFolder(async (made) => {
      await made.grow(3);
      writeFileSync(made.file('guard.pub'), KEY.minisignPublic);
      writeFileSync(made.file('heads.txt'), `${made.heads.join('\n')}\n`);
      const script = scripts.find((each) => each.includes('--since'))!;
      const run = () => runBash(`set -e\n${script}`, { cwd: made.folder });
      const good = await run();
      expect([good.status, good.stderr]).toEqual([0, '']);
      expect(good.stdout).toContain("verified: a guard's log, entries: 3, heads: 1 signed\n");
      expect(good.stdout).toContain('not proven: that nothing was cut off: a log put back');
      expect(good.stdout).toContain('heads: 1 signed, 4 kept elsewhere\n');
      writeFileSync(made.file('heads.txt'), made.heads[3]!.replace(' 3 ', ' 4 '));
      const older = await run();
      expect([older.status, older.stderr.split(':')[1]]).toEqual([1, ' log-older']);
      const heads = '--since "$(tail -n 1 heads.txt)"';
      const wrong = await runBash(`dumpsieve verify copy.manifest.json copy --key guard.pub ${heads}`, {
        cwd: made.folder,
      });
      expect([wrong.status, wrong.stderr]).toEqual([3, expect.stringContaining('--since is of')]);
    }));
});

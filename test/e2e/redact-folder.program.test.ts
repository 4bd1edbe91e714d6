import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { runCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';

const TOKEN = githubToken(new SeededRandom('token of a folder on the command line'));

test('redact of a folder prints a table, and what is wrong on standard error', () =>
  withTempDir(async (cwd) => {
    mkdirSync(join(cwd, 'dumps'));
    for (const [name, content] of [
      ['a', 'nothing at all'],
      ['b', `token: ${TOKEN}`],
      [`c-${TOKEN}`, 'nothing at all'],
      ['empty', ''],
    ] as const)
      writeFileSync(join(cwd, 'dumps', name), content);
    const redact = (line: string) => runCli(['redact', 'dumps', ...line.split(' ')], { cwd });
    const { status, stdout, stderr } = await redact('-o out');
    expect(status).toBe(2);
    expect(stdout + stderr).not.toContain(TOKEN);
    expect(stdout.replace(/\[masked[^\]]*\]/, 'M').replace(/ +/g, ' ')).toBe(
      [
        'file copy exit bytes what',
        'a yes 0 14 raw, nothing found',
        'b yes 0 47 raw, filled 40',
        'c-M no 2 redact-secret-name',
        'empty no 2 empty-input',
        'copies: 2, without one: 2',
        'a debugger prints filled bytes as if they were values of the program\n',
      ].join('\n'),
    );
    expect(stderr).toMatch(
      /^dumpsieve: c-\[masked[\s\S]*: redact-secret-name: .*\n {2}hint: .*\ndumpsieve: empty: empty-input: /,
    );
    expect(readdirSync(join(cwd, 'out')).sort()).toEqual(['a', 'a.manifest.json', 'b', 'b.manifest.json']);
    expect(await redact('-o dumps/out')).toMatchObject({
      ...{ status: 3, stdout: '', stderr: expect.stringMatching(/output-in-input/) },
    });
    const toPipe = await redact('-o -');
    expect(toPipe).toMatchObject({ status: 3, stdout: '', stderr: expect.stringMatching(/-o DIR/) });
    expect(await redact('-o other --manifest m')).toMatchObject({
      ...{ status: 3, stdout: '', stderr: expect.stringMatching(/each copy of a folder has a manifest/) },
    });
  }));

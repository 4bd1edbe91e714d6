import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { verifyFolder } from '../../../src/api/verify-folder.js';
import { runCli } from '../../support/cli.js';
import { inFolder, type SignedCopy } from './signed-copy.js';

/** A folder with three signed copies: one is in a folder of its own, one has the name of a manifest. */
const inCopies = (body: (made: SignedCopy, copies: string) => Promise<void>): Promise<void> =>
  inFolder(async (made) => {
    const copies = made.file('copies');
    mkdirSync(join(copies, 'sub'), { recursive: true });
    for (const name of ['a', 'sub/b', 'x.manifest.json'])
      await made.redact({ output: join(copies, name), sign: made.file('key.pem') });
    await body(made, copies);
  });

async function exitsOf(folder: string, key: string): Promise<Record<string, string>> {
  const exits: Record<string, string> = {};
  for await (const { path, exit, result, problem } of verifyFolder({ folder, key }))
    exits[path] = [exit, problem?.code ?? result?.problems[0]?.code ?? 'verified'].join(' ');
  return exits;
}

const WELL = { a: '0 verified', 'sub/b': '0 verified', 'x.manifest.json': '0 verified' };

const ROWS: [what: string, change: (copies: string, made: SignedCopy) => void, differs: object][] = [
  ['as it was written', () => {}, {}],
  ['with a changed copy', (copies) => appendFileSync(join(copies, 'a'), 'x'), { a: '1 length-differs' }],
  [
    'without a manifest',
    (copies) => rmSync(join(copies, 'sub/b.manifest.json')),
    { 'sub/b': '1 manifest-missing' },
  ],
  [
    'without a signature',
    (copies) => rmSync(join(copies, 'sub/b.manifest.json.minisig')),
    { 'sub/b': '1 signature-missing' },
  ],
  [
    'without a copy',
    (copies) => rmSync(join(copies, 'a')),
    {
      a: undefined,
      'a.manifest.json': '1 manifest-missing',
      'a.manifest.json.minisig': '1 manifest-missing',
    },
  ],
  [
    'with another file',
    (copies) => writeFileSync(join(copies, 'sub/note.txt'), 'x'),
    { 'sub/note.txt': '1 manifest-missing' },
  ],
  [
    'with a signature of a manifest that is not there',
    (copies) => writeFileSync(join(copies, 'a.manifest.json.manifest.json.minisig'), 'x'),
    { 'a.manifest.json.manifest.json.minisig': '1 manifest-missing' },
  ],
  [
    'with copies that were exchanged',
    (copies) => {
      renameSync(join(copies, 'a'), join(copies, 'c'));
      writeFileSync(join(copies, 'a'), 'x');
    },
    { a: '1 length-differs', c: '1 manifest-missing' },
  ],
  [
    'with a link to another file',
    (copies, { file }) => symlinkSync(file('dump'), join(copies, 'link')),
    { link: '2 verify-link' },
  ],
  ['with a broken link', (copies) => symlinkSync('nowhere', join(copies, 'link')), { link: '2 verify-link' }],
  ['with a pipe', (copies) => execFileSync('mkfifo', [join(copies, 'pipe')]), { pipe: '2 verify-no-file' }],
];

describe('a folder of copies', () => {
  test.each(ROWS)('%s', (_what, change, differs) =>
    inCopies(async (made, copies) => {
      change(copies, made);
      const wanted = Object.entries({ ...WELL, ...differs }).filter(([, exit]) => exit !== undefined);
      expect(await exitsOf(copies, made.file('key.pub'))).toEqual(Object.fromEntries(wanted));
    }),
  );

  test('of another key, or without files, does not pass', () =>
    inCopies(async (made, copies) => {
      const exits = await exitsOf(copies, made.file('other.pub'));
      expect(new Set(Object.values(exits))).toEqual(new Set(['1 signature-of-other-key']));
      const none = await exitsOf(made.file('sub'), made.file('key.pub'));
      expect(Object.values(none)).toEqual([expect.stringMatching(/^2 /)]);
    }));

  test('is verified by the command, which ends with the worst', () =>
    inCopies(async ({ folder }, copies) => {
      const run = (line: string) => runCli(line.split(' '), { cwd: folder });
      const well = await run('verify copies --key key.pub');
      expect(well).toMatchObject({ status: 0, stderr: '' });
      expect(well.stdout).toMatch(/^file +verified[\s\S]*^verified: 3, not: 0$/m);
      appendFileSync(join(copies, 'sub/b'), 'x');
      symlinkSync('/etc/passwd', join(copies, 'link'));
      const bad = await run('verify copies --key key.pub --quiet');
      expect(bad).toMatchObject({ status: 1, stdout: '' });
      expect(bad.stderr).toMatch(/dumpsieve: link: verify-link: [\s\S]*dumpsieve: sub\/b: length-differs: /);
      const missing = await run('verify none --key key.pub');
      expect(missing).toMatchObject({ status: 3, stdout: '' });
      expect(missing.stderr).toMatch(/no copy is named/);
    }));
});

import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { reportOf, runBash, runCli, scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { program } from '../support/programs.js';
import { validateEvent } from '../support/reports.js';
import { fixtures, withCauses } from './causes.js';

describeWith(['bash', 'mkfifo'], 'pipes', () => {
  test('a reader that closes the pipe ends the scan silently', async () => {
    await withTempDir(async (cwd) => {
      for (let i = 0; i < 300; i++) writeFileSync(join(cwd, `${i}.core`), fixtures['signer.core'].bytes);
      const result = await runBash('set -o pipefail; dumpsieve scan --format ndjson . | head -n 1', { cwd });
      expect(result.stderr).toBe('');
      expect(validateEvent(JSON.parse(result.stdout))).toMatchObject({ type: 'run' });
      expect(result.status).not.toBe(0); // of the scan: not all was read
    });
  });

  test.each([
    ['false | dumpsieve scan -', 2],
    ['false | dumpsieve scan --if-no-files ignore -', 2],
    ['false | gzip | dumpsieve scan --strict -', 2],
    ['dumpsieve scan - < /dev/null', 2],
    ['dumpsieve scan <(false)', 2],
    ['cat idle.core | dumpsieve scan --strict -', 0],
    ['dumpsieve scan --strict - < idle.core', 0],
  ])('%s: exit status %d', async (script, status) => {
    await withCauses(async (cwd) => expect(await runBash(script, { cwd })).toMatchObject({ status }));
  });

  test.each([
    'dumpsieve scan --exit-zero --format ndjson . > z.ndjson',
    'dumpsieve scan --exit-zero -q --output ndjson=z.ndjson .',
  ])('a report in the scanned folder does not count as changed: %s', async (script) => {
    await withTempDir(async (cwd) => {
      for (const name of ['idle.core', 'signer.core'] as const)
        writeFileSync(join(cwd, name), fixtures[name].bytes);
      expect(await runBash(script, { cwd })).toMatchObject({ status: 0 });
    });
  });

  test('a FIFO given by name is read, one found in a folder is skipped', async () => {
    await withCauses(async (cwd) => {
      execFileSync(program('mkfifo'), [join(cwd, 'fifo')]);
      const named = await runBash('cat signer.core > fifo & dumpsieve scan --format json fifo', { cwd });
      expect(named.status).toBe(1);
      expect(reportOf(named).artifacts[0]).toMatchObject({ format: 'elf-core' });
      const inFolder = await runCli(['scan', '--format', 'json', '.'], { cwd, timeout: 300_000 });
      expect(inFolder.status).toBe(1);
      expect(reportOf(inFolder).artifacts.map(({ path }) => path)).not.toContain('fifo');
    });
  });

  test('a name that is not UTF-8 is scanned, and shown escaped', async () => {
    await withCauses(async (cwd) => {
      const rename = String.raw`name=$'\xff\xfe.core'; mkdir odd; mv signer.core odd/"$name"`;
      const script = `${rename}; dumpsieve scan --format json `;
      const asFile = await runBash(`${script} odd/"$name"`, { cwd });
      expect(asFile.status).toBe(1);
      const inFolder = await runCli(['scan', '--format', 'json', 'odd'], { cwd });
      expect(inFolder.status).toBe(1);
      const paths = [asFile, inFolder].flatMap((result) =>
        reportOf(result).artifacts.map(({ path }) => path),
      );
      expect(paths).toHaveLength(2);
      for (const path of paths) expect(path).toMatch(/^odd\/.*ff.*fe.*\.core$/i);
    });
  });
});

describe('names', () => {
  const names = [
    String.raw`core.a\x2eout`,
    '[1].core',
    '!not.core',
    ' two  spaces ',
    '*',
    '{a,b}.core',
    '.hidden',
    'ключ.core',
    'it\'s "quoted"',
    '-dash',
  ];

  test.each(names)('%j is a path, alone and in a folder', async (name) => {
    await withTempDir(async (cwd) => {
      writeFileSync(join(cwd, name), fixtures['wide.raw'].bytes);
      const argument = name.startsWith('-') ? `./${name}` : name;
      for (const path of [argument, '.', join(cwd, name)]) {
        const { status, report } = await scanJson([path], { cwd });
        expect({ status, artifacts: report.artifacts.length }).toEqual({ status: 1, artifacts: 1 });
      }
    });
  });

  test('a pattern finds what a literal name does not', async () => {
    await withCauses(async (cwd) => {
      const { report } = await scanJson(['*.core', '**/*.raw'], { cwd });
      expect(report.artifacts.map(({ path }) => path).sort()).toEqual([
        'cut.core',
        'idle.core',
        'signer.core',
        'wide.raw',
      ]);
    });
  });

  test('two names of one file are scanned once; a link outside is a warning, or followed', async () => {
    await withCauses(async (cwd) => {
      const inside = join(cwd, 'inside');
      mkdirSync(inside);
      linkSync(join(cwd, 'wide.raw'), join(inside, 'one'));
      linkSync(join(cwd, 'wide.raw'), join(inside, 'two'));
      symlinkSync('one', join(inside, 'again'));
      const once = await scanJson(['inside'], { cwd });
      expect(once.report.artifacts).toHaveLength(1);
      expect(once.report.summary.warnings).toEqual([]);

      symlinkSync(join(cwd, 'idle.core'), join(inside, 'outside'));
      const warned = await scanJson(['--skip', 'github-token,named-secret:*', 'inside'], { cwd });
      expect(warned.status).toBe(0);
      expect(warned.report.summary.warnings).toHaveLength(1);
      const strict = await scanJson(['--strict', '--skip', 'github-token,named-secret:*', 'inside'], { cwd });
      expect(strict.status).toBe(2);
      const followed = await scanJson(['--follow', 'inside'], { cwd });
      expect(followed.report.artifacts).toHaveLength(2);
      const named = await scanJson([join('inside', 'outside')], { cwd });
      expect(named.report.artifacts).toHaveLength(1);
    });
  });
});

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { codes, collect, sample, scratch } from './collect.js';
import { packed } from './containers/archives.js';

const files = scratch();
afterAll(() => files.remove());

const contents = {
  'core.1': 'first core',
  'notes.txt': 'notes',
  'dir/core.2': sample(400_000),
  'dir/sub/trace.log': 'a trace',
};
const tar = packed(files, contents, 'tar', ['-cf', '-', '.']);
const zip = packed(files, { ...contents, 'inner.tar': tar, 'big.txt': sample(700_000) }, 'zip', [
  '-qr',
  '-',
  '.',
]);
const [tarPath, zipPath] = [files.write('named/a.tar', tar), files.write('named/a.zip', zip)];

/** A folder with files, archives and compressed files. */
const folder = `${files.folder}/all`;
for (const [name, bytes] of Object.entries(contents)) files.write(`all/${name}`, bytes);
files.write('all/a.tar', tar);
files.write('all/b.zip', zip);
files.write('all/core.3.gz', gzipSync('third core'));
files.write('all/other.gz', gzipSync('something else'));
files.write('all/c.tar.gz', gzipSync(tar));

interface Globs {
  include?: string[];
  exclude?: string[];
}

/** Paths of artifacts below `root`, and notices without it. */
async function chosen(
  path: string,
  root: string,
  options: Globs,
): Promise<[paths: string[], left: string[]]> {
  const all = await collect([path], options);
  expect(codes(all).filter((code) => code !== 'strict files-left-out')).toEqual([]);
  expect(all.artifacts.flatMap(({ unread }) => unread)).toEqual([]);
  const below = (text: string): string => text.replaceAll(`${root}/`, '').replaceAll(root, '.');
  const left = all.notices.map(({ message }) =>
    below(message).replace(' left out by --include and --exclude', ''),
  );
  return [all.artifacts.map((each) => below(each.path)).sort(), left];
}

describe('members of an archive', () => {
  test.each<[string, Globs, string[], string[]]>([
    ['included by name', { include: ['core.*'] }, ['core.1', 'dir/core.2'], ['2 files were']],
    ['included by path', { include: ['dir/core.2'] }, ['dir/core.2'], ['3 files were']],
    ['of a folder', { include: ['dir/'] }, ['dir/core.2', 'dir/sub/trace.log'], ['2 files were']],
    ['excluded by name', { exclude: ['*.txt', '*.log'] }, ['core.1', 'dir/core.2'], ['2 files were']],
    ['excluded outranks', { include: ['core.*'], exclude: ['dir/**'] }, ['core.1'], ['3 files were']],
    ['one', { exclude: ['notes.txt'] }, ['core.1', 'dir/core.2', 'dir/sub/trace.log'], ['1 file was']],
    ['none', { exclude: ['no such file'] }, Object.keys(contents), []],
  ])('%s', async (_what, options, names, left) => {
    const [paths, notices] = await chosen(tarPath, tarPath, options);
    expect(paths.sort()).toEqual(['.', ...names.map((name) => `.!./${name}`)].sort());
    expect(notices.map((each) => each.replace(/^\.: (.*(?:was|were)).*$/, '$1'))).toEqual(left);
  });

  test('excluded are not swept as bytes of the archive either', async () => {
    const { artifacts } = await collect([tarPath], { exclude: ['core.1'] });
    expect(artifacts[0]!.bytes.includes('first core')).toBe(false);
    expect(artifacts[0]!.bytes.includes('core.1')).toBe(true);
  });

  test('archives within are opened for their members', async () => {
    const [paths, notices] = await chosen(zipPath, zipPath, { include: ['core.1'] });
    expect(paths).toEqual(['.', '.!core.1', '.!inner.tar', '.!inner.tar!./core.1']);
    expect(notices).toEqual([
      expect.stringMatching(/^\.!inner\.tar: 3 files were: \.!inner\.tar!\.\/\S+ and others$/),
      expect.stringMatching(/^\.: 4 files were: \.!\S+ and others$/),
    ]);
  });

  test('an archive that is included by its own name has all members', async () => {
    const [paths] = await chosen(zipPath, zipPath, { include: ['inner.tar'], exclude: ['*.log'] });
    const inner = ['core.1', 'dir/core.2', 'notes.txt'].map((name) => `.!inner.tar!./${name}`);
    expect(paths).toEqual(['.', '.!inner.tar', ...inner]);
  });

  test('an excluded archive is not opened', async () => {
    const [paths] = await chosen(zipPath, zipPath, { exclude: ['*.tar'] });
    expect(paths.filter((path) => path.includes('inner'))).toEqual([]);
  });

  test('names that are not UTF-8, or long, are chosen by their bytes', async () => {
    const odd = `${files.folder}/odd`;
    fs.mkdirSync(odd);
    fs.writeFileSync(Buffer.concat([Buffer.from(`${odd}/core-`), Buffer.of(0xff, 0x0a)]), 'odd');
    fs.writeFileSync(`${odd}/${'n'.repeat(255)}`, 'long');
    const path = files.write('named/odd.tar', execFileSync('tar', ['-cf', '-', '-C', odd, '.']));
    expect((await chosen(path, path, { include: ['core-??'] }))[0]).toEqual(['.', '.!./core-\\xff\\x0a']);
    expect((await chosen(odd, odd, { include: ['n*'] }))[0]).toEqual(['n'.repeat(255)]);
  });
});

describe('files in a folder', () => {
  test('included by name, with archives and compressed files', async () => {
    const [paths, notices] = await chosen(folder, folder, { include: ['core.[13]'] });
    expect(paths).toEqual([
      'a.tar',
      'a.tar!./core.1',
      'b.zip',
      'b.zip!core.1',
      'b.zip!inner.tar',
      'b.zip!inner.tar!./core.1',
      'c.tar.gz',
      'c.tar.gz!./core.1',
      'c.tar.gz!c.tar',
      'core.1',
      'core.3.gz',
      'core.3.gz!core.3',
    ]);
    expect(notices).toHaveLength(5);
    expect(notices.at(-1)).toMatch(/^\.: 4 files were: /);
  });

  test('excluded by path', async () => {
    const [paths] = await chosen(folder, folder, { exclude: ['dir/**', '*.{tar,zip,gz}'] });
    expect(paths).toEqual(['core.1', 'notes.txt']);
  });

  test('found by a pattern', async () => {
    const [paths] = await chosen(`${folder}/**`, folder, { include: ['*.txt'], exclude: ['*.{tar,zip,gz}'] });
    expect(paths).toEqual(['notes.txt']);
  });

  test('a file that is named is scanned whatever the globs say', async () => {
    const named = `${folder}/notes.txt`;
    const options = { include: ['core.*'], exclude: ['*.txt'] };
    expect(await chosen(named, folder, options)).toEqual([['notes.txt'], []]);
  });

  test('links are chosen by their own names', async () => {
    const linked = `${files.folder}/links`;
    fs.mkdirSync(linked);
    fs.symlinkSync(`${folder}/core.1`, `${linked}/core.link`);
    fs.symlinkSync(`${folder}/notes.txt`, `${linked}/other`);
    const all = await collect([linked], { include: ['core*'], follow: true });
    expect(all.artifacts.map(({ path }) => path)).toEqual([`${linked}/core.link`]);
    expect(codes(all)).toEqual(['strict files-left-out']);
  });
});

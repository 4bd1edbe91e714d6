import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import type { ScanOptions, Summary } from '../../src/index.js';
import { collect } from '../hostile/collect.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';

/** What a row is about, its paths, its exit status and that under `--strict`, and its warnings. */
type Row = [what: string, paths: string[], alone: 0 | 2, strictly: 0 | 2, codes: string[]];

const ROWS: Row[] = [
  ['an empty file that is named', ['empty', 'byte'], 2, 2, ['empty-input']],
  ['content that is empty, of a file that is named', ['empty.gz', 'byte'], 2, 2, ['empty-input']],
  ['a link to an empty file', ['link', 'byte'], 2, 2, ['empty-input']],
  ['an empty file in a folder', ['folder'], 0, 2, ['files-empty']],
  ['an empty file by a pattern', ['folder/*'], 0, 2, ['files-empty']],
  ['content that is empty, in a folder', ['packed'], 0, 2, ['files-empty']],
  ['a link in a folder to an empty file, followed', ['links'], 0, 2, ['files-empty']],
  ['an empty member of tar', ['a.tar'], 0, 2, ['files-empty']],
  ['an empty member of tar.gz', ['a.tar.gz'], 0, 2, ['files-empty']],
  ['an empty member of ZIP', ['a.zip'], 0, 2, ['files-empty']],
  ['an empty member of cpio', ['a.cpio'], 0, 2, ['files-empty']],
  ['folders of an archive', ['folders.tar'], 0, 0, []],
  ['folders of a ZIP archive', ['folders.zip'], 0, 0, []],
  ['a folder without files', ['none', 'byte'], 0, 0, ['no-files']],
];

function fill(folder: string): void {
  const write = (name: string, bytes: string | Uint8Array) => writeFileSync(join(folder, name), bytes);
  for (const name of ['folder', 'packed', 'links', 'none', 'nested', 'nested/deep'])
    mkdirSync(join(folder, name));
  for (const name of ['empty', 'folder/zero', 'folder/other']) write(name, '');
  for (const name of ['byte', 'folder/byte', 'packed/byte', 'links/byte', 'nested/deep/byte'])
    write(name, 'x');
  for (const name of ['empty.gz', 'packed/empty.gz']) write(name, gzipSync(''));
  symlinkSync('empty', join(folder, 'link'));
  symlinkSync('../empty', join(folder, 'links/link'));
  const shell = (command: string) => execFileSync('sh', ['-c', command], { cwd: folder });
  shell('tar -cf a.tar folder && gzip -k a.tar && zip -qr a.zip folder');
  shell('find folder | cpio -o --quiet -H newc > a.cpio');
  shell('tar -cf folders.tar nested && zip -qr folders.zip nested');
}

describeWith(['zip', 'cpio'], 'files without content', () => {
  test.each(ROWS)('%s', (_what, paths, alone, strictly, codes) =>
    withTempDir(async (folder) => {
      fill(folder);
      const options = { paths: paths.map((path) => join(folder, path)), follow: true };
      const summaryOf = async (more: Partial<ScanOptions>): Promise<Summary> =>
        (await collect({ ...options, ...more })).summary;
      const summary = await summaryOf({});
      expect(summary).toMatchObject({ exit: alone, complete: alone === 0 });
      expect(summary.warnings.map(({ code }) => code)).toEqual(codes);
      expect((await summaryOf({ strict: true })).exit).toBe(strictly);
    }),
  );

  test('are counted once for a folder, with the first name', () =>
    withTempDir(async (folder) => {
      for (let i = 0; i < 1200; i++) writeFileSync(join(folder, `f${String(i).padStart(4, '0')}`), '');
      const { summary } = await collect({ paths: [folder] });
      const [warning, ...others] = summary.warnings.filter(({ code }) => code === 'files-empty');
      expect(others).toEqual([]);
      expect(warning!.message).toMatch(/: 1,200 files without content: .*\/f\d{4} and others$/);
    }));
});

import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import { type FolderCopy, type FolderOptions, redactFolder } from '../../src/api/redact-folder.js';
import type { RedactProgress } from '../../src/core/options/check-options.js';
import { SweepPool } from '../../src/sweep/pool.js';
import { withTempDir } from '../support/folder.js';
import { BuiltProcess } from './built-core.js';

const TOKEN = githubToken(new SeededRandom('token in a folder'));
const TEXT = `${'nothing here, '.repeat(90)}\ntoken: ${TOKEN}\n`;
const CORE = new BuiltProcess('folder').core().bytes;
const isRoot = process.getuid?.() === 0;

interface Call {
  folder: string;
  file(name: string): string;
  write(name: string, content: string | Uint8Array): void;
  /** Rows `path exit` and the code of a problem. */
  copies(options?: Partial<FolderOptions>): Promise<string[]>;
  /** Files of the copies. */
  written(): string[];
}

async function collect(copies: AsyncIterable<FolderCopy>): Promise<FolderCopy[]> {
  const all: FolderCopy[] = [];
  for await (const copy of copies) all.push(copy);
  return all;
}

const inFolder = (body: (call: Call) => Promise<void>): Promise<void> =>
  withTempDir(async (folder) => {
    const file = (name: string) => join(folder, name);
    mkdirSync(file('dumps'));
    await body({
      ...{ folder, file },
      write(name, content) {
        mkdirSync(dirname(file(`dumps/${name}`)), { recursive: true });
        writeFileSync(file(`dumps/${name}`), content);
      },
      async copies(options = {}) {
        const all = redactFolder({ input: file('dumps'), output: file('out'), jobs: 1, ...options });
        return (await collect(all)).map(
          ({ path, exit, problem, copy }) => `${path} ${exit} ${problem?.code ?? copy?.format}`,
        );
      },
      written: () =>
        readdirSync(file('out'), { recursive: true, encoding: 'utf8' })
          .filter((name) => statSync(file(`out/${name}`)).isFile())
          .sort(),
    });
  });

describe('a folder', () => {
  test('has a copy of each file that can be copied, and says why there is none of the others', () =>
    inFolder(async ({ file, write, copies, written }) => {
      write('clean', 'nothing at all');
      write('core.gz', gzipSync(TEXT));
      write('damaged.gz', gzipSync(TEXT).subarray(0, -4));
      write('deep/er/text', TEXT);
      write('empty', '');
      write(`name-${TOKEN}`, 'nothing at all');
      if (!isRoot) {
        write('secret', 'x');
        chmodSync(file('dumps/secret'), 0);
      }
      symlinkSync('clean', file('dumps/inside'));
      symlinkSync('/etc/hostname', file('dumps/outside'));
      symlinkSync('none', file('dumps/broken'));
      const rows = await copies();
      expect(rows.join('\n')).not.toContain(TOKEN);
      expect(rows.map((row) => row.replace(/\[masked.*?\]/, 'MASKED'))).toEqual([
        'clean 0 raw',
        'core.gz 0 raw',
        'damaged.gz 2 container-truncated',
        'empty 2 empty-input',
        'name-MASKED 2 redact-secret-name',
        ...(isRoot ? [] : ['secret 2 input-unreadable']),
        'deep/er/text 0 raw',
        'broken 0 link-broken',
        'outside 2 link-outside',
      ]);
      const names = ['clean', 'core.gz', 'deep/er/text'];
      expect(written()).toEqual(names.flatMap((name) => [name, `${name}.manifest.json`]));
      expect(statSync(file('out')).mode & 0o777).toBe(0o700);
      for (const name of written()) expect(readFileSync(file(`out/${name}`)).includes(TOKEN)).toBe(false);
      expect(readFileSync(file('dumps/deep/er/text'), 'utf8')).toBe(TEXT);
    }));

  test('a name that only the dump shows to be a secret has no copy', () =>
    inFolder(async ({ file, write, copies, written }) => {
      const password = ['Vq7!mZp2', 'xLw9Rt4'].join('_');
      write(`of ${password}`, `DB_PASSWORD=${password}\0PATH=/bin\0`);
      write('other', 'nothing at all');
      const rows = await copies();
      expect(rows).toEqual([expect.stringMatching(/^of \[masked.*\] 2 redact-secret-name$/), 'other 0 raw']);
      expect(rows[0]).not.toContain(password);
      expect(written()).toEqual(['other', 'other.manifest.json']);
      write(`of ${password}`, 'nothing at all');
      expect(await copies({ output: file('more') })).toEqual([`of ${password} 0 raw`, 'other 0 raw']);
    }));

  test('a name that only the dump shows to be a secret is shown by no failure either', () =>
    inFolder(async ({ file, write }) => {
      const password = ['hunter2', 'Xk9'].join('');
      const text = Buffer.from(`\0DB_PASSWORD=${password}\0PATH=/bin\0`);
      // Cut, so that the scan is not complete; the text is in what is left.
      const cut = Buffer.from(CORE.subarray(0, -512));
      text.copy(cut, cut.length - 1024);
      write(`core-${password}`, cut);
      const [copy, ...others] = await collect(redactFolder({ input: file('dumps'), output: file('out') }));
      expect(others).toEqual([]);
      expect(copy).toMatchObject({ path: expect.stringMatching(/^core-\[masked/), exit: 2 });
      expect(copy!.problem!.code).toBe('redact-missing-memory');
      expect(JSON.stringify(copy)).not.toContain(password);
    }));

  test('a name is masked where a failure tells it, by what was found until then', () =>
    inFolder(async ({ file, write }) => {
      const password = ['hunter2', 'Xk9'].join('');
      write(`core-${password}`, `DB_PASSWORD=${password}\0PATH=/bin\0`);
      let scanned = false;
      const onProgress = ({ phase, round }: RedactProgress): void => {
        if (scanned || phase !== 'scan' || round !== 1) return;
        scanned = true;
        appendFileSync(file(`dumps/core-${password}`), 'more');
      };
      const call = { input: file('dumps'), output: file('out'), onProgress };
      const [copy] = await collect(redactFolder(call));
      expect(copy).toMatchObject({ exit: 2, problem: { code: 'file-changed' } });
      expect(JSON.stringify(copy)).not.toContain(password);
    }));

  test('its threads keep nothing of a dump when its copy is made', () =>
    inFolder(async ({ file, write }) => {
      for (const name of ['a', 'b']) write(name, TEXT);
      const wipe = jest.spyOn(SweepPool.prototype, 'wipe');
      try {
        let copied = 0;
        for await (const { exit } of redactFolder({ input: file('dumps'), output: file('out') })) {
          expect(exit).toBe(0);
          expect(wipe).toHaveBeenCalledTimes(++copied);
        }
        expect(copied).toBe(2);
      } finally {
        wipe.mockRestore();
      }
    }));

  test.each([
    [`core.nginx.33.${'5b9f0a7c'.repeat(4)}.4512.1700000000000000`],
    ['3f2504e0-4f89-41d3-9a0c-0305e82c3301.dmp'],
    ['pods/api-7d4b9c6f5d-x2x9k/core.1'],
    ['password/heap.hprof'],
  ])('%s is a name that holds no secret', (name) =>
    inFolder(async ({ write, copies, written }) => {
      write(name, CORE);
      for (const keep of ['all', 'backtrace'] as const)
        expect(await copies({ keep, force: true })).toEqual([expect.stringMatching(/ 0 elf-core$/)]);
      expect(written()).toEqual([name, `${name}.manifest.json`]);
    }),
  );

  test('copies for backtraces, also under two names', () =>
    inFolder(async ({ file, write, copies, written }) => {
      write('a.core', CORE);
      linkSync(file('dumps/a.core'), file('dumps/b.core'));
      write('text', TEXT);
      expect(await copies({ keep: 'backtrace' })).toEqual([
        'a.core 0 elf-core',
        'b.core 0 elf-core',
        'text 3 redact-format',
      ]);
      expect(written()).toHaveLength(4);
    }));

  test('replaces files with force alone, and none of the same run', () =>
    inFolder(async ({ file, write, copies, written }) => {
      const twice = ['core 3 output-exists', 'core.manifest.json 3 output-exists'];
      write('core', CORE);
      write('core.manifest.json', 'of an older copy');
      expect(await copies({ keep: 'all' })).toEqual(['core 0 elf-core', twice[1]]);
      const before = readFileSync(file('out/core.manifest.json'));
      expect(await copies()).toEqual(twice);
      expect(await copies({ force: true })).toEqual(['core 0 elf-core', twice[1]]);
      expect(readFileSync(file('out/core.manifest.json')).equals(before)).toBe(true);
      expect(written()).toHaveLength(2);
    }));

  test('does not follow a link among the folders of the copies', () =>
    inFolder(async ({ file, write, copies }) => {
      write('deep/text', 'nothing at all');
      mkdirSync(file('out'));
      symlinkSync(file('dumps'), file('out/deep'));
      expect(await copies({ force: true })).toEqual(['deep/text 3 output-no-folder']);
      expect(readdirSync(file('dumps'))).toEqual(['deep']);
    }));

  test('a name that is not UTF-8 has no copy', () =>
    inFolder(async ({ folder, copies }) => {
      if (process.platform !== 'linux') return;
      writeFileSync(Buffer.from(`${folder}/dumps/core.\xff`, 'latin1'), 'nothing at all');
      expect(await copies()).toEqual(['core.\\xff 2 redact-name-bytes']);
    }));

  test('without a file is exit 2', () =>
    inFolder(async ({ copies, file }) => {
      expect(await copies()).toEqual([`${file('dumps')} 2 no-files`]);
    }));
});

const WRONG: [name: string, options: (file: Call['file']) => Partial<FolderOptions>, code: string][] = [
  ['the copies go into it', (file) => ({ output: file('dumps/out') }), 'output-in-input'],
  ['the copies go to itself', (file) => ({ output: file('dumps') }), 'output-in-input'],
  ['it lies in that of the copies', (file) => ({ output: file('.') }), 'output-in-input'],
  ['the copies go into it by a link', (file) => ({ output: file('link/out') }), 'output-in-input'],
  ['the copies go to a file', (file) => ({ output: file('dumps/text') }), 'output-no-folder'],
  ['the copies go nowhere', (file) => ({ output: file('none/out') }), 'output-not-written'],
  ['it is a file', (file) => ({ input: file('dumps/text') }), 'input-no-folder'],
  ['it is missing', (file) => ({ input: file('none') }), 'input-no-folder'],
  ['all copies would have one manifest', () => ({ manifest: 'm' }) as object, 'wrong-option'],
  ['a limit is unknown', () => ({ acceptLimits: ['nothing'] }), 'unknown-limit'],
];

describe('the folder is not copied if', () => {
  test.each(WRONG)('%s', (_name, options, code) =>
    inFolder(async ({ file, write, copies }) => {
      write('text', 'nothing at all');
      symlinkSync('dumps', file('link'));
      await expect(copies(options(file))).rejects.toMatchObject({ code, exit: 3 });
      expect(readdirSync(file('dumps'))).toEqual(['text']);
      expect(existsSync(file('text'))).toBe(false);
    }),
  );

  test('it is stopped; what is there by then stays', () =>
    inFolder(async ({ file, write, written }) => {
      for (const name of ['a', 'b']) write(name, CORE);
      const controller = new AbortController();
      const options = { input: file('dumps'), output: file('out'), keep: 'backtrace' } as const;
      const copies = redactFolder({ ...options, signal: controller.signal });
      expect((await copies.next()).value).toMatchObject({ path: 'a', exit: 0 });
      controller.abort('enough');
      await expect(copies.next()).rejects.toBe('enough');
      expect(written()).toEqual(['a', 'a.manifest.json']);
    }));
});

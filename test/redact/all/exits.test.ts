import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../../fixtures/dumps.js';
import { type RedactOptions, type RedactProgress, redact } from '../../../src/api/redact.js';
import { withTempDir } from '../../support/folder.js';

const { bytes: DUMP } = fixtureDumps().find(({ name }) => name === 'signer.core')!;

type Call = (options?: Partial<RedactOptions>) => Promise<unknown>;

/** Runs a test in a folder with a dump. */
const inFolder = (body: (folder: string, call: Call) => unknown) =>
  withTempDir(async (folder) => {
    const [input, output] = [join(folder, 'dump'), join(folder, 'copy')];
    writeFileSync(input, DUMP);
    await body(folder, (options = {}) => redact({ input, output, jobs: 1, keep: 'all', ...options }));
  });

interface Refusal {
  make?: (folder: string) => void;
  options?: (folder: string) => Partial<RedactOptions>;
  /** Done once, when this step begins. */
  change?: (folder: string) => void;
  phase?: NonNullable<RedactProgress['phase']>;
  code: string;
  exit: 1 | 2 | 3;
}

const dump = (folder: string) => join(folder, 'dump');
const copy = (folder: string) => join(folder, 'copy');
const other = (content: Buffer) => (folder: string) => {
  writeFileSync(join(folder, 'other'), content);
  return { input: join(folder, 'other') };
};

const REFUSALS: [name: string, Refusal][] = [
  ['the input is empty', { options: other(Buffer.alloc(0)), code: 'empty-input', exit: 2 }],
  [
    'the input is missing',
    { options: (f) => ({ input: join(f, 'none') }), code: 'input-unreadable', exit: 3 },
  ],
  ['the input is a folder', { options: (f) => ({ input: f }), code: 'input-no-file', exit: 3 }],
  [
    'nothing arrives on standard input',
    { options: () => ({ input: '-', stdin: Readable.from([]) }), code: 'empty-input', exit: 2 },
  ],
  [
    'the input is compressed twice',
    { options: other(gzipSync(gzipSync('text'))), code: 'redact-format', exit: 3 },
  ],
  [
    'memory is encoded',
    { options: other(Buffer.from(`KDUMP   ${'x'.repeat(999)}`)), code: 'redact-unread', exit: 2 },
  ],
  ['the dump is cut', { make: (f) => truncateSync(dump(f), 20_000), code: 'redact-missing-memory', exit: 2 }],
  ['the output is there', { make: (f) => writeFileSync(copy(f), ''), code: 'output-exists', exit: 3 }],
  ['the output is a link', { make: (f) => symlinkSync('none', copy(f)), code: 'output-is-link', exit: 3 }],
  ['the output is a folder', { make: (f) => mkdirSync(copy(f)), code: 'output-is-folder', exit: 3 }],
  [
    'the output is the input',
    { options: (f) => ({ output: dump(f), force: true }), code: 'output-is-input', exit: 3 },
  ],
  [
    'the output is a hard link to the input',
    {
      make: (f) => linkSync(dump(f), copy(f)),
      options: () => ({ force: true }),
      code: 'output-is-input',
      exit: 3,
    },
  ],
  [
    'the folder is missing',
    { options: (f) => ({ output: join(f, 'a', 'b') }), code: 'output-not-written', exit: 3 },
  ],
  [
    'an option is of another kind of copy',
    { options: () => ({ exe: 'program' }), code: 'wrong-option', exit: 3 },
  ],
  ['no limit has a name', { options: () => ({ acceptLimits: ['nothing'] }), code: 'unknown-limit', exit: 3 }],
  ['a fill is no byte', { options: () => ({ fill: 256 }), code: 'wrong-option', exit: 3 }],
  [
    'a file of allowed keys is missing',
    { options: () => ({ keepAllowed: ['/none'] }), code: 'allow-unreadable', exit: 3 },
  ],
  [
    'the input grows while it is scanned',
    { change: (f) => appendFileSync(dump(f), 'x'), phase: 'scan', code: 'file-changed', exit: 2 },
  ],
  [
    'the input changes while it is written',
    { change: (f) => utimesSync(dump(f), 1, 1), phase: 'write', code: 'file-changed', exit: 2 },
  ],
  [
    'the input is cut while it is written',
    { change: (f) => truncateSync(dump(f), 9), phase: 'prove', code: 'file-changed', exit: 2 },
  ],
  [
    'the input is replaced while the copy is read back',
    {
      change(folder) {
        renameSync(dump(folder), join(folder, 'old'));
        writeFileSync(dump(folder), DUMP);
      },
      ...{ phase: 'prove', code: 'file-changed', exit: 2 },
    },
  ],
  [
    'what is read back differs',
    {
      change(folder) {
        const temporary = readdirSync(folder).find((name) => name.startsWith('.dumpsieve-'))!;
        writeFileSync(join(folder, temporary), Buffer.alloc(16, 1), { flag: 'r+' });
      },
      ...{ phase: 'write', code: 'output-differs', exit: 2 },
    },
  ],
  [
    'the output appears meanwhile',
    { change: (f) => writeFileSync(copy(f), ''), phase: 'prove', code: 'output-exists', exit: 3 },
  ],
];

describe('there is no copy if', () => {
  test.each(REFUSALS)('%s', (_name, { make, options, change, phase, code, exit }) =>
    inFolder(async (folder, call) => {
      make?.(folder);
      const given = options?.(folder) ?? {};
      const before = new Set(readdirSync(folder));
      let done = change === undefined;
      const onProgress = (progress: RedactProgress) => {
        if (done || progress.phase !== phase || progress.bytes === 0) return;
        done = true;
        change?.(folder);
      };
      await expect(call({ ...given, onProgress })).rejects.toMatchObject({ code, exit });
      expect(done).toBe(true);
      const added = readdirSync(folder).filter((name) => !before.has(name));
      expect(added.filter((name) => name.startsWith('.dumpsieve-'))).toEqual([]);
      // Nothing but what the test itself wrote.
      for (const name of ['copy', 'a'].filter((each) => existsSync(join(folder, each))))
        if (statSync(join(folder, name)).isFile() && name !== 'dump')
          expect([0, DUMP.length]).toContain(statSync(join(folder, name)).size);
    }),
  );

  test('it is stopped, and its error is the reason of the signal', () =>
    inFolder(async (folder, call) => {
      for (const phase of ['scan', 'write', 'prove'] as const) {
        const controller = new AbortController();
        const onProgress = (progress: RedactProgress) => {
          if (progress.phase === phase) controller.abort('enough');
        };
        await expect(call({ onProgress, signal: controller.signal })).rejects.toBe('enough');
        expect(readdirSync(folder)).toEqual(['dump']);
      }
    }));
});

describe('the copy', () => {
  test('replaces a file with force, by the rename alone', () =>
    inFolder(async (folder, call) => {
      writeFileSync(copy(folder), 'old');
      linkSync(copy(folder), join(folder, 'link'));
      await call({ force: true });
      expect(statSync(copy(folder)).size).toBe(DUMP.length);
      expect(statSync(copy(folder)).mode & 0o777).toBe(0o600);
      expect(readFileSync(join(folder, 'link'), 'utf8')).toBe('old');
      expect(readFileSync(dump(folder)).equals(DUMP)).toBe(true);
    }));

  test('is there if a limit is accepted, and has holes where the dump has', () =>
    inFolder(async (folder, call) => {
      const hole = Buffer.concat([DUMP, Buffer.alloc(2 ** 24)]);
      writeFileSync(dump(folder), hole);
      await call({ acceptLimits: ['copies'] });
      expect(statSync(copy(folder)).size).toBe(hole.length);
      expect(statSync(copy(folder)).blocks * 512).toBeLessThan(2 ** 18);
    }));
});

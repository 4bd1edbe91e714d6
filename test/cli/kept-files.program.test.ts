import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { redact } from '../../src/api/redact.js';
import { scan } from '../../src/api/scan.js';
import { openOutputFiles } from '../../src/cli/output-files.js';
import { openOutputs } from '../../src/cli/outputs.js';
import { FORMATS, type ScanEvent } from '../../src/core/model/report.js';
import type { RedactOptions, ScanOptions } from '../../src/core/options/check-options.js';
import { REDACT_OPTIONS, VERIFY_OPTIONS } from '../../src/core/options/redact-table.js';
import { type OptionRow, SCAN_OPTIONS } from '../../src/core/options/table.js';
import { BuiltProcess } from '../redact/built-core.js';
import { RUNS } from '../report/event-streams.js';
import { render } from '../report/render.js';
import { withTempDir } from '../support/folder.js';
import { program } from '../support/programs.js';

/** Calls a function that makes a name. */
function made(name: string, make: () => void): string {
  make();
  return name;
}

/** Other names of a file, and how each is made. `fd`: it is open under this number. */
const NAMES: readonly [name: string, make: (file: string, other: string, fd: number) => string][] = [
  ['its name', (file) => file],
  ['a symbolic link', (file, other) => made(other, () => symlinkSync(file, other))],
  [
    'a link by its folder',
    (file, other) => made(`${other}/x/../${file.split('/').at(-1)}`, () => linkFolder(file, other)),
  ],
  ['a hard link', (file, other) => made(other, () => linkSync(file, other))],
  ['/dev/fd/N', (_file, _other, fd) => `/dev/fd/${fd}`],
  ['/proc/self/fd/N', (_file, _other, fd) => `/proc/self/fd/${fd}`],
];

/** A link to the folder of a file, in which `x/..` is that folder. */
function linkFolder(file: string, other: string): void {
  mkdirSync(join(file, '..', 'x'));
  symlinkSync(join(file, '..'), other);
}

const CONTENT = 'kept as it is\n';

/** Runs a test with a file that is read, each of its names, and an input beside it. */
async function withNames(
  place: string,
  body: (output: string, paths: { file: string; folder: string; dump: string }) => Promise<void>,
): Promise<void> {
  for (const [name, make] of NAMES)
    await withTempDir(async (folder) => {
      mkdirSync(join(folder, 'sub'));
      const [file, dump] = [join(folder, place), join(folder, 'dump')];
      writeFileSync(dump, CORE);
      if (place !== 'dump') writeFileSync(file, CONTENT);
      const before = readFileSync(file);
      const fd = openSync(file, 'r');
      try {
        await body(make(file, join(folder, 'other'), fd), { file, folder, dump });
        expect([name, readFileSync(file).equals(before)]).toEqual([name, true]);
      } finally {
        closeSync(fd);
      }
    });
}

const CORE = new BuiltProcess('kept').core().bytes;

type Read = [what: string, place: string, options: (file: string, folder: string) => Partial<ScanOptions>];

const READ_BY_SCAN: readonly Read[] = [
  ['the file of --find', 'f', (file) => ({ find: [file] })],
  ['the second file of --find', 'f', (file) => ({ find: [`sha256:${'0'.repeat(64)}`, file] })],
  ['the file of --allow', 'f', (file) => ({ allow: [file] })],
  ['the file of --baseline', 'f', (file) => ({ baseline: file })],
  ['the file of --find-password-file', 'f', (file) => ({ findPasswordFile: file })],
  ['the file of --archive-password-file', 'f', (file) => ({ archivePasswordFile: file })],
  ['in the folder of --rules', 'sub/r.yaml', (_file, folder) => ({ ruleFolders: [join(folder, 'sub')] })],
  ['the configuration file', 'f', (file) => ({ configFile: file })],
  ['the input', 'dump', () => ({})],
  ['a further input', 'f', (file, folder) => ({ paths: [join(folder, 'dump'), file] })],
];

const CALL = { code: 'bad-output', exit: 3 };

describe('no output of a scan replaces what it reads', () => {
  test.each(READ_BY_SCAN)('--output: %s', (_what, place, options) =>
    withNames(place, async (output, { file, folder, dump }) => {
      const call = { paths: [dump], ...options(file, folder) };
      await expect(openOutputFiles([`json=${output}`], false, call)).rejects.toMatchObject(CALL);
    }),
  );

  test.each(READ_BY_SCAN)('--write-baseline: %s', (_what, place, options) =>
    withNames(place, async (output, { file, folder, dump }) => {
      const call = { paths: [dump], writeBaseline: output, ...options(file, folder) };
      await expect(scan(call).next()).rejects.toMatchObject({ code: 'output-is-read', exit: 3 });
    }),
  );

  const SCANNED: [what: string, paths: (folder: string) => string[], options: Partial<ScanOptions>][] = [
    ['a file in a scanned folder', (folder) => [join(folder, 'sub')], {}],
    ['a file that a pattern matches', (folder) => [join(folder, 'sub', '*.txt')], {}],
    ['a file that is included', (folder) => [join(folder, 'sub')], { include: ['*.txt'] }],
    ['a file behind a followed link', (folder) => [join(folder, 'links')], { follow: true }],
  ];
  test.each(SCANNED)('%s', (_what, paths, options) =>
    withNames('sub/old.txt', async (output, { folder, file }) => {
      mkdirSync(join(folder, 'links'));
      symlinkSync(file, join(folder, 'links', 'link'));
      const call = { paths: paths(folder), ...options };
      await expect(openOutputFiles([`json=${output}`], false, call)).rejects.toMatchObject(CALL);
    }),
  );

  test('a file that the scan leaves out, an empty one and a new one are none of its inputs', () =>
    withTempDir(async (folder) => {
      writeFileSync(join(folder, 'old.json'), 'old');
      writeFileSync(join(folder, 'empty.json'), '');
      const entries = ['old', 'empty', 'new'].map((name) => `json=${join(folder, `${name}.json`)}`);
      const call = { paths: [folder], exclude: ['old.json'] };
      const files = await openOutputFiles(entries, false, call);
      for (const file of files) file.discard();
      expect(readdirSync(folder).sort()).toEqual(['empty.json', 'old.json']);
    }));

  test.each(FORMATS)('a %s report in a scanned folder, unless its beginning shows it', (format) =>
    withTempDir(async (folder) => {
      const entry = `${format}=${join(folder, 'report')}`;
      for (const name of ['nothing', 'findings', 'incomplete', 'aborted', 'find']) {
        writeFileSync(join(folder, 'report'), render(format, RUNS[name]!));
        const opened = openOutputFiles([entry], false, { paths: [folder] });
        if (format === 'pretty') await expect(opened).rejects.toMatchObject(CALL);
        else for (const file of await opened) file.discard();
        const other = FORMATS.find((each) => each !== format)!;
        const asOther = openOutputFiles([`${other}=${join(folder, 'report')}`], false, { paths: [folder] });
        await expect(asOther).rejects.toMatchObject(CALL);
      }
    }),
  );

  test('a FIFO that is scanned', () =>
    withTempDir(async (folder) => {
      const fifo = join(folder, 'fifo');
      execFileSync(program('mkfifo'), [fifo]);
      await expect(openOutputFiles([`json=${fifo}`], false, { paths: [fifo] })).rejects.toMatchObject(CALL);
    }));
});

describe('no two outputs are one file', () => {
  const PAIRS: [what: string, first: string, second: string, why: string][] = [
    ['one name', 'a', 'a', 'another output'],
    ['two spellings', 'a', './sub/../a', 'another output'],
    ['a link to a folder', 'sub/a', 'here/a', 'another output'],
    ['a hard link', 'there', 'hard', 'another output'],
    ['a link to nothing', 'none', 'dangling', 'another output'],
  ];
  const prepare = (folder: string): void => {
    mkdirSync(join(folder, 'sub'));
    symlinkSync('sub', join(folder, 'here'));
    symlinkSync('none', join(folder, 'dangling'));
    for (const name of ['dump', 'there']) writeFileSync(join(folder, name), 'text');
    linkSync(join(folder, 'there'), join(folder, 'hard'));
  };
  test.each(PAIRS)('%s', (_what, first, second, why) =>
    withTempDir(async (folder) => {
      prepare(folder);
      const before = readdirSync(folder);
      const call = { paths: [join(folder, 'dump')] };
      const [one, other] = [join(folder, first), `${folder}/${second}`];
      for (const [entries, options] of [
        [[`json=${one}`, `sarif=${other}`], {}],
        [[`json=${one}`], { writeBaseline: other }],
      ] as const)
        await expect(openOutputFiles(entries, false, { ...call, ...options })).rejects.toThrow(why);
      expect(readdirSync(folder)).toEqual(before);
    }),
  );
});

type ReadByCopy = [what: string, code: string, options: (file: string) => Partial<RedactOptions>];

const READ_BY_COPY: readonly ReadByCopy[] = [
  ['the file of --find', 'output-is-read', (file) => ({ find: [file] })],
  ['the file of --keep-allowed', 'output-is-read', (file) => ({ keepAllowed: [file] })],
  ['in the folder of --rules', 'output-is-read', (file) => ({ ruleFolders: [join(file, '..')] })],
  ['the program', 'output-is-read', (file) => ({ exe: file, keep: 'backtrace' })],
];

describe('no file of a copy replaces what redact reads, even with force', () => {
  const OUTPUTS: [name: string, options: (file: string, folder: string) => Partial<RedactOptions>][] = [
    ['-o', (file) => ({ output: file })],
    ['--manifest', (file) => ({ manifest: file })],
    ['the signature', (file) => ({ manifest: file.replace(/\.minisig$/, '') })],
  ];
  for (const [name, of] of OUTPUTS)
    test.each(READ_BY_COPY)(`${name}: %s`, (_what, code, options) =>
      withTempDir(async (folder) => {
        mkdirSync(join(folder, 'sub'));
        const [file, hard, input] = ['sub/f.minisig', 'g.minisig', 'dump'].map((each) =>
          join(folder, each),
        ) as [string, string, string];
        writeFileSync(file, CONTENT);
        linkSync(file, hard);
        writeFileSync(input, CORE);
        for (const each of [file, hard]) {
          const call = {
            input,
            output: join(folder, 'copy'),
            force: true,
            ...options(file),
            ...of(each, folder),
          };
          await expect(redact(call as RedactOptions)).rejects.toMatchObject({ code, exit: 3 });
          expect(readFileSync(each, 'utf8')).toBe(CONTENT);
        }
        expect(readdirSync(folder).sort()).toEqual(['dump', 'g.minisig', 'sub']);
      }),
    );
});

test('each option that names files says whether they are read', () => {
  const written = ['output', 'writeBaseline', 'manifest', 'spoolDir'];
  const tables: Readonly<Record<string, OptionRow>>[] = [SCAN_OPTIONS, REDACT_OPTIONS, VERIFY_OPTIONS];
  for (const table of tables)
    for (const [name, { type, reads }] of Object.entries(table))
      if (['path', 'paths', 'outputs'].includes(type))
        expect([name, reads !== undefined]).toEqual([name, !written.includes(name)]);
});

const RUN = { type: 'run', schemaVersion: 1 } as unknown as ScanEvent;

describe('a report gets its name when it is complete', () => {
  test('an error leaves the old report, and no other file', () =>
    withTempDir(async (folder) => {
      const report = join(folder, 'r.ndjson');
      writeFileSync(report, 'old');
      const outputs = await openOutputs(undefined, [`ndjson=${report}`], { paths: [join(folder, 'none')] });
      outputs.event(RUN);
      expect(readdirSync(folder)).toHaveLength(2);
      outputs.close();
      expect([readFileSync(report, 'utf8'), readdirSync(folder)]).toEqual(['old', ['r.ndjson']]);
    }));

  test('the last of several files that cannot be opened leaves none', () =>
    withTempDir(async (folder) => {
      const entries = ['a', 'b', 'none/c'].map((name) => `json=${join(folder, name)}`);
      await expect(openOutputs(undefined, entries, { paths: [folder] })).rejects.toMatchObject(CALL);
      expect(readdirSync(folder)).toEqual([]);
    }));

  test.each([0o600, 0o640, 0o644, 0o4755])('permissions %o stay', (mode) =>
    withTempDir(async (folder) => {
      const report = join(folder, 'r');
      writeFileSync(report, 'old');
      chmodSync(report, mode);
      const [file] = await openOutputFiles([`json=${report}`], false, { paths: [join(folder, 'none')] });
      file!.write('new');
      expect(readFileSync(report, 'utf8')).toBe('old');
      file!.publish();
      expect(readFileSync(report, 'utf8')).toBe('new');
      expect(statSync(report).mode & 0o777).toBe(mode & 0o777);
      expect(readdirSync(folder)).toEqual(['r']);
    }),
  );

  test('a link stays a link, and one to nothing leads to the report', () =>
    withTempDir(async (folder) => {
      mkdirSync(join(folder, 'sub'));
      symlinkSync('sub/r', join(folder, 'link'));
      for (const text of ['first', 'second']) {
        const entries = [`json=${join(folder, 'link')}`];
        const [file] = await openOutputFiles(entries, false, { paths: [join(folder, 'none')] });
        file!.write(text);
        file!.publish();
        expect(readFileSync(join(folder, 'sub', 'r'), 'utf8')).toBe(text);
      }
      expect(readdirSync(join(folder, 'sub'))).toEqual(['r']);
    }));

  test('an open file of the caller is appended to', () =>
    withTempDir(async (folder) => {
      const report = join(folder, 'r');
      writeFileSync(report, 'head\n');
      const fd = openSync(report, 'r+');
      const [file] = await openOutputFiles([`json=/dev/fd/${fd}`], false, { paths: [join(folder, 'none')] });
      file!.write('report\n');
      file!.publish();
      closeSync(fd);
      expect(readFileSync(report, 'utf8')).toBe('head\nreport\n');
    }));

  test('a draft in a scanned folder is no input', () =>
    withTempDir(async (folder) => {
      writeFileSync(join(folder, 'a'), 'text');
      const [file] = await openOutputFiles([`json=${join(folder, 'r')}`], false, { paths: [folder] });
      file!.write('a report');
      const seen: string[] = [];
      for await (const event of scan({ paths: [folder], jobs: 1 }))
        if (event.type === 'artifact') seen.push(event.path);
      file!.discard();
      expect(seen).toEqual([join(folder, 'a')]);
    }));
});

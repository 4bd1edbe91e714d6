import { closeSync, openSync, readdirSync, readSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { BuiltProcess } from '../redact/built-core.js';
import { holdsWindows, windowsIn } from '../redact/windows.js';
import { runBash, runCli, startCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { lldb } from '../support/lldb.js';
import { compareCopy, compiled, PROGRAMS, started } from './backtraces/programs.js';

for (const [name, needs, prepare] of PROGRAMS.slice(0, 2))
  describeWith(['gdb', ...needs], `a copy of a core of a program ${name}`, () => {
    test('has the same named frames and libraries, and nothing of what the program has read', () =>
      withTempDir(async (folder) => {
        const { before, after, leaks } = await compareCopy(prepare(folder), folder);
        expect(before.length).toBeGreaterThan(20);
        expect(after).toEqual(before);
        expect(leaks).toBe(false);
      }));
  });

describeWith(['gcc', 'lldb-19'], 'a copy of a minidump by lldb', () => {
  test('has the same frames, and nothing of what the program has read', () =>
    withTempDir(async (folder) => {
      // With several threads lldb 19 does not read what it has written.
      const prepared = compiled(folder, 0);
      const { target, secrets } = await started(prepared);
      const dump = join(folder, 'dump.dmp');
      const copy = join(folder, 'copy.dmp');
      const save = `process save-core --plugin-name=minidump --style=full ${dump}`;
      lldb(`process attach --pid ${target.pid}`, save, 'detach');
      await target.stop();
      const result = await runCli(['redact', dump, '-o', copy, '--keep', 'backtrace']);
      expect(result).toMatchObject({ status: 0, stderr: '' });
      const frames = (file: string) =>
        lldb(`target create ${prepared.file} --core ${file}`, 'thread backtrace all', 'image list')
          .split('\n')
          .filter((line) => /frame #|^\[ *\d+\]/.test(line))
          .map((line) => line.replace(/\(.*\) at /, ' at '));
      const before = frames(dump);
      expect(before.length).toBeGreaterThan(12);
      expect(frames(copy)).toEqual(before);
      expect(holdsWindows(copy, secrets)).toBe(false);
    }));
});

const temporaryIn = (folder: string): string | undefined =>
  readdirSync(folder).find((name) => name.startsWith('.dumpsieve-'));

describe('dumpsieve redact', () => {
  const core = new BuiltProcess('command').core().bytes;
  const args = (folder: string) => [
    ...['redact', join(folder, 'dump'), '-o', join(folder, 'copy'), '--keep', 'backtrace'],
  ];

  test('prints what it kept', () =>
    withTempDir(async (folder) => {
      writeFileSync(join(folder, 'dump'), core);
      const { status, stdout } = await runCli(args(folder));
      expect(status).toBe(0);
      expect(stdout).toMatch(/^elf-core: kept [\d,]+ of [\d,]+ bytes\nthreads: 2, modules: 3\n/);
      expect(stdout).toMatch(
        /\nsha256: [0-9a-f]{64}\nmanifest: \S+copy\.manifest\.json\nnot signed: .*--sign KEY.*\n$/,
      );
      expect(await runCli([...args(folder), '--force', '--quiet'])).toMatchObject({ status: 0, stdout: '' });
      const { stderr } = await runCli([...args(folder), '--force', '--progress'], { env: {} });
      expect(stderr).toMatch(/100% \| 0 MB of 0 MB \| \d+\.\d\d GB\/s \| ETA \d+s\s/);
    }));

  test.each([
    ['without an output', [], /no file is named for the copy/],
    ['with another thing to keep', ['-o', 'copy', '--keep', 'some'], /all, backtrace/],
    ['with a fill that is no byte', ['-o', 'copy', '--fill', '256'], /0 to 255/],
    ['with an option of another copy', ['-o', 'copy', '--accept-32bit'], /accept32bit is of no use/],
  ])('%s is a wrong call', (_name, more, message) =>
    withTempDir(async (folder) => {
      writeFileSync(join(folder, 'dump'), core);
      const { status, stderr } = await runCli(['redact', 'dump', ...more], { cwd: folder });
      expect(status).toBe(3);
      expect(stderr).toMatch(message);
      expect(readdirSync(folder)).toEqual(['dump']);
    }),
  );

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const)('leaves nothing behind at %s', (signal, status) =>
    withTempDir(async (folder) => {
      writeFileSync(join(folder, 'dump'), core);
      // A hole takes seconds to prove, and no time to make.
      truncateSync(join(folder, 'dump'), 2 ** 35);
      const run = startCli(args(folder));
      while (temporaryIn(folder) === undefined) await sleep(20);
      await sleep(100);
      run.child.kill(signal);
      expect((await run.result).status).toBe(status);
      expect(readdirSync(folder)).toEqual(['dump']);
    }),
  );

  test.each(['> /dev/full', '| true'])('ends with 0 once the copy is there, although %s', (elsewhere) =>
    withTempDir(async (folder) => {
      writeFileSync(join(folder, 'dump'), core);
      const script = `set -o pipefail; dumpsieve redact dump -o copy --keep backtrace ${elsewhere}`;
      expect(await runBash(script, { cwd: folder })).toMatchObject({ status: 0 });
      expect(readdirSync(folder).sort()).toEqual(['copy', 'copy.manifest.json', 'dump']);
    }),
  );

  test('leaves nothing behind where the file system has no room', () =>
    withTempDir(async (folder) => {
      writeFileSync(join(folder, 'dump'), core);
      const script = `trap '' XFSZ; ulimit -f 8; dumpsieve redact dump -o copy --keep backtrace`;
      const { status, stderr } = await runBash(script, { cwd: folder });
      expect(status).toBe(3);
      expect(stderr).toMatch(/output-not-written/);
      expect(readdirSync(folder)).toEqual(['dump']);
    }));

  test('leaves no unproven copy under its name at SIGKILL, and no secret under another', () =>
    withTempDir(async (folder) => {
      const process = new BuiltProcess('killed');
      writeFileSync(join(folder, 'dump'), process.core().bytes);
      truncateSync(join(folder, 'dump'), 2 ** 35);
      const run = startCli(args(folder));
      while (temporaryIn(folder) === undefined) await sleep(20);
      await sleep(300);
      run.child.kill('SIGKILL');
      await run.result;
      expect(readdirSync(folder).sort()).toEqual([temporaryIn(folder), 'dump']);
      const left = openSync(join(folder, temporaryIn(folder)!), 'r');
      const start = Buffer.alloc(2 ** 20);
      const length = readSync(left, start);
      closeSync(left);
      expect(windowsIn(start.subarray(0, length), process.secret)).toEqual([]);
    }));
});

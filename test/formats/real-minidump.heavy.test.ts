import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ByteReader, bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import type { Dump } from '../../src/formats/memory/types.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { lldb, type Style, saveMinidumps } from '../support/lldb.js';
import { program } from '../support/programs.js';
import { describeWithSamples } from '../support/samples.js';
import { expectAsLlvm } from './llvm-minidump.js';
import { compile, expected, lookUp, type Printed, parsePrinted, whileRunning } from './marked-process.js';

/** Markers whose memory a style of dump leaves out. */
const STYLES: [style: Style, leftOut: string[]][] = [
  ['stack', ['small', 'large', 'bss', 'data']],
  ['modified-memory', []],
  ['full', []],
];

describeWith(['gcc', 'lldb-19'], 'a minidump by lldb', () => {
  let folder: string;
  let printed: Map<string, Printed>;
  let seen: string;
  const made = new Map<string, { reader: ByteReader; dump: Dump }>();
  const path = (style: string) => join(folder, `${style}.dmp`);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dumpsieve-minidump-'));
    compile(folder, []);
    const output = await whileRunning(folder, (pid, text) => {
      const paths = STYLES.map(([style]) => [style, path(style)] as const);
      seen = saveMinidumps(pid, paths, ['thread list', 'image list']);
      return text;
    });
    printed = parsePrinted(output);
    for (const [style] of STYLES) {
      const reader = bufferReader(readFileSync(path(style)));
      made.set(style, { reader, dump: openDump(reader) });
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(STYLES)('of style %s says what each place is', (style, leftOut) => {
    const { reader, dump } = made.get(style)!;
    for (const [key, seen] of expected(printed)) {
      const found = lookUp(reader, dump, printed.get(key)!.address);
      expect([key, found]).toEqual([key, leftOut.includes(key) ? undefined : seen]);
    }
  });

  // lldb 19 does not open its own dump of two threads (two exception streams): compared with the live
  // process.
  test.each(STYLES)('of style %s has the process, threads and modules that lldb saw', (style) => {
    const { process } = made.get(style)!.dump;
    const threads = [...seen.matchAll(/^[* ] +thread #\d+: tid = (\d+)/gm)].map(([, id]) => Number(id));
    expect(process).toMatchObject({
      pid: printed.get('main')!.id,
      threads: threads.length,
      signalName: 'SIGSTOP',
    });
    expect(threads).toContain(printed.get('thread')!.id);
    const images = [...seen.matchAll(/^\[ +\d+\] ([0-9A-F-]+) (0x[0-9a-f]+) /gm)];
    const ids = images.map(([, uuid, address]) => [Number(address), uuid!.replaceAll('-', '').toLowerCase()]);
    const read = process.modules!.map(({ address, buildId }) => [Number(address), buildId]);
    expect(read.sort()).toEqual(ids.sort());
  });
});

// LLVM does not open it either: lldb writes an exception stream for each thread, and LLVM accepts only one.
describeWith(['gcc', 'lldb-19', 'obj2yaml-19'], 'a minidump by lldb of a process with one thread', () => {
  test('has what LLVM reads of it, in every style', async () => {
    await withTempDir(async (folder) => {
      compile(folder, ['-DALONE']);
      const paths = STYLES.map(([style]) => [style, join(folder, `${style}.dmp`)] as const);
      await whileRunning(folder, (pid) => saveMinidumps(pid, paths));
      for (const [, path] of paths) {
        const dump = openDump(bufferReader(readFileSync(path)));
        expect(dump.process.threads).toBe(1);
        expectAsLlvm(dump, path);
      }
    });
  });
});

/** Samples that lldb opens, of every platform. */
const SAMPLES = [
  'electron-linux.dmp',
  'electron-windows.dmp',
  'google-ascii_read_av.dmp',
  'google-minidump2.dmp',
  'google-stack_exhaustion.dmp',
  'llvm-mirror-fizzbuzz_no_heap.dmp',
  'llvm-mirror-sigsegv.dmp',
  'rust-minidump-invalid-parameter.dmp',
  'rust-minidump-linux-mini.dmp',
];

/** Made by a fuzzer: streams are past the end of the file, and LLVM rejects the file. */
const REFUSED = ['rust-minidump-invalid-range.dmp', 'rust-minidump-invalid-record-count.dmp'];

describeWithSamples('a real minidump, compared with LLVM', (samples) => {
  describeWith(['lldb-19'], 'read by lldb', () => {
    test.each(SAMPLES)('%s has the same threads and modules', (name) => {
      const path = join(samples, 'minidump', name);
      const { process } = openDump(bufferReader(readFileSync(path)));
      const text = lldb(`target create --core ${path}`, 'thread list', 'image list');
      const threads = [...text.matchAll(/^[* ] +thread #\d+: tid = /gm)];
      expect(process.threads).toBe(threads.length);
      expect(Number(/^Process (\d+)/m.exec(text)?.[1])).toBe(process.pid);
      const images = [...text.matchAll(/^\[ *\d+\] ([0-9A-F-]{36})\S* +(0x[0-9a-f]+) /gm)];
      const ids = new Map(
        process.modules!.map(({ address, buildId }) => [Number(address), buildId?.slice(0, 32)]),
      );
      expect(images.length).toBeGreaterThan(0);
      for (const [, uuid, address] of images) {
        expect(ids.get(Number(address))?.toUpperCase()).toBe(uuid!.replaceAll('-', ''));
      }
    });
  });

  describeWith(['obj2yaml-19'], 'read by LLVM', () => {
    const folder = join(samples, 'minidump');
    const names = readdirSync(folder).filter((name) => !REFUSED.includes(name));

    test.each(names)('%s has the same threads, modules and ranges', (name) => {
      const path = join(folder, name);
      expectAsLlvm(openDump(bufferReader(readFileSync(path))), path);
    });

    test.each(REFUSED)('%s is refused there, and said to be cut here', (name) => {
      const { status, stderr } = spawnSync(program('obj2yaml-19'), [join(folder, name)], {
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([1, expect.stringContaining('Unexpected EOF')]);
      const { warnings } = openDump(bufferReader(readFileSync(join(folder, name))));
      expect(warnings.map(({ code }) => code)).toEqual(['minidump-stream-truncated']);
    });
  });
});

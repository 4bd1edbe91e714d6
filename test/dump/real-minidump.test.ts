import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDump } from '../../src/dump/formats.js';
import type { Dump } from '../../src/dump/types.js';
import { bufferReader, type Reader } from '../../src/storage.js';
import { describeWith } from '../support/describe.js';
import { describeWithSamples } from '../support/samples.js';
import { compile, expected, lookUp, type Printed, parsePrinted, whileRunning } from './marked-process.js';

const LLDB = 'lldb-19';

function lldb(...commands: string[]): string {
  const args = ['--batch', '--no-lldbinit', ...commands.flatMap((command) => ['-o', command])];
  return execFileSync(LLDB, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Markers whose memory a style of dump leaves out. */
const STYLES: [style: string, leftOut: string[]][] = [
  ['stack', ['small', 'large', 'bss', 'data']],
  ['modified-memory', []],
  ['full', []],
];

describeWith(['gcc', LLDB], 'a minidump by lldb', () => {
  let folder: string;
  let printed: Map<string, Printed>;
  let seen: string;
  const made = new Map<string, { reader: Reader; dump: Dump }>();
  const path = (style: string) => join(folder, `${style}.dmp`);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dumpsieve-minidump-'));
    compile(folder, []);
    const output = await whileRunning(folder, (pid, text) => {
      const save = (style: string) =>
        `process save-core --plugin-name=minidump --style=${style} ${path(style)}`;
      seen = lldb(
        `process attach --pid ${pid}`,
        'thread list',
        'image list',
        ...STYLES.map(([style]) => save(style)),
        'detach',
      );
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

  // lldb 19 does not open its own dump of two threads (two exception streams): what it saw of the live process is compared.
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

describeWithSamples('a real minidump beside lldb', (samples) => {
  describeWith([LLDB], 'read by lldb', () => {
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
});

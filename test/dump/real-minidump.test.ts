import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDump } from '../../src/dump/formats.js';
import type { Dump } from '../../src/dump/types.js';
import { bufferReader, type Reader } from '../../src/storage.js';
import { describeWith } from './describe-with.js';
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
  const made = new Map<string, { reader: Reader; dump: Dump }>();
  const path = (style: string) => join(folder, `${style}.dmp`);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dumpsieve-minidump-'));
    compile(folder, []);
    const output = await whileRunning(folder, (pid, text) => {
      const save = (style: string) =>
        `process save-core --plugin-name=minidump --style=${style} ${path(style)}`;
      lldb(`process attach --pid ${pid}`, ...STYLES.map(([style]) => save(style)), 'detach');
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

  test.each(STYLES)('of style %s has the process, threads and modules that lldb reads', (style) => {
    const { process } = made.get(style)!.dump;
    const text = lldb(`target create --core ${path(style)}`, 'thread list', 'image list');
    const threads = [...text.matchAll(/tid = (?:0x)?([0-9a-f]+)/g)].map(([, id]) => id);
    expect(process.threads).toBe(new Set(threads).size);
    expect(process.pid).toBe(printed.get('main')!.id);
    const images = [...text.matchAll(/^\[ +\d+\] ([0-9A-F-]+) (0x[0-9a-f]+) /gm)];
    const read = images.map(([, uuid, address]) => [
      Number(address),
      uuid!.replaceAll('-', '').toLowerCase(),
    ]);
    expect(process.modules!.map(({ address, buildId }) => [Number(address), buildId])).toEqual(read);
  });
});

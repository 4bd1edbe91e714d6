import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'heap-snapshot-toolkit';
import { windowsIn } from '../redact/windows.js';
import { runCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { startTarget } from '../support/processes.js';
import { HEAP_LIBRARY, program } from '../support/programs.js';
import { COUNTS, HOLDER } from './heaps/java.js';

const run = promisify(execFile);
const LENGTH = 2 ** 20;

async function copyOf(folder: string, dump: string): Promise<string> {
  const copy = join(folder, 'copy');
  const result = await runCli(['redact', dump, '-o', copy, '--keep', 'backtrace']);
  expect(result).toMatchObject({ status: 0, stderr: '' });
  expect(result.stdout).toMatch(/: kept [\d,]+ of [\d,]+ bytes\nobjects: [\d,]+\ntexts: /);
  return copy;
}

describeWith(['java', 'javac', 'jcmd', 'visualvm'], 'the copy of a heap dump of Java', () => {
  test("has the same objects and frames in VisualVM's library, and none of the input", () =>
    withTempDir(async (folder) => {
      const mark = randomBytes(LENGTH);
      writeFileSync(join(folder, 'Holder.java'), HOLDER);
      writeFileSync(join(folder, 'Counts.java'), COUNTS);
      execFileSync(program('javac'), ['-cp', HEAP_LIBRARY, 'Holder.java', 'Counts.java'], { cwd: folder });
      const java = program('java');
      const options = { cwd: folder, input: mark, ready: 'ready' };
      const target = await startTarget(java, ['-Xmx64m', '-cp', '.', 'Holder'], options);
      const dump = join(folder, 'heap.hprof');
      await run(program('jcmd'), [String(target.pid), 'GC.heap_dump', dump]);
      await target.stop();
      const copy = await copyOf(folder, dump);
      const wide = Buffer.from(mark.toString('base64'), 'utf16le');
      expect(readFileSync(dump).includes(mark)).toBe(true);
      expect(windowsIn(readFileSync(copy), [mark, wide])).toEqual([]);
      const args = ['-cp', `${HEAP_LIBRARY}:.`, 'Counts', dump, copy];
      const [before, after] = (await run(java, args, { cwd: folder })).stdout.trim().split('\n');
      expect(before).toMatch(/classes \d{3,} .* instances \d{4,} .* threads \d+ frames .*Holder/);
      expect(after).toBe(before);
    }));
});

const NODE_PROGRAM = `
const chunk = Buffer.alloc(${LENGTH});
for (let at = 0; at < ${LENGTH}; ) at += require('fs').readSync(0, chunk, at, ${LENGTH} - at, null);
const text = (from, encoding) => chunk.toString(encoding, from, from + 300);
const numbers = [];
const weak = new WeakMap();
const keys = [];
globalThis.held = { numbers, weak, keys, items: [], map: new Map() };
for (let at = 0; at < ${LENGTH / 16}; at += 300) {
  keys.push({});
  weak.set(keys.at(-1), text(at, 'hex'));
  const symbol = Symbol(text(at, 'hex').slice(2));
  held.items.push({ name: text(at, 'base64'), wide: text(at, 'latin1'), symbol });
  held.map.set('k' + text(at, 'hex'), new RegExp(text(at, 'hex').slice(1)));
  numbers.push(chunk.readDoubleBE(at), chunk.readUInt32BE(at + 8));
}
require('v8').writeHeapSnapshot(process.argv[1], { exposeNumericValues: true });
`;

interface Counts {
  nodeCount: number;
  edgeCount: number;
  totalSize: number;
  classes: [string, number, number][];
}

/** What DevTools reads of a snapshot. */
async function counts(file: string): Promise<Counts> {
  const snapshot = await parse(createReadStream(file, 'utf8'));
  const { nodeCount, edgeCount, totalSize } = snapshot as unknown as Omit<Counts, 'classes'>;
  const all = (
    snapshot as unknown as { aggregatesWithFilter(filter: object): Record<string, Aggregate> }
  ).aggregatesWithFilter({});
  const classes = Object.values(all).map(({ name, count, self }): Counts['classes'][number] => [
    name,
    count,
    self,
  ]);
  return { nodeCount, edgeCount, totalSize, classes: classes.sort() };
}

interface Aggregate {
  name: string;
  count: number;
  self: number;
}

describe('the copy of a heap snapshot of Node', () => {
  test('has the same objects and classes for DevTools, and none of the input', () =>
    withTempDir(async (folder) => {
      const mark = randomBytes(LENGTH);
      const dump = join(folder, 'heap.heapsnapshot');
      execFileSync(process.execPath, ['-e', NODE_PROGRAM, dump], { input: mark });
      const copy = await copyOf(folder, dump);
      const held = mark.subarray(0, LENGTH / 16);
      const secrets = [held.toString('hex'), held.toString('base64')].map((text) => Buffer.from(text));
      expect(readFileSync(dump).includes(mark.toString('hex', 0, 300))).toBe(true);
      expect(windowsIn(readFileSync(copy), secrets)).toEqual([]);
      const before = await counts(dump);
      expect(before.nodeCount).toBeGreaterThan(10_000);
      expect(before.classes.length).toBeGreaterThan(50);
      expect(await counts(copy)).toEqual(before);
    }));
});

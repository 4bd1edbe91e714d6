import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { collect } from '../hostile/collect.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { startTarget } from '../support/processes.js';
import { program } from '../support/programs.js';

const run = promisify(execFile);

/** Bytes kept of a dump: a quarter, a half, and all but its last. */
const cutsOf = (length: number): number[] => [
  length >> 2,
  length >> 1,
  ...[1, 4].map((last) => length - last),
];

async function expectCut(path: string, whole: Buffer): Promise<void> {
  const name = path.split('/').pop();
  expect(await collect({ paths: [path], entropyNet: false })).toMatchObject({
    artifacts: [{ coverage: { file: { unread: [] } } }],
    summary: { exit: 0, complete: true },
  });
  for (const length of cutsOf(whole.length)) {
    const cut = whole.subarray(0, length);
    writeFileSync(path, cut);
    const { artifacts, summary } = await collect({ paths: [path], entropyNet: false });
    expect({ name, length, exit: summary.exit }).toEqual({ name, length, exit: 2 });
    expect(artifacts[0]!.coverage.file.unread).toMatchObject([
      { reason: expect.stringMatching(/ is cut: /) },
    ]);
    writeFileSync(`${path}.gz`, gzipSync(cut, { level: 1 }));
    const zipped = await collect({ paths: [`${path}.gz`], entropyNet: false });
    expect({ name, length, gz: zipped.summary.exit }).toEqual({ name, length, gz: 2 });
  }
}

describeWith([], 'a heap snapshot of Node', () => {
  test('is whole, and cut it is not', () =>
    withTempDir(async (folder) => {
      const path = join(folder, 'heap.heapsnapshot');
      const write = `require('v8').writeHeapSnapshot(${JSON.stringify(path)})`;
      execFileSync(process.execPath, ['-e', write], { env: { PATH: '/usr/bin' } });
      await expectCut(path, readFileSync(path));
    }));
});

describeWith(['java', 'jcmd', 'javac'], 'a heap dump of Java', () => {
  test('is whole, and cut it is not', () =>
    withTempDir(async (folder) => {
      const source =
        'class Wait { public static void main(String[] a) throws Exception {' +
        ' System.out.println("ready"); System.in.read(); } }';
      writeFileSync(join(folder, 'Wait.java'), source);
      execFileSync(program('javac'), ['Wait.java'], { cwd: folder });
      const target = await startTarget(program('java'), ['-Xmx32m', '-Xshare:auto', 'Wait'], {
        ...{ cwd: folder, ready: 'ready' },
      });
      const path = join(folder, 'heap.hprof');
      await run(program('jcmd'), [String(target.pid), 'GC.heap_dump', path]);
      await target.stop();
      await expectCut(path, readFileSync(path));
    }));
});

/** What is done to a folder of CRIU, and the warning. */
const DAMAGES: [
  name: string,
  damage: (folder: string, named: (part: string) => string) => void,
  code: RegExp,
][] = [
  ['without its pages', (_, named) => rmSync(named('pages-')), /pages-1\.img was not scanned/],
  ['without its page map', (_, named) => rmSync(named('pagemap-')), /pagemap-\d+\.img was not scanned/],
  ['without its list of memory', (_, named) => rmSync(named('mm-')), /mm-\d+\.img was not scanned/],
  ['without registers', (_, named) => rmSync(named('core-')), /core-\d+\.img was not scanned/],
  ['without its list of processes', (_, named) => rmSync(named('pstree')), /pstree\.img was not scanned/],
  ['with half its pages', (_, named) => half(named('pages-')), /pages-1\.img is cut/],
  [
    'with half its page map',
    (_, named) => half(named('pagemap-')),
    /is cut or damaged|one of them is damaged/,
  ],
];

const half = (path: string): void => truncateSync(path, readFileSync(path).length >> 1);

/** Pipes to a process outside cannot be dumped. */
const SLEEP = 'exec sleep 300 </dev/null >/dev/null 2>&1';

describeWith(['criu'], 'a folder of CRIU', () => {
  test('is whole, and damaged it is not', () =>
    withTempDir(async (folder) => {
      const images = join(folder, 'images');
      mkdirSync(images);
      const target = await startTarget('/bin/sh', ['-c', SLEEP], { settle: 50 });
      const options = ['--leave-running', '--shell-job', '-v0', '-D', images, '-t', String(target.pid)];
      await run(program('criu'), ['dump', ...options]).finally(() => target.stop());
      expect(await collect({ paths: [images] })).toMatchObject({ summary: { exit: 0, complete: true } });
      for (const [name, damage, text] of DAMAGES) {
        const copy = join(folder, name.replaceAll(' ', '-'));
        cpSync(images, copy, { recursive: true });
        damage(copy, (part) => join(copy, readdirSync(copy).find((each) => each.startsWith(part))!));
        const { artifacts, summary } = await collect({ paths: [copy] });
        expect({ name, exit: summary.exit, complete: summary.complete }).toEqual({
          ...{ name, exit: 2, complete: false },
        });
        const reasons = artifacts.flatMap(({ coverage }) => coverage.file.unread.map(({ reason }) => reason));
        const said = [...summary.warnings.map(({ message }) => message), ...reasons];
        expect(said).toContainEqual(expect.stringMatching(text));
        const tar = `${copy}.tar`;
        execFileSync('tar', ['-cf', tar, '-C', copy, '.']);
        expect((await collect({ paths: [tar] })).summary.exit).toBe(2);
      }
      const tar = join(folder, 'images.tar');
      execFileSync('tar', ['-cf', tar, '-C', folder, 'images']);
      expect((await collect({ paths: [tar] })).summary.exit).toBe(0);
    }));
});

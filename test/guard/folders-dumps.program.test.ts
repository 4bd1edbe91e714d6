import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeWith } from '../support/describe.js';
import { program } from '../support/programs.js';
import { slowGcore } from './slow-gcore.js';
import { digestOf, fileDigest, firstTaken, look, type Watched, withWatched } from './watched.js';

/** Dumps of real programs, as they arise in folders of others. */

/** The only file of the folder: its digest, and its content once it is sealed. */
async function takenWhole({ folder, path, open, unsealed, spooled }: Watched): Promise<Buffer> {
  const [name, ...others] = readdirSync(folder);
  expect(others).toEqual([]);
  const before = fileDigest(path(name!));
  const { id, seconds } = await firstTaken(open({ quiet: 200 }));
  expect(seconds).toBeLessThan(60);
  const content = unsealed(id);
  expect(digestOf(content)).toBe(before);
  expect(spooled()).toEqual([id]);
  expect(readdirSync(folder)).toEqual([]);
  return content;
}

describeWith(['age', 'zstd', 'gcore', 'python3'], 'gcore', () => {
  test('a core that takes longer to write than files must be quiet is taken when it is whole', () =>
    withWatched((watched) => slowGcore(watched, 1)));
});

const LEAK = `
public class Leak {
  public static void main(String[] arguments) {
    java.util.List<byte[]> all = new java.util.ArrayList<>();
    for (;;) all.add(new byte[1 << 20]);
  }
}`;

describeWith(['age', 'zstd', 'java', 'javac'], 'HotSpot', () => {
  test('a heap dump of an OutOfMemoryError', () =>
    withWatched(async (watched) => {
      const { folder, state } = watched;
      writeFileSync(join(state, 'Leak.java'), LEAK);
      execFileSync(program('javac'), ['-d', state, join(state, 'Leak.java')]);
      const flags = ['-Xmx16m', '-Xint', '-XX:+HeapDumpOnOutOfMemoryError', `-XX:HeapDumpPath=${folder}`];
      const { status } = spawnSync(program('java'), [...flags, '-cp', state, 'Leak'], { stdio: 'ignore' });
      expect(status).not.toBe(0);
      expect(readdirSync(folder)).toEqual([expect.stringMatching(/^java_pid\d+\.hprof$/)]);
      const content = await takenWhole(watched);
      expect(content.subarray(0, 18).toString('latin1')).toBe('JAVA PROFILE 1.0.2');
    }));
});

describeWith(['age', 'zstd'], 'Node', () => {
  test('a heap snapshot near the limit of the heap', () =>
    withWatched(async (watched) => {
      const { folder } = watched;
      const leak = 'const all = []; for (;;) all.push(new Array(1000).fill(all.length));';
      const flags = [
        '--max-old-space-size=12',
        '--heapsnapshot-near-heap-limit=1',
        `--diagnostic-dir=${folder}`,
      ];
      spawnSync(process.execPath, [...flags, '-e', leak], { stdio: 'ignore', timeout: 60_000 });
      const content = await takenWhole(watched);
      expect(JSON.parse(content.toString())).toHaveProperty('snapshot.meta');
    }));
});

const REPORTS = ['pending', 'completed'] as const;

describeWith(['age', 'zstd'], "Crashpad's database", () => {
  // Its layout: crashpad/client/crash_report_database_generic.cc.
  test('reports are taken from pending and completed, not from new, and not while they are locked', () =>
    withWatched(async ({ folder, path, open, unsealed, info, spooled }) => {
      for (const name of ['new', ...REPORTS, 'attachments']) mkdirSync(path(name), { mode: 0o700 });
      const uuid = (digit: number): string => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`;
      writeFileSync(path('settings.dat'), Buffer.alloc(40));
      writeFileSync(path(`new/${uuid(1)}.dmp`), 'MDMP being written');
      for (const [i, name] of REPORTS.entries()) {
        writeFileSync(path(`${name}/${uuid(i + 2)}.dmp`), `MDMP ${name}`);
        writeFileSync(path(`${name}/${uuid(i + 2)}.meta`), Buffer.alloc(32));
      }
      writeFileSync(path(`pending/${uuid(4)}.dmp`), 'MDMP locked');
      writeFileSync(path(`pending/${uuid(4)}.lock`), Buffer.alloc(8));
      const guards = REPORTS.map((name) => open({ path: path(name), pattern: '*.dmp' }));
      const looks = [];
      for (const guard of guards) looks.push(await look(guard));
      const taken = looks.flatMap((each) => each.taken);
      expect(taken.map((dump) => dump.path)).toEqual([
        path(`pending/${uuid(2)}.dmp`),
        path(`completed/${uuid(3)}.dmp`),
      ]);
      expect(taken.map(({ id }) => unsealed(id).toString())).toEqual(['MDMP pending', 'MDMP completed']);
      expect(info(taken[0]!.id)).toMatchObject({ source: path('pending') });
      expect(looks.flatMap((each) => each.listed)).toMatchObject([
        { path: path(`pending/${uuid(4)}.dmp`), reason: 'locked' },
      ]);
      // Crashpad finishes a report under its lock, then moves it.
      rmSync(path(`pending/${uuid(4)}.lock`));
      expect((await look(guards[0]!)).taken).toHaveLength(1);
      appendFileSync(path(`new/${uuid(1)}.dmp`), ', whole');
      renameSync(path(`new/${uuid(1)}.dmp`), path(`pending/${uuid(1)}.dmp`));
      const [last] = (await look(guards[0]!)).taken;
      expect(unsealed(last!.id).toString()).toBe('MDMP being written, whole');
      expect(spooled()).toHaveLength(4);
      const left = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
      expect(left.filter((name) => /\.\w+$/.test(name))).toEqual([
        `completed/${uuid(3)}.meta`,
        `pending/${uuid(2)}.meta`,
        'settings.dat',
      ]);
      expect(existsSync(path('new'))).toBe(true);
    }));
});

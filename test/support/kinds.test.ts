import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { choiceOf, chosenFiles } from './choice.js';
import { withTempDir } from './folder.js';
import { KINDS, type Kind, kindOf } from './kinds.js';
import { sharedFiles, touchedRooms } from './recent.js';
import { tooSlow } from './times.js';

/** Each test of the repository is run by some command, which its name says. */

const tests = execFileSync('git', ['ls-files', 'test'], { cwd: asset('.'), encoding: 'utf8' })
  .split('\n')
  .filter((name) => /test\.ts$/.test(name) || isTest(name));

/** Does a module of test/ register tests without being called? */
function isTest(name: string): boolean {
  return /\.ts$/.test(name) && /^(describe|test)(\.each)?\(/m.test(readFileSync(asset(name), 'utf8'));
}

/** Starts a program of the system: one of the helpers, or one by its name. Git is always there. */
const STARTS = /\b(describeWith|runBash)\(|\bprogram\('|\b(execFile|spawn)(Sync)?\(\s*'(?!git')/;

const compiled = tests.map((name) => name.replace(/\.ts$/, '.js'));
const run = (...args: string[]) => chosenFiles(compiled, choiceOf(args)).run;

describe('kinds of tests', () => {
  test('the kinds together are all tests of the repository, each once', () => {
    expect(compiled.length).toBeGreaterThan(300);
    expect(KINDS.flatMap((kind) => run(`--${kind}`)).sort()).toEqual(compiled.toSorted());
    expect(run('--all')).toEqual(compiled);
  });

  test('the default and the slow tests are all tests; only of heavy ones it runs a share', () => {
    expect([...run(), ...run('--slow')].sort()).toEqual(compiled.toSorted());
    expect(choiceOf([]).shared).toEqual(['heavy']);
    for (const args of [['--all'], ['--heavy'], ['test/a/']]) expect(choiceOf(args).shared).toEqual([]);
  });

  test('a module that test files share, loaded once for all of them, registers nothing itself', () => {
    const hooks = /^(before|after)(All|Each)\(/m;
    const others = execFileSync('git', ['ls-files', 'test'], { cwd: asset('.'), encoding: 'utf8' })
      .split('\n')
      .filter((name) => name.endsWith('.ts') && kindOf(name) === undefined);
    expect(others.length).toBeGreaterThan(100);
    expect(others.filter((name) => hooks.test(readFileSync(asset(name), 'utf8')))).toEqual([]);
  });

  test('no fast test starts programs of the system', () => {
    const fast = tests.filter((name) => kindOf(name) === 'fast' && !name.startsWith('test/support/kinds.'));
    expect(fast.filter((name) => STARTS.test(readFileSync(asset(name), 'utf8')))).toEqual([]);
  });

  test.each<[path: string, kind: Kind | undefined]>([
    ['test/scan/policy/fold.test.ts', 'fast'],
    ['dist/test/scan/policy/fold.test.js', 'fast'],
    ['fold.test.ts', 'fast'],
    ['test/e2e/find.program.test.js', 'program'],
    ['test/guard/seal/crash.machine.test.ts', 'machine'],
    ['test/search/rsa.slow.test.ts', 'slow'],
    ['test/e2e/idle.heavy.test.ts', 'heavy'],
    ['test/search/rsa.fast.test.ts', undefined],
    ['test/search/rsa.programs.test.ts', undefined],
    ['test/search/rsa.slow.program.test.ts', undefined],
    ['test/search/seeded.ts', undefined],
  ])('%s: %s', (path, kind) => expect(kindOf(path)).toBe(kind));
});

describe('what the arguments choose', () => {
  const files = [
    'test/a/b.test.js',
    'test/a/c.program.test.js',
    'test/a/d.slow.test.js',
    'test/e/b.test.js',
    'test/e/f.machine.test.js',
    'test/e/g.heavy.test.js',
  ];

  test.each([
    ['nothing', [], [0, 1, 3, 4, 5]],
    ['a kind', ['--slow'], [2]],
    ['two kinds', ['--slow', '--program'], [1, 2]],
    ['all', ['--all'], [0, 1, 2, 3, 4, 5]],
    ['those that change the machine', ['--machine'], [4]],
    ['a file by its source', ['test/a/d.slow.test.ts'], [2]],
    ['a file by a part of its path', ['a/d'], [2]],
    ['files of a room', ['test/a/'], [0, 1, 2]],
    ['files of a room and a kind', ['--fast', 'test/a/'], [0]],
    ['no file', ['test/x/'], []],
  ])('%s', (_, args, expected) =>
    expect(chosenFiles(files, choiceOf(args)).run).toEqual(expected.map((i) => files[i])),
  );

  test('what is named and of another kind is reported', () => {
    expect(chosenFiles(files, choiceOf(['--fast', 'test/a/'])).leftOut).toEqual([files[1], files[2]]);
    expect(chosenFiles(files, choiceOf(['--fast'])).leftOut).toEqual([]);
  });

  test('other options are for jest', () =>
    expect(choiceOf(['--all', '-t', 'baseline', 'test/a/', '--recent'])).toEqual({
      kinds: KINDS,
      named: ['test/a/'],
      shared: KINDS,
      options: ['-t', 'baseline'],
    }));
});

describe('the share of a kind', () => {
  const slow = Array.from({ length: 50 }, (_, i) => `test/room${i % 2}/${i}.slow.test.js`);
  const heavy = slow.map((name) => name.replace('slow', 'heavy'));

  test('has files of rooms touched first, then others', () => {
    const one = heavy.filter((_, i) => i % 2 === 1).slice(0, 4);
    const files = [...one, ...heavy.filter((_, i) => i % 2 === 0)];
    const share = sharedFiles(files, 'heavy', new Set(['room1']), 7);
    expect(share.slice(0, 4).sort()).toEqual(one.toSorted());
    expect(share).toHaveLength(6);
  });

  test('is all of few files', () => {
    expect(sharedFiles(slow.slice(0, 2), 'slow', undefined, 7).sort()).toEqual(slow.slice(0, 2).toSorted());
    expect(sharedFiles([], 'heavy', undefined, 7)).toEqual([]);
  });

  test.each([
    ['slow', slow, undefined, 2],
    ['heavy', heavy, undefined, 10],
    ['heavy', heavy, new Set<string>(), 10],
  ] as const)(
    'of %s files a commit runs one share, and all commits together run all',
    (kind, files, rooms, most) => {
      const shares = Array.from({ length: 256 }, (_, commit) => sharedFiles(files, kind, rooms, commit));
      expect(new Set(shares.flat())).toEqual(new Set(files));
      for (const share of shares) expect([share.length, new Set(share).size]).toEqual([most, most]);
      expect(sharedFiles(files, kind, rooms, 3)).toEqual(shares[3]);
    },
  );
});

describe('rooms of recent commits', () => {
  /** Makes a repository with one commit a path, in a folder named `made` (git-fast-import(1)). */
  function commits(folder: string, paths: readonly string[]): string {
    const made = join(folder, 'made');
    const commit = (path: string) =>
      `commit refs/heads/main\ncommitter a <a@example.com> 0 +0000\ndata 0\nM 644 inline ${path}\ndata 0\n`;
    execFileSync('git', ['init', '--bare', '-b', 'main', made], { stdio: 'ignore' });
    execFileSync('git', ['fast-import', '--quiet'], { cwd: made, input: paths.map(commit).join('\n') });
    return made;
  }

  const OTHERS = Array.from({ length: 18 }, (_, i) => `docs/${i}.md`);
  const PATHS = ['src/old/a.ts', 'src/a/b/c.ts', 'test/e/f.test.ts', 'src/index.ts', ...OTHERS.slice(1)];

  test('are the folders below src and test that the last 20 changed', () =>
    withTempDir(async (folder) => expect(touchedRooms(commits(folder, PATHS))).toEqual(new Set(['a', 'e']))));

  test('are unknown in a shallow clone, if it lacks one of the 20, and outside of a repository', () =>
    withTempDir(async (folder) => {
      const made = commits(folder, PATHS);
      const clone = (depth: number) => {
        const to = join(folder, `${depth}`);
        execFileSync('git', ['clone', '--depth', `${depth}`, `file://${made}`, to], { stdio: 'ignore' });
        return touchedRooms(to);
      };
      expect(clone(20)).toBeUndefined();
      expect(clone(21)).toEqual(new Set(['a', 'e']));
      expect(touchedRooms(folder)).toBeUndefined();
    }));
});

describe('processor time of fast tests', () => {
  const usual = Array.from({ length: 120 }, (_, i) => ({ file: `test/a/${i}.test.js`, time: 300 + i }));
  const long = (file: string, time = 60_000) => ({ file, time });

  test('a file far above the median is too slow, on a machine of any speed', () => {
    for (const factor of [1, 10]) {
      const times = [...usual, long('test/a/x.test.js')].map(({ file, time }) => ({
        file,
        time: time * factor,
      }));
      expect(tooSlow(times).map(({ file }) => file)).toEqual(['test/a/x.test.js']);
    }
  });

  test.each([
    ['a slow test', [...usual, long('test/a/x.slow.test.js')]],
    ['a test of programs', [...usual, long('test/a/x.program.test.js')]],
    ['twice the limit, on a loaded machine', [...usual, long('test/a/x.test.js', 6_000)]],
    ['few files', [...usual.slice(50), long('test/a/x.test.js')]],
  ])('%s is not', (_, times) => expect(tooSlow(times)).toEqual([]));
});

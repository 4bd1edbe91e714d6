import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/base/runtime/assets.js';
import { choiceOf, chosenFiles } from './choice.js';
import { KINDS, type Kind, kindOf } from './kinds.js';
import { recentFiles } from './recent.js';
import { tooSlow } from './times.js';

/** Each test of the repository is run by some command, which its name says. */

const tests = execFileSync('git', ['ls-files', 'test'], { cwd: asset('.'), encoding: 'utf8' })
  .split('\n')
  .filter((name) => /test\.ts$/.test(name) || isTest(name));

/** Does a module of test/ register tests without being called? */
function isTest(name: string): boolean {
  return /\.ts$/.test(name) && /^(describe|test)(\.each)?\(/m.test(readFileSync(asset(name), 'utf8'));
}

const compiled = tests.map((name) => name.replace(/\.ts$/, '.js'));
const run = (...args: string[]) => chosenFiles(compiled, choiceOf(args)).run;

describe('kinds of tests', () => {
  test('the kinds together are all tests of the repository, each once', () => {
    expect(compiled.length).toBeGreaterThan(300);
    expect(KINDS.flatMap((kind) => run(`--${kind}`)).sort()).toEqual(compiled.toSorted());
    expect(run('--all')).toEqual(compiled);
  });

  test('the default and the slow tests are all tests', () => {
    expect([...run(), ...run('--slow')].sort()).toEqual(compiled.toSorted());
  });

  test('no fast test needs programs of the system', () => {
    const needs = (name: string) => /\bdescribeWith\(/.test(readFileSync(asset(name), 'utf8'));
    expect(tests.filter((name) => kindOf(name) === 'fast' && needs(name))).toEqual([]);
  });

  test.each<[path: string, kind: Kind | undefined]>([
    ['test/policy/fold.test.ts', 'fast'],
    ['dist/test/policy/fold.test.js', 'fast'],
    ['fold.test.ts', 'fast'],
    ['test/e2e/find.program.test.js', 'program'],
    ['test/search/rsa.slow.test.ts', 'slow'],
    ['test/search/rsa.fast.test.ts', undefined],
    ['test/search/rsa.programs.test.ts', undefined],
    ['test/search/rsa.slow.program.test.ts', undefined],
    ['test/search/seeded.ts', undefined],
  ])('%s: %s', (path, kind) => expect(kindOf(path)).toBe(kind));
});

describe('what the arguments choose', () => {
  const files = ['test/a/b.test.js', 'test/a/c.program.test.js', 'test/a/d.slow.test.js', 'test/e/b.test.js'];

  test.each([
    ['nothing', [], [0, 1, 3]],
    ['a kind', ['--slow'], [2]],
    ['two kinds', ['--slow', '--program'], [1, 2]],
    ['all', ['--all'], [0, 1, 2, 3]],
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
      recent: true,
      options: ['-t', 'baseline'],
    }));
});

describe('tests of recently changed rooms', () => {
  const slow = Array.from({ length: 50 }, (_, i) => `test/room${i % 2}/${i}.slow.test.js`);

  test('files of other rooms are left out', () => {
    const few = slow.slice(0, 10);
    expect(recentFiles(few, new Set(['room1']), 7)).toEqual(few.filter((_, i) => i % 2 === 1));
    expect(recentFiles(few, new Set(), 7)).toEqual([]);
    expect(recentFiles(few, undefined, 7)).toEqual(few.toSorted());
  });

  test('of many files a commit runs one share, and all commits together run all', () => {
    const shares = Array.from({ length: 16 }, (_, digit) => recentFiles(slow, undefined, digit));
    expect(new Set(shares.flat())).toEqual(new Set(slow));
    expect(Math.max(...shares.map((share) => share.length))).toBeLessThanOrEqual(16);
    expect(recentFiles(slow, undefined, 3)).toEqual(shares[3]);
  });
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

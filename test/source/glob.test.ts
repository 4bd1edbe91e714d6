import { describe, expect, test } from '@jest/globals';
import { compileGlob } from '../../src/source/glob.js';
import fc from '../support/property.js';

describe('a glob', () => {
  test.each<[glob: string, matches: string[], others: string[]]>([
    ['core', ['core', 'a/b/core'], ['core.1', 'acore', 'core/a']],
    ['core*', ['core', 'core.1', 'a/core.1'], ['a/b.core', 'core/a']],
    ['*', ['a', '.a', 'a/.b', 'a\nb'], []],
    ['**', ['a', 'a/b'], []],
    ['*.[ch]', ['a.c', 'b/a.h'], ['a.b', 'a.c/b']],
    ['core.[0-9][!0-9]', ['core.1a'], ['core.11', 'core.1/', 'core.1']],
    ['[]a-]', [']', 'a', '-'], ['b']],
    ['[[:digit:]]?', ['1a', '1\u{1f600}'], ['aa', '1']],
    ['?', ['a', 'ä', '\u{1f600}'], ['ab']],
    ['*.{c,d{e,f}}', ['a.c', 'a.df'], ['a.d', 'a.{c,d{e,f}}']],
    ['a{b', ['a{b'], ['ab']],
    ['a,b', ['a,b'], ['a', 'b']],
    ['a.b', ['a.b'], ['acb']],
    ['a+(b)$^|', ['a+(b)$^|'], ['ab']],
    ['\\*', ['*'], ['a']],
    ['[', ['['], ['a']],
    ['a**b', ['axb', 'ab'], ['a/b']],
    ['dir/core', ['dir/core'], ['a/dir/core', 'core', 'dir/core/a']],
    ['/core', ['core'], ['a/core']],
    ['dir/*', ['dir/a'], ['dir/a/b']],
    ['dir/', ['dir/a', 'dir/a/b'], ['dir', 'a/dir/b']],
    ['dir/**', ['dir/a', 'dir/a/b'], ['dir']],
    ['**/dir/*.log', ['dir/a.log', 'a/b/dir/c.log'], ['adir/a.log', 'dir/a/b.log']],
    ['{a/**,b}/c', ['a/x/y/c', 'b/c'], ['c', 'a/c/d']],
    ['a/**/b', ['a/b', 'a/x/y/b'], ['a/xb', 'ab']],
  ])('%s', (glob, matches, others) => {
    const test = compileGlob(glob);
    expect(matches.filter((path) => !test(path))).toEqual([]);
    expect(others.filter((path) => test(path))).toEqual([]);
  });

  test('that cannot be read is a wrong call', () => {
    expect(() => compileGlob('[z-a]')).toThrow('the glob "[z-a]" cannot be read');
  });

  test('takes linear time', () => {
    const started = performance.now();
    expect(compileGlob('*a*a*a*a*a*a*b')('a'.repeat(4096))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  /** What a star and a question mark mean, step by step. */
  function naive(glob: string, name: string): boolean {
    if (glob === '') return name === '';
    if (glob[0] === '*') return naive(glob.slice(1), name) || (name !== '' && naive(glob, name.slice(1)));
    return name !== '' && (glob[0] === '?' || glob[0] === name[0]) && naive(glob.slice(1), name.slice(1));
  }

  const word = (characters: string) =>
    fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength: 8 });

  test('is as stars and question marks say', () => {
    fc.assert(
      fc.property(word('ab.*?'), word('ab.'), (glob, name) => {
        expect(compileGlob(glob)(name)).toBe(naive(glob, name));
      }),
    );
  });

  test('and no text make it throw anything else', () => {
    fc.assert(
      fc.property(word('ab*?[]{}!^-\\/:,.|('), fc.string(), (glob, name) => {
        try {
          compileGlob(glob)(name);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-glob' });
        }
      }),
    );
  });
});

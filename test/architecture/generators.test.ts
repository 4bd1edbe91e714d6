import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';

/** A generator that is called and not driven does nothing: a search would find nothing, and say nothing. */

const files = execFileSync('git', ['ls-files', '-z', 'src'], { cwd: asset('.'), encoding: 'utf8' })
  .split('\0')
  .filter((name) => name.endsWith('.ts'));

const GENERATOR = /^\s*(?:export |static |async |private |function)*\s*\*\s*(#?\w+)[<(]/gm;
/** A method or function that is no generator. */
const OTHER =
  /^(?:\s*(?:export |static |async )*function |\s+(?:static |async |get )*)(#?\w+)(?:<[^(]*>)?\([^;]*\{$/gm;

const namesBy = (pattern: RegExp, texts: readonly string[]): Set<string> =>
  new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name!)));

/** True for a function that the file defines or imports; others are parameters. */
const isKnown = (text: string, name: string): boolean =>
  new RegExp(`function\\*\\s*${name}\\b|^import [^;]*\\b${name}\\b`, 'm').test(text);

/** Statements that are a call of a generator, by name; names of other functions too are left out. */
function undriven(texts: readonly string[]): string[] {
  const others = namesBy(OTHER, texts);
  const generators = new Set([...namesBy(GENERATOR, texts)].filter((name) => !others.has(name)));
  return texts.flatMap((text) =>
    [...text.matchAll(/(?<=[;{}]\n)\s*((?:[\w#?!]+\.)*(#?\w+))\([^\n]*\);$/gm)]
      .filter(([, called, name]) => generators.has(name!) && (called !== name || isKnown(text, name!)))
      .map(([statement]) => statement.trim()),
  );
}

describe('generators', () => {
  test('none is called as a statement', () => {
    expect(undriven(files.map((name) => readFileSync(asset(name), 'utf8')))).toEqual([]);
  });

  test.each([
    [
      'a method',
      'class A {\n  *#find(a: B): Pausing<C> {\n  }\n  b() {\n    this.#find(a);\n  }\n}\n',
      ['this.#find(a);'],
    ],
    [
      'a function',
      'export function* findAll(a: B) {\n}\nfunction b() {\n  findAll(a);\n}\n',
      ['findAll(a);'],
    ],
    ['one that is driven', 'function* findAll(a: B) {\n}\nfunction* b() {\n  yield* findAll(a);\n}\n', []],
    ['another function', 'function* findAll(a: B) {\n}\nfunction b() {\n  findOne(a);\n}\n', []],
  ])('%s', (_what, text, found) => {
    expect(undriven([text])).toEqual(found);
  });
});

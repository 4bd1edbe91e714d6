import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';

/** How code and documents read: the field's terms in plain English, in lines that fit a screen. */

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: asset('.'), encoding: 'utf8' })
  .split('\0')
  .filter((name) => name !== '');

/** Text that people write: no data, no output of a program, not this list. */
const written = tracked.filter(
  (name) =>
    /\.(ts|js|mjs|md|ya?ml)$|^\.ci\/run$|^install\/(kubernetes\/)?Dockerfile$/.test(name) &&
    !/\.golden\.|^test\/report\/schemas\/|^bench\/recall\/ledger|^test\/architecture\/language/.test(name),
);

/** Phrases of a dialect that only its authors understood, each with what to write instead. */
const DIALECT: readonly [phrase: RegExp, instead: string][] = [
  [/\btold\b|\btells? (of|from)\b/i, 'reported, recognised, distinguished from'],
  [/\bso many\b|\bas many as there (is|are)\b/i, 'a count, `count`, a bound'],
  [/\bwho(m)?ever\b/i, 'the caller, the process'],
  [/\b(no|some|any)body\b/i, 'name who: the process, the caller, a user'],
  [/\bstands?\b(?!-| (for|out|=|&&) )/i, 'is in, lies, adjacent, is stored'],
  [/\bas it were\b|\bof itself\b|\bat all events\b/i, 'delete'],
  [/\bcomes? to nothing\b|\bcame to nothing\b/i, 'fails, is rejected'],
  [/\bis to be had\b|\bhave had\b|\bthat there (is|are) not\b/i, 'is available; missing, unknown'],
  [/\bmade of what\b|\bsuch a one\b|\blies beside\b/i, 'consists of, one of these, is adjacent to'],
  [/\bfor good\b/i, 'permanently'],
  [/\ba further one\b|\bof its own kind\b/i, 'another'],
  [/\bthat asks? for it\b|\bwhat is asked for\b/i, 'target, searched for'],
];

const lines = (name: string) => readFileSync(asset(name), 'utf8').split('\n');

/** Files whose paths are made up: cases of the layer check, of files to be scanned, and of kinds of tests. */
const MADE_UP =
  /^test\/(architecture\/architecture|distribution\/ways-in\.program|support\/kinds)\.test\.ts$/;
/** Modules that the examples of CONTRIBUTING.md add; its test names them too. */
const EXAMPLES = /^src\/(formats\/toy\/toy|report\/brief)\.ts$/;

describe('plain language', () => {
  test.each(DIALECT)('%s', (phrase) => {
    const found = written.flatMap((name) =>
      lines(name).flatMap((line, i) => (phrase.test(line) ? [`${name}:${i + 1}: ${line.trim()}`] : [])),
    );
    expect(found).toEqual([]);
  });

  test('every path that is named exists in the repository', () => {
    const sources = written.filter((name) => !MADE_UP.test(name));
    const named = sources.flatMap((name) =>
      lines(name).flatMap((line) =>
        [...line.matchAll(/(?<![\w/.-])(?:src|test|bench|docs)\/[\w/-]+\.(?:ts|js|mjs|md|bin)\b/g)].map(
          ([path]) => [name, path] as const,
        ),
      ),
    );
    const there = new Set(tracked);
    const missing = named.filter(
      ([name, path]) =>
        !there.has(path) &&
        !there.has(path.replace(/\.js$/, '.ts')) &&
        !(/contributing/i.test(name) && EXAMPLES.test(path)),
    );
    expect(missing.map(([name, path]) => `${name} names ${path}`)).toEqual([]);
  });
});

/** String, template and regex literals, bigints, in the order in which they begin. */
const LITERAL = new RegExp(
  [
    /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`/,
    /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])+\/[a-z]*/,
    /\b\w+n\b/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

/** Is the line too long? Literals that cannot be split at a blank (digits, a regex) do not count. */
function isLong(line: string): boolean {
  if ([...line].length <= 110) return false;
  if (/^\s*(\/\/|\/?\*)/.test(line)) return true;
  const rest = line.replace(LITERAL, (literal) => (/^['"`].*\s/.test(literal) ? literal : ''));
  return [...rest].length > 110;
}

test.each([
  ['code', `const a = ${'b + '.repeat(30)}c;`, true],
  ['code of 110 columns', `${'b'.repeat(109)};`, false],
  ['a string with blanks', `  '${'word '.repeat(25)}',`, true],
  ['a template with blanks', `  \`${'word '.repeat(25)}\`,`, true],
  ['a string of digits', `  hex('${'0f'.repeat(60)}'),`, false],
  ['a regex, with quotes and blanks', `  /^[ \\t]*["'/]${'(?:a|b) '.repeat(15)}$/gms;`, false],
  ['a bigint', `const p = 0x${'0f'.repeat(60)}n;`, false],
  ['code beside a string of digits', `const a = ${'b + '.repeat(30)}'${'0f'.repeat(60)}';`, true],
  ['a comment with a path', `// see /${'folder/'.repeat(20)}`, true],
  ['a line of a comment', ` * ${'word '.repeat(25)}'${'0f'.repeat(60)}'`, true],
])('%s: is it too long?', (_, line, expected) => expect(isLong(line)).toBe(expected));

test('lines of code and comments have at most 110 columns', () => {
  const code = written.filter(
    (name) => /\.(ts|js|mjs)$/.test(name) && !/\.as\.ts$|\/kernels?\/[\w-]+\.mjs$/.test(name),
  );
  const long = code.flatMap((name) =>
    lines(name).flatMap((line, i) => (isLong(line) ? [`${name}:${i + 1}`] : [])),
  );
  expect(long).toEqual([]);
});

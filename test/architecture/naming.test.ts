import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';

/** Names mean one thing, comments name their subject, and no file knows too many others. */

const sources = execFileSync('git', ['ls-files', '-z', 'src', 'test', 'bench', 'fixtures'], {
  cwd: asset('.'),
  encoding: 'utf8',
})
  .split('\0')
  .filter((name) => name.endsWith('.ts'));
const read = (name: string) => readFileSync(asset(name), 'utf8');
const shipped = sources.filter((name) => name.startsWith('src/') && !name.endsWith('.as.ts'));

const TYPE = /^export (?:abstract )?(?:interface|type|class|enum) (\w+)/gm;
const typesOf = (text: string): string[] => [...text.matchAll(TYPE)].map(([, name]) => name!);

/** Nouns that name nothing outside of their file. */
const GENERIC = ['Place', 'Part', 'Parts', 'Found', 'Candidate', 'Reader', 'Context', 'Match', 'Row'];

const MOST_IMPORTS = 25;
const importsOf = (text: string): Set<string> =>
  new Set([...text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)';/gm)].map(([, path]) => path!));

/** A shorter comment that begins so leaves its subject to the reader: "Of a prime." */
const BARE = /^(?:Of|By|As|Those|The same|With|In|From)\b/;
const SHORT = 60;

/** The comments of a file, each as one line. */
function commentsOf(text: string): string[] {
  const comments: string[] = [];
  let lines: string[] = [];
  const end = () => {
    if (lines.length > 0) comments.push(lines.join(' ').trim());
    lines = [];
  };
  let inside = false;
  for (const line of text.split('\n')) {
    const start = inside ? undefined : /^\s*(?:\/\*\*|\/\/)\s*(.*)$/.exec(line)?.[1];
    if (inside) lines.push(line.replace(/^\s*\*?\s?/, '').replace(/\s*\*\/.*$/, ''));
    else if (start === undefined) end();
    else {
      if (line.includes('/**')) end();
      lines.push(start.replace(/\s*\*\/.*$/, ''));
      inside = line.includes('/**');
    }
    if (inside && line.includes('*/')) {
      inside = false;
      end();
    }
  }
  end();
  return comments;
}

const isBare = (comment: string): boolean => comment.length < SHORT && BARE.test(comment);

describe('naming', () => {
  test('a type is exported once', () => {
    const seen = new Map<string, string[]>();
    for (const name of shipped)
      for (const type of typesOf(read(name))) seen.set(type, [...(seen.get(type) ?? []), name]);
    expect([...seen].filter(([, files]) => files.length > 1)).toEqual([]);
  });

  test('no exported type has a generic noun for a name', () => {
    const found = shipped.flatMap((name) =>
      typesOf(read(name)).flatMap((type) => (GENERIC.includes(type) ? [`${name}: ${type}`] : [])),
    );
    expect(found).toEqual([]);
  });

  test('a short comment does not begin with a bare preposition', () => {
    const found = sources.flatMap((name) =>
      commentsOf(read(name)).flatMap((comment) => (isBare(comment) ? [`${name}: ${comment}`] : [])),
    );
    expect(found).toEqual([]);
  });

  test(`no file imports from more than ${MOST_IMPORTS} others`, () => {
    const wide = shipped.map((name) => [name, importsOf(read(name)).size] as const);
    expect(wide.filter(([, count]) => count > MOST_IMPORTS)).toEqual([]);
  });
});

test.each([
  ['a line', '/** Of a prime. */\nbits: number;', true],
  ['a line of code', '// By length.\nconst a = 1;', true],
  ['several lines', '/**\n * The same in\n * bytes.\n */', true],
  ['a comment behind another one', '/** Bits. */\na: 1;\n/** In bytes. */\nb: 1;', true],
  ['a noun', '/** Bits of a prime. */', false],
  ['a long comment', `/** In ${'bytes and '.repeat(6)} words. */`, false],
  ['a word that begins alike', '/** Offers nothing. */', false],
])('a bare preposition: %s', (_name, text, expected) => {
  expect(commentsOf(text).some(isBare)).toBe(expected);
});

test('imports are counted by module, whatever their number of names and lines', () => {
  const text =
    "import { a } from './a.js';\nimport type { A } from './a.js';\nexport {\n  b,\n} from './b.js';\n";
  expect([...importsOf(text)]).toEqual(['./a.js', './b.js']);
});

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/base/runtime/assets.js';
import { importsOf, roomOf, violations } from './imports.js';
import { LAYERS } from './layers.js';

const root = fileURLToPath(asset('.'));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const architecture = read('docs/architecture.md');

const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
  .map((name) => `src/${name.replaceAll('\\', '/')}`)
  .filter((name) => name.endsWith('.ts') && !name.includes('/kernel/'));
const rooms = Object.keys(LAYERS);

/**
 * Rooms of the tree in docs/architecture.md: two spaces a level, each a folder (`name/`) or a file of src
 * (`name.ts`).
 */
function roomsOfTree(document: string): string[] {
  const tree = /^```text\nsrc\/.*\n([\s\S]*?)^```/m.exec(document)?.[1] ?? '';
  const path: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', name] = /^( *)([\w.-]+?)\/?(?:\s|$)/.exec(line) ?? [];
    if (name === undefined) return [];
    path.splice(indent.length / 2 - 1);
    path.push(name);
    return [path.join('/')];
  });
}

describe('architecture', () => {
  test('rooms import downward, by their row of the table', () => {
    expect(
      violations(
        // Imports of fleet/ have a test of their own.
        files.flatMap((file) => importsOf(file, read(file))).filter(({ to }) => !to.startsWith('fleet/')),
        LAYERS,
      ),
    ).toEqual([]);
  });

  test('every folder of src is a room, and every room is there', () => {
    const used = new Set(files.map(roomOf));
    expect([...used].filter((room) => !rooms.includes(room))).toEqual([]);
    expect(rooms.filter((room) => !used.has(room))).toEqual([]);
  });

  test('no row of the table allows a room that is not imported', () => {
    const values = files.flatMap((file) => importsOf(file, read(file))).filter(({ typeOnly }) => !typeOnly);
    const arrows = new Set(values.map(({ from, to }) => `${roomOf(from)} -> ${roomOf(to)}`));
    const allowed = Object.entries(LAYERS).flatMap(([room, below]) =>
      below.map((each) => `${room} -> ${each}`),
    );
    expect(allowed.filter((arrow) => !arrows.has(arrow))).toEqual([]);
  });

  test('the tree in docs/architecture.md is the table', () => {
    const tree = roomsOfTree(architecture);
    const inner = (room: string) => rooms.some((each) => each.startsWith(`${room}/`));
    expect(rooms.filter((room) => !tree.includes(room))).toEqual([]);
    expect(tree.filter((room) => !rooms.includes(room) && !inner(room))).toEqual([]);
  });

  test('only the command line and build steps print', () => {
    const printing = files.filter((file) => /console\.|process\.(stdout|stderr)/.test(read(file)));
    expect(printing.filter((file) => !['cli', 'build'].includes(roomOf(file).split('/')[0] ?? ''))).toEqual(
      [],
    );
  });

  test('every runtime dependency has its line in docs/architecture.md', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    expect(Object.keys(dependencies).filter((name) => !architecture.includes(`\`${name}\``))).toEqual([]);
  });

  test('no source file is over 400 lines', () => {
    expect(files.filter((file) => read(file).split('\n').length > 400)).toEqual([]);
  });
});

/** Files that still have more imports. */
const WIDE: readonly string[] = [
  'src/formats/elf/core.ts',
  'src/search/rsa/rsa-search.ts',
  'src/search/session/number-search.ts',
];

test('no source file has more than 25 imports', () => {
  const modules = (file: string) =>
    (read(file).match(/^(?:import|export)\b[^;]*?\bfrom '[^']+';$/gm) ?? []).length;
  const wide = files.filter((file) => modules(file) > 25).map((file) => `${file}: ${modules(file)}`);
  expect(wide.filter((each) => !WIDE.includes(each.split(':')[0]!))).toEqual([]);
});

describe('the layer test', () => {
  const layers = { base: [], 'search/core': ['base'], 'search/rsa': ['search/core'], search: ['search/rsa'] };
  const row = (from: string, line: string) => violations(importsOf(from, line), layers);

  test.each([
    ['a value from a room of its row', 'src/search/rsa/a.ts', "import { b } from '../core/b.js';"],
    ['a type from any room below', 'src/search/rsa/a.ts', "import type { B } from '../../base/b.js';"],
    ['types by name', 'src/search/rsa/a.ts', "import { type B, type C } from '../../base/b.js';"],
    ['anything from its own room', 'src/search/rsa/a.ts', "import { b } from './b.js';"],
  ])('passes %s', (_name, from, line) => {
    expect(row(from, line)).toEqual([]);
  });

  test.each([
    ['a value that its row lacks', 'src/search/rsa/a.ts', "import { b } from '../../base/b.js';"],
    ['a value beside types', 'src/search/rsa/a.ts', "import { type B, c } from '../../base/b.js';"],
    ['a value from the room above a sub-room', 'src/search/core/a.ts', "import { s } from '../search.js';"],
    ['a type from above', 'src/search/core/a.ts', "import type { R } from '../rsa/r.js';"],
    ['a re-export', 'src/search/core/a.ts', "export { r } from '../rsa/r.js';"],
    ['a module loaded late', 'src/search/core/a.ts', "const r = await import('../rsa/r.js');"],
    ['a module for its effects', 'src/search/core/a.ts', "import '../rsa/r.js';"],
    ['a folder that is no room', 'src/search/core/a.ts', "import { x } from '../lattice/x.js';"],
  ])('refuses %s', (_name, from, line) => {
    expect(row(from, line)).toHaveLength(1);
  });
});

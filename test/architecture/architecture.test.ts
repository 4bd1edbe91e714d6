import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { circles, type Import, importsOf, roomOf, violations } from './imports.js';
import { LAYERS } from './layers.js';
import { SIZES } from './sizes.js';

const root = fileURLToPath(asset('.'));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const architecture = read('docs/architecture.md');

const all = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
  .map((name) => `src/${name.replaceAll('\\', '/')}`)
  .filter((name) => name.endsWith('.ts'));
/** Without the kernels, whose files the AssemblyScript compiler joins. */
const files = all.filter((name) => !name.includes('/kernel/'));
// Imports of fleet/ have a test of their own.
const imports = files
  .flatMap((file) => importsOf(file, read(file)))
  .filter(({ to }) => !to.startsWith('fleet/'));

/** Lines that are neither blank nor comment. */
const linesOf = (file: string): number =>
  read(file)
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\*|\/\*|$)/.test(line)).length;

describe('architecture', () => {
  test('rooms import downward', () => {
    expect(violations(imports, LAYERS)).toEqual([]);
  });

  test('every folder of src is a room, and every room is there', () => {
    expect(new Set(files.map(roomOf))).toEqual(new Set(LAYERS));
  });

  test('few rooms know each other', () => {
    const isRoom = (name: string) => !name.endsWith('.ts');
    const arrows = new Set(
      imports
        .map(({ from, to }) => [roomOf(from), roomOf(to)] as const)
        .filter(([from, to]) => from !== to && isRoom(from) && isRoom(to))
        .map((arrow) => arrow.join(' -> ')),
    );
    expect(arrows.size).toBeLessThanOrEqual(MOST_ARROWS);
  });

  test('files import each other in a circle rarely, and then types alone', () => {
    expect(circles(imports.filter(({ typeOnly }) => !typeOnly))).toEqual([]);
    expect(circles(imports).length).toBeLessThanOrEqual(MOST_CIRCLES);
  });

  test('docs/architecture.md names each room, and each has a README.md of one page', () => {
    const inside = LAYERS.filter((room) => !room.endsWith('.ts'));
    expect(inside.filter((room) => !architecture.includes(`${room}/`))).toEqual([]);
    expect(inside.filter((room) => read(`src/${room}/README.md`).trimEnd().split('\n').length > 40)).toEqual(
      [],
    );
  });

  test('only the command line prints', () => {
    const printing = files.filter((file) => /console\.|process\.(stdout|stderr)/.test(read(file)));
    expect(printing.filter((file) => roomOf(file) !== 'cli')).toEqual([]);
  });

  test('every runtime dependency has its line in docs/architecture.md', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    expect(Object.keys(dependencies).filter((name) => !architecture.includes(`\`${name}\``))).toEqual([]);
  });

  test('no source file is over 400 lines', () => {
    expect(all.filter((file) => read(file).trimEnd().split('\n').length > 400)).toEqual([]);
  });
});

const MOST_ARROWS = 70;
const MOST_CIRCLES = 7;

/** Rows hold lines in steps of 50: the smallest that is not below. */
const step = (lines: number): number => Math.ceil(lines / 50) * 50;

test('each room has the lines and files of its row in sizes.ts', () => {
  const sizes = Object.fromEntries(
    LAYERS.map((room) => {
      const own = all.filter((file) => roomOf(file) === room);
      return [room, { lines: step(own.reduce((sum, file) => sum + linesOf(file), 0)), files: own.length }];
    }),
  );
  expect(sizes).toEqual(SIZES);
});

describe('the layer test', () => {
  const layers = ['core', 'search', 'cli'];
  const row = (from: string, line: string) => violations(importsOf(from, line), layers);

  test.each([
    ['a value from a room before', 'src/search/rsa/a.ts', "import { b } from '../../core/b.js';"],
    ['anything from its own room', 'src/search/rsa/a.ts', "import { b } from '../hmac/b.js';"],
  ])('passes %s', (_name, from, line) => {
    expect(row(from, line)).toEqual([]);
  });

  test.each([
    ['a value from above', 'src/core/a.ts', "import { s } from '../search/search.js';"],
    ['a type from above', 'src/search/core/a.ts', "import type { R } from '../../cli/r.js';"],
    ['a re-export', 'src/core/a.ts', "export { r } from '../cli/r.js';"],
    ['a module loaded late', 'src/core/a.ts', "const r = await import('../cli/r.js');"],
    ['a module for its effects', 'src/core/a.ts', "import '../cli/r.js';"],
    ['a folder that is no room', 'src/search/a.ts', "import { x } from '../lattice/x.js';"],
  ])('refuses %s', (_name, from, line) => {
    expect(row(from, line)).toHaveLength(1);
  });
});

test('circles are found once each, and chains are none', () => {
  const arrow = (from: string, to: string): Import => ({ from, to, typeOnly: false });
  const chain = [arrow('a', 'b'), arrow('b', 'c'), arrow('a', 'c')];
  expect(circles(chain)).toEqual([]);
  expect(circles([...chain, arrow('c', 'd'), arrow('d', 'b')])).toEqual([['b', 'c', 'd']]);
  expect(circles([arrow('a', 'b'), arrow('b', 'a'), arrow('c', 'd'), arrow('d', 'c')])).toHaveLength(2);
});

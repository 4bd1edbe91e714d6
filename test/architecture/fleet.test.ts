import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { type Import, importsOf, violations } from './imports.js';

/** The rooms of fleet/src from the bottom up, as LAYERS has those of src/. */
const FLEET_LAYERS = ['host.ts', 'model', 'store', 'listing', 'reading', 'work', 'query', 'index.ts'];

/** Rooms of dumpsieve whose functions are copied into the package: they hold no state. */
const COPIED = /^src\/core\/(?:base|model)\//;

const root = fileURLToPath(asset('.'));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const filesOf = (folder: string): string[] =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.ts'));

const fleet = filesOf('fleet/src');
const imports = fleet.flatMap((file) => importsOf(file, read(file)));
const isInside = ({ to }: Import): boolean => to.startsWith('fleet/src/');

describe('the package dumpsieve-fleet', () => {
  test('its rooms import downward', () => {
    const inner = (path: string) => path.replace(/^fleet\//, '');
    const inside = imports
      .filter(isInside)
      .map((each) => ({ ...each, from: inner(each.from), to: inner(each.to) }));
    expect(inside.length).toBeGreaterThan(0);
    expect(violations(inside, FLEET_LAYERS)).toEqual([]);
  });

  test('of dumpsieve it imports types, and functions without a state', () => {
    const others = imports.filter((each) => !isInside(each) && !each.typeOnly && !COPIED.test(each.to));
    expect(others).toEqual([]);
  });

  test('dumpsieve imports types of it alone: it is loaded by its place', () => {
    const of = filesOf('src').flatMap((file) => importsOf(file, read(file)));
    // The verbs of `hunt` are part of the program, for their help is there without the package.
    const toFleet = of.filter(({ to }) => to.startsWith('fleet/') && !to.startsWith('fleet/verbs/'));
    expect(toFleet.filter(({ typeOnly }) => !typeOnly)).toEqual([]);
  });

  test('it prints nothing', () => {
    expect(fleet.filter((file) => /console\.|process\.(stdout|stderr)/.test(read(file)))).toEqual([]);
  });

  test('no module of dumpsieve opens a connection', () => {
    const network =
      /from '(?:node:)?(?:net|tls|http|https|http2|dgram|dns)(?:\/promises)?'|(?<![.#\w])fetch\(/;
    // Pipes of this machine: descriptors that were inherited, and a lock by name.
    const withoutPeer = new Set([
      'src/source/streams.ts',
      'src/guard/state/lock.ts',
      'src/scan/child/child-start.ts',
    ]);
    expect(filesOf('src').filter((file) => network.test(read(file)) && !withoutPeer.has(file))).toEqual([]);
  });

  test('no file is over 350 lines', () => {
    expect(fleet.filter((file) => read(file).split('\n').length > 350)).toEqual([]);
  });

  test('every dependency has its line in docs/architecture.md', () => {
    const { dependencies, peerDependencies } = JSON.parse(read('fleet/package.json')) as Record<
      string,
      Record<string, string>
    >;
    const architecture = read('docs/architecture.md');
    const names = [...Object.keys(dependencies ?? {}), ...Object.keys(peerDependencies ?? {})];
    expect(names.filter((name) => !architecture.includes(`\`${name}\``))).toEqual([]);
  });

  test('its lock file has its dependencies in the versions of the lock file of the checkout', () => {
    interface Lock {
      packages: Record<string, Record<string, object> & { version?: string }>;
    }
    const own = (JSON.parse(read('fleet/package-lock.json')) as Lock).packages;
    const all = (JSON.parse(read('package-lock.json')) as Lock).packages;
    const direct = Object.entries(own[''] ?? {}).flatMap(([field, names]) =>
      /dependencies$/i.test(field) ? Object.keys(names) : [],
    );
    expect(direct).toContain('libsql');
    const versionIn = (packages: Lock['packages'], name: string) =>
      (packages[`fleet/node_modules/${name}`] ?? packages[`node_modules/${name}`])?.version;
    expect(direct.filter((name) => versionIn(own, name) !== versionIn(all, name))).toEqual([]);
  });
});

/**
 * Many small dumps, 5 KB with a key each: processor time a dump, and when the first result comes.
 *
 *   node dist/bench/many.js [--only TEXT] [--key TEXT] [--dumps N] [--passes 3] [--library PATH]
 *
 * `--only`: variants whose name contains the text. `--key`: only dumps whose kind of key contains the
 * text. `--dumps`: another number of dumps. `--library`: dist/bundle/index.js of another built
 * checkout, measured by turns with this one's. Each pass is a process of its own; the table has the least of
 * the passes. Asserts that each dump's key was found or filled. Exit status 1 if a goal is missed.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { asset } from '../src/core/base/runtime/assets.js';
import { withTempDir } from '../test/support/folder.js';
import type { Measured } from './many/child.js';
import { writeDumps } from './many/dumps.js';
import { VARIANTS, type Variant } from './many/variants.js';

const CHILD = fileURLToPath(new URL('./many/child.js', import.meta.url));
const OWN = fileURLToPath(asset('dist/bundle/index.js'));

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    key: { type: 'string', default: '' },
    dumps: { type: 'string' },
    passes: { type: 'string', default: '3' },
    library: { type: 'string' },
  },
});

const libraries = [OWN, ...(values.library === undefined ? [] : [resolve(values.library)])];

/** Of bare numbers some look less random than the net asks: two in ten thousand dumps are missed. */
const LEAST_FOUND = 0.999;

/** One pass of a variant over the dumps of a folder. */
function pass(library: string, variant: Variant, folder: string, dumps: number): Measured {
  const copies = join(folder, 'copies');
  mkdirSync(copies);
  const args = [CHILD, library, String(VARIANTS.indexOf(variant)), join(folder, 'dumps'), copies];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    ...{ encoding: 'utf8', env: { PATH: process.env.PATH } },
  });
  rmSync(copies, { recursive: true });
  if (status !== 0) throw new Error(`${variant.what}: exit status ${status}: ${stderr}`);
  const measured = JSON.parse(stdout) as Measured;
  if (measured.found < LEAST_FOUND * dumps)
    throw new Error(`${variant.what}: ${measured.found} of ${dumps} keys`);
  return measured;
}

const least = (all: readonly Measured[], column: keyof Measured): number =>
  Math.min(...all.map((each) => each[column]));

/** A row of the table; remembers a missed goal. */
function row(name: string, { most, firstWithin }: Variant, all: readonly Measured[], dumps: number): string {
  const each = least(all, 'processor') / dumps;
  const [first, wall] = [least(all, 'first'), least(all, 'wall')];
  const goals = [
    ...(most === undefined ? [] : [{ goal: `at most ${most} ms`, met: each <= most }]),
    ...(firstWithin === undefined
      ? []
      : [{ goal: `first result in ${firstWithin * 100} % of the time`, met: first <= firstWithin * wall }]),
  ];
  if (goals.some(({ met }) => !met)) process.exitCode = 1;
  const cells = [
    name,
    String(dumps),
    `${each.toFixed(1)} ms`,
    `${(wall / 1000).toFixed(2)} s`,
    `${(first / 1000).toFixed(2)} s`,
    goals.map(({ goal, met }) => `${goal}: ${met ? 'yes' : 'no'}`).join(', '),
  ];
  return `| ${cells.join(' | ')} |`;
}

console.log('| variant | dumps | processor time a dump | wall time | first result | goal |');
console.log('|---|---|---|---|---|---|');
for (const variant of VARIANTS.filter(({ what }) => what.includes(values.only)))
  await withTempDir((folder) => {
    const dumps = Number(values.dumps ?? variant.dumps);
    writeDumps(join(folder, 'dumps'), dumps, values.key);
    const all = libraries.map((): Measured[] => []);
    for (let i = 0; i < Number(values.passes); i++)
      for (const [at, library] of libraries.entries()) all[at]!.push(pass(library, variant, folder, dumps));
    for (const [at, measured] of all.entries())
      console.log(row(at === 0 ? variant.what : `${variant.what}, --library`, variant, measured, dumps));
  });

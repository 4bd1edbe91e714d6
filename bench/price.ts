/**
 * What each search costs: seconds of one core a GB of dense memory, by `--debug` of the command in one
 * thread, on noise, machine code, random values and a JVM, each with a public key of every kind and a token
 * behind it.
 *
 *   node dist/bench/price.js --dir DIR [--size 64M] [--write]
 *
 * The inputs are made in DIR once. `--write` writes src/core/limits/prices.ts; the yields there come from the
 * last line of `node dist/bench/recall.js`, given as `--yields 'ec-scalars 12, …'`. On a busy machine only
 * `chrt -f 1` before the command gives usable figures.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { asset } from '../src/core/base/runtime/assets.js';
import { PRICED, type PricedMemory, YIELDS } from '../src/core/limits/prices.js';
import { SEARCHES, type SearchId } from '../src/core/limits/searches.js';
import { Inputs } from './command/inputs.js';
import { COMMAND } from './command/measure.js';
import { sizeOf } from './noise/size.js';
import { writeNoise } from './noise/write.js';
import { identities } from './price/identities.js';
import { pricesModule } from './price/module.js';

const { values } = parseArgs({
  options: {
    dir: { type: 'string', default: '.' },
    size: { type: 'string', default: '64M' },
    yields: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
const size = sizeOf(values.size);
const inputs = new Inputs(values.dir);

/** Noise of a kind of bench/noise. */
function noise(kind: string): string {
  const path = inputs.path(`${kind}-${values.size}.bin`);
  if (!existsSync(path)) writeNoise({ kind, size, key: 'none', seed: '1' }, path);
  return path;
}

const MADE: Readonly<Record<PricedMemory, () => string | Promise<string>>> = {
  noise: () => noise('malloc-128'),
  code: () => inputs.dense(size),
  values: () => noise('redis'),
  JVM: () => inputs.core('java'),
};

/** A file with the identities behind its bytes. */
async function input(kind: PricedMemory): Promise<string> {
  const path = inputs.path(`priced-${kind}-${values.size}.bin`);
  if (existsSync(path)) return path;
  const made = await MADE[kind]();
  spawnSync('cp', ['--sparse=always', made, path]);
  const length = statSync(path).size;
  writeFileSync(path, Buffer.concat([Buffer.alloc(-length & 4095), identities()]), { flag: 'a' });
  return path;
}

const BLOCK = 1 << 16;

/** GB of blocks that are not zero. */
function denseGigabytes(path: string): number {
  const file = openSync(path, 'r');
  const block = Buffer.alloc(BLOCK);
  let dense = 0;
  for (let read = BLOCK; read === BLOCK; ) {
    read = readSync(file, block, 0, BLOCK, null);
    if (block.subarray(0, read).some((byte) => byte !== 0)) dense += read;
  }
  closeSync(file);
  return dense / 1e9;
}

/** Seconds by search. */
function secondsOf(path: string): Map<SearchId, number> {
  const { stderr } = spawnSync(
    process.execPath,
    [COMMAND, 'scan', '--jobs', '1', '--debug', '--quiet', path],
    { encoding: 'utf8', maxBuffer: 2 ** 30 },
  );
  const line = /^dumpsieve: searches: (.*)$/m.exec(stderr)?.[1];
  if (line === undefined) throw new Error(`no times of searches: ${stderr}`);
  const known = new Map(SEARCHES.map(({ id }) => [id as string, id]));
  return new Map(
    line.split(', ').flatMap((each) => {
      const [name = '', seconds = ''] = each.split(' ');
      const id = known.get(name);
      return id === undefined ? [] : [[id, Number(seconds)] as const];
    }),
  );
}

const prices = new Map<SearchId, number[]>(SEARCHES.map(({ id }) => [id, []]));
for (const kind of PRICED) {
  const path = await input(kind);
  const [gigabytes, seconds] = [denseGigabytes(path), secondsOf(path)];
  console.log(`${kind}: ${gigabytes.toFixed(3)} GB dense`);
  for (const [id, all] of prices) all.push((seconds.get(id) ?? 0) / gigabytes);
}
for (const [id, all] of prices) console.log(id.padEnd(24), ...all.map((each) => each.toFixed(2).padStart(8)));

if (values.write) {
  const file = fileURLToPath(asset('src/core/limits/prices.ts'));
  const yields = values.yields === '' ? YIELDS : yieldsOf(values.yields);
  writeFileSync(file, pricesModule(readFileSync(file, 'utf8'), prices, yields));
}

function yieldsOf(text: string): Partial<Record<SearchId, number>> {
  const counts = new Map(text.split(', ').map((each) => each.split(' ') as [string, string]));
  return Object.fromEntries(
    SEARCHES.flatMap(({ id }) => (counts.has(id) ? [[id, Number(counts.get(id))]] : [])),
  );
}

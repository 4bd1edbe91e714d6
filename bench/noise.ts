/**
 * Noise with one key in it, through the whole command: whether the key is found, what the scan left out, time
 * and peak memory. Without a key nothing may be found.
 *
 *   node dist/bench/noise.js [--kinds redis,json] [--keys p256-spki,none] [--sizes 0.25M,4M] [--seeds 1]
 *                            [--args='--effort deep'] [--command FILE] [--folder DIR] [--keep]
 *
 * Kinds and keys: noise/kinds.ts and noise/keys.ts; by default all kinds of noise, all keys and `none`.
 * `--kinds all` adds memory that is no noise. `--args` go to the scan; `--command`: another build's
 * bin/dumpsieve.js. `--growth` compares times instead: each size against the one before, `none` as key.
 */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ArtifactReport } from '../src/core/model/report.js';
import { COMMAND, type Ran, type Report, run } from './command/measure.js';
import { KEYS, type KeyName } from './noise/keys.js';
import { KINDS } from './noise/kinds.js';
import { sizeOf } from './noise/size.js';
import { type Noise, writeNoise } from './noise/write.js';

const { values } = parseArgs({
  options: {
    kinds: { type: 'string', default: 'noise' },
    keys: { type: 'string', default: [...Object.keys(KEYS), 'none'].join() },
    sizes: { type: 'string', default: '0.25M,4M' },
    seeds: { type: 'string', default: '1' },
    args: { type: 'string', default: '' },
    command: { type: 'string', default: COMMAND },
    folder: { type: 'string' },
    keep: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
  },
});

const SETS: Readonly<Record<string, readonly string[]>> = {
  noise: KINDS.filter(({ quiet }) => !quiet).map(({ name }) => name),
  all: KINDS.map(({ name }) => name),
};
const kinds = SETS[values.kinds] ?? values.kinds.split(',');
const sizes = values.sizes.split(',');

const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'dumpsieve-noise-'));
mkdirSync(folder, { recursive: true });

interface Scanned extends Ran {
  report: Report;
}

function scan(noise: Noise, name: string): Scanned {
  const file = join(folder, `${name.replaceAll(/[^\w.]+/g, '-')}.bin`);
  writeNoise(noise, file);
  const args = values.args.split(' ').filter((arg) => arg !== '');
  const command = [process.execPath, values.command, 'scan', '--format', 'json', ...args, file];
  const ran = run(command, `${file}.time`);
  rmSync(`${file}.time`);
  if (!values.keep) rmSync(file);
  if (ran.stdout === '') throw new Error(`${name}: status ${ran.status}, ${ran.stderr}`);
  return { ...ran, report: JSON.parse(ran.stdout) };
}

const spkiSha256 = (key: KeyObject): string =>
  createHash('sha256')
    .update(createPublicKey(key).export({ format: 'der', type: 'spki' }))
    .digest('hex');

/** `found`, `missed`, or the rules that reported something else. */
function verdict({ findings }: Report, key: string, seed: string): string {
  const counting = findings.filter(({ counts }) => counts);
  const wanted = key === 'none' ? undefined : spkiSha256(KEYS[key as KeyName](seed).key);
  const others = counting.filter((each) => each.key?.spkiSha256 !== wanted || wanted === undefined);
  const names = [...new Set(others.map(({ ruleId }) => ruleId))];
  const found = wanted === undefined ? 'nothing' : counting.length > others.length ? 'found' : 'missed';
  return names.length > 0 ? `${found}, FALSE: ${names.join(' ')}` : found;
}

/** Each limit as name/target left (likely). */
function limitsOf(artifact: ArtifactReport | undefined): string {
  return (artifact?.coverage.limits ?? [])
    .map(({ search, target, left, likely = 0 }) => {
      const likelyOnes = likely > 0 ? ` (${likely} likely)` : '';
      return `${search}/${target} ${left}${likelyOnes}`;
    })
    .join('; ');
}

function row(kind: string, size: string, key: string, seed: string): void {
  const name = `${kind} ${size} ${key} ${seed}`;
  const ran = scan({ kind, size: sizeOf(size), key, seed }, name);
  const cells = [
    name.padEnd(28),
    verdict(ran.report, key, seed).padEnd(8),
    `exit ${ran.status}`,
    `${(ran.wall / 1000).toFixed(2)} s`.padStart(8),
    `cpu ${(ran.processor / 1000).toFixed(2)} s`.padStart(12),
    `${Math.round(ran.peak / 2 ** 20)} MB`.padStart(7),
    limitsOf(ran.report.artifacts[0]),
  ];
  console.log(cells.join('  '));
}

/** Processor times of growing files of one kind, and the ratio of each time to the one before. */
function growth(kind: string, seed: string): void {
  const times = sizes.map(
    (size) => scan({ kind, size: sizeOf(size), key: 'none', seed }, `${kind} ${size}`).processor / 1000,
  );
  const cells = times.map((time, i) => {
    const ratio = i === 0 ? '' : ` (${(time / times[i - 1]!).toFixed(2)}x)`;
    return `${sizes[i]} ${time.toFixed(2)} s${ratio}`.padEnd(22);
  });
  console.log([kind.padEnd(12), ...cells].join('  ').trimEnd());
}

try {
  for (const seed of values.seeds.split(','))
    for (const kind of kinds)
      if (values.growth) growth(kind, seed);
      else for (const size of sizes) for (const key of values.keys.split(',')) row(kind, size, key, seed);
} finally {
  if (values.folder === undefined && !values.keep) rmSync(folder, { recursive: true });
}

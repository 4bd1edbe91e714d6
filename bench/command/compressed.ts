import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench.js';
import { best, type Ran, type Row, run, type Scanned, seconds } from './measure.js';

const PASSES = 3;

/** Bytes removed on either side of a finding's first byte. */
const AROUND = 8192;
/** Rounds of removal: the rest of a key may be a finding of its own. */
const ROUNDS = 4;

/** A Node with built-in zstd: the one given, else version 22 from npm's node packages. */
function nodeWithZstd({ inputs, node }: Bench): string {
  if (node !== undefined) return node;
  const folder = inputs.path('node');
  const name = `node-linux-${process.arch}`;
  execFileSync('npm', ['install', '--no-save', '--prefix', folder, `${name}@22`], { stdio: 'ignore' });
  return join(folder, 'node_modules', name, 'bin', 'node');
}

/** The dense files with zeros in place of all findings, as they pass a gate. */
function clean({ inputs, times, scan, net }: Bench): string {
  const path = inputs.path('clean.bin');
  if (existsSync(path)) return path;
  const bytes = readFileSync(inputs.files());
  for (let round = 0; round < ROUNDS; round++) {
    writeFileSync(path, bytes);
    const { findings } = scan([...net, path], bytes.length, times).report;
    if (findings.length === 0) return path;
    for (const { location, occurrences } of findings)
      for (const { offset } of [location, ...occurrences])
        bytes.fill(0, Math.max(0, offset - AROUND), offset + AROUND);
  }
  throw new Error('the cleaned files still have findings');
}

/**
 * Compressed cores against `zstd -dc` to /dev/null: a clean one, and one with keys, whose copies need a
 * second pass.
 */
export function compressed(bench: Bench): Row[] {
  const { inputs, largest } = bench;
  const node = nodeWithZstd(bench);
  return [
    { what: 'without keys', plain: inputs.repeated(clean(bench), largest), target: 1.2 },
    { what: 'with keys', plain: inputs.dense(largest), target: undefined },
  ].map(({ what, plain, target }) => {
    const { ratio, measured } = comparison(bench, plain, node);
    return {
      what: `\`.core.zst\` ${what} on Node 22 against \`zstd -dc\``,
      measured,
      target: target === undefined ? 'none' : `at most ${target}x`,
      met: target === undefined || ratio <= target,
    };
  });
}

/** The secrets that count, by fingerprint. */
const counted = ({ report }: Scanned): string =>
  report.findings
    .flatMap(({ counts, fingerprint }) => (counts ? [fingerprint] : []))
    .sort()
    .join();

function comparison({ inputs, times, scan, net }: Bench, plain: string, node: string) {
  const path = inputs.path('memory.core.zst');
  execFileSync('zstd', ['-q', '-f', '-T0', '-3', plain, '-o', path]);
  const size = statSync(plain).size;
  const expected = counted(scan([...net, plain], size, times, node));
  rmSync(plain);
  const ours: Scanned[] = [];
  const theirs: Ran[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    theirs.push(run(['sh', '-c', 'exec zstd -dc "$1" >/dev/null', 'sh', path], times));
    ours.push(scan([...net, path], size, times, node));
  }
  if (ours.some((one) => counted(one) !== expected))
    throw new Error('the compressed and the plain core have different counted findings');
  rmSync(path);
  const [us, zstd] = [best(ours), best(theirs)];
  const ratio = us.wall / zstd.wall;
  const gibibytes = (size / 2 ** 30).toFixed(1);
  return {
    ratio,
    measured: [
      `${gibibytes} GiB: ${ratio.toFixed(2)}x wall (${seconds(us.wall)} to ${seconds(zstd.wall)})`,
      `processor ${seconds(us.processor)} to ${seconds(zstd.processor)}`,
      `${Math.round(us.peak / 2 ** 20)} MiB`,
    ].join(', '),
  };
}

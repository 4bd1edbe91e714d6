import { execFileSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench.js';
import { best, type Ran, type Row, run, type Scanned, seconds } from './measure.js';

const PASSES = 2;

/** A Node that has zstd of its own: the one that was named, else the 22 of npm's node packages. */
function nodeWithZstd({ inputs, node }: Bench): string {
  if (node !== undefined) return node;
  const folder = inputs.path('node');
  const name = `node-linux-${process.arch}`;
  execFileSync('npm', ['install', '--no-save', '--prefix', folder, `${name}@22`], { stdio: 'ignore' });
  return join(folder, 'node_modules', name, 'bin', 'node');
}

/** A compressed core beside `zstd -dc` to nowhere. */
export function compressed(bench: Bench): Row[] {
  const { inputs, times, scan, net, largest } = bench;
  const node = nodeWithZstd(bench);
  const plain = inputs.dense(largest);
  const path = inputs.path('memory.core.zst');
  execFileSync('zstd', ['-q', '-f', '-T0', '-3', plain, '-o', path]);
  const size = statSync(plain).size;
  rmSync(plain);
  const ours: Scanned[] = [];
  const theirs: Ran[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    theirs.push(run(['sh', '-c', 'exec zstd -dc "$1" >/dev/null', 'sh', path], times));
    ours.push(scan([...net, path], size, times, node));
  }
  rmSync(path);
  const [us, zstd] = [best(ours), best(theirs)];
  const ratio = us.wall / zstd.wall;
  return [
    {
      what: `${size / 2 ** 30} GiB \`.core.zst\` on Node 22 beside \`zstd -dc\``,
      measured: `${ratio.toFixed(2)}x wall (${seconds(us.wall)} to ${seconds(zstd.wall)}), processor ${seconds(us.processor)} to ${seconds(zstd.processor)}, ${Math.round(us.peak / 2 ** 20)} MiB`,
      target: 'at most 1.2x',
      met: ratio <= 1.2,
    },
  ];
}

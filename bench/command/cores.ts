import { statSync } from 'node:fs';
import type { Bench } from './bench.js';
import { GiB } from './inputs.js';
import { best, foundIn, type Row, type Scanned, speed } from './measure.js';

const PASSES = 3;

/** One worker and two, the whole command; the findings must be the same. */
export async function cores({ inputs, times, scan, net }: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const path of [inputs.dense(GiB)]) {
    const size = statSync(path).size;
    const runs: Record<1 | 2, Scanned[]> = { 1: [], 2: [] };
    for (let pass = 0; pass < PASSES; pass++)
      for (const jobs of [1, 2] as const)
        runs[jobs].push(scan([...net, '--jobs', String(jobs), path], size, times));
    if (foundIn(runs[1][0]!.report) !== foundIn(runs[2][0]!.report))
      throw new Error('the findings depend on the number of jobs');
    const [one, two] = [best(runs[1]), best(runs[2])];
    const gain = one.wall / two.wall;
    rows.push({
      what: 'whole command, second worker, 1 GiB of /usr/lib',
      measured: `${gain.toFixed(2)}x (${speed(size, one.wall)} to ${speed(size, two.wall)})`,
      target: 'at least 1.7x',
      met: gain >= 1.7,
    });
  }
  return rows;
}

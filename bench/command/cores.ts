import { rmSync, statSync } from 'node:fs';
import type { Bench } from './bench.js';
import { GiB } from './inputs.js';
import { best, foundIn, type Row, type Scanned, speed } from './measure.js';

const PASSES = 3;

/** Numbers of cores, and the taskset(1) command that sets each. */
const CORES = { 1: '0', 2: '0,1' } as const;

/** The whole command on one core and on two; the findings must be equal. */
export async function cores({ inputs, times, scan, net }: Bench): Promise<Row[]> {
  const heaps = inputs.repeated(await inputs.heap(), 2 * GiB);
  return [heaps, inputs.dense(2 * GiB)].map((path) => {
    const size = statSync(path).size;
    const runs: Record<1 | 2, Scanned[]> = { 1: [], 2: [] };
    for (let pass = 0; pass < PASSES; pass++)
      for (const count of [1, 2] as const)
        runs[count].push(
          scan([...net, path], size, times, process.execPath, ['taskset', '-c', CORES[count]]),
        );
    rmSync(path);
    if (foundIn(runs[1][0]!.report) !== foundIn(runs[2][0]!.report))
      throw new Error('the findings depend on the number of cores');
    const [one, two] = [best(runs[1]), best(runs[2])];
    const gain = one.wall / two.wall;
    return {
      what: `whole command, second core, 2 GiB of ${path === heaps ? 'heap dumps' : '/usr/lib'}`,
      measured: `${gain.toFixed(2)}x (${speed(size, one.wall)} to ${speed(size, two.wall)})`,
      target: 'at least 1.7x',
      met: gain >= 1.7,
    };
  });
}

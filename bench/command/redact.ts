import { rmSync, statSync } from 'node:fs';
import type { Bench } from './bench.js';
import { GiB } from './inputs.js';
import { best, COMMAND, type Ran, type Row, run, seconds } from './measure.js';

const PASSES = 5;
/** Longest time of a copy for backtraces, as a multiple of that of `cp` and `sync`. */
const MOST = 1.2;

/** Copies for backtraces beside `cp` and `sync`, of a core with 1 GiB of dense memory. */
export async function redact({ inputs, times }: Bench): Promise<Row[]> {
  const core = await inputs.denseCore(GiB);
  const copy = inputs.path('copy');
  const ours: Ran[] = [];
  const plain: Ran[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    const args = ['redact', core, '-o', copy, '--keep', 'backtrace'];
    for (const [ran, command] of [
      [plain, ['sh', '-c', 'cp "$1" "$2" && sync "$2"', 'sh', core, copy]],
      [ours, [process.execPath, COMMAND, ...args]],
    ] as const) {
      const result = run(command, times);
      if (result.status !== 0) throw new Error(`exit status ${result.status}: ${result.stderr}`);
      if (statSync(copy).size !== statSync(core).size) throw new Error('the copy has another length');
      rmSync(copy);
      ran.push(result);
    }
  }
  const [mine, theirs] = [best(ours), best(plain)];
  const ratio = mine.wall / theirs.wall;
  return [
    {
      what: 'copy for backtraces beside `cp` and `sync`, 1 GiB of dense memory',
      measured:
        `${ratio.toFixed(2)}x (${seconds(mine.wall)} and ${seconds(theirs.wall)}; ` +
        `${Math.round(mine.peak / 1e6)} MB)`,
      target: `at most ${MOST}x`,
      met: ratio <= MOST,
    },
  ];
}

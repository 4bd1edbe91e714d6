import { statSync } from 'node:fs';
import type { Bench } from './bench.js';
import { GiB, MiB } from './inputs.js';
import { type Row, seconds } from './measure.js';
import { besideYara } from './peers.js';
import { timings } from './share.js';

/** Largest share of joins, derivations and proofs in the wall time if keys are bare numbers. */
const MOST = 0.3;
/** Number of runs; the fastest counts. */
const PASSES = 5;

/**
 * Cores, a heap dump and dense memory with both nets: the share of the bare-number search, and yara with the
 * literals.
 */
export async function ordinary(bench: Bench): Promise<Row[]> {
  const { inputs, times, scan } = bench;
  const both = { ...bench, net: [] };
  const rows: Row[] = [];
  for (const [what, path] of [
    ['core of Node', await inputs.core('node')],
    ['core of Python', await inputs.core('python')],
    ['core of Java', await inputs.core('java')],
    ['heap dump', await inputs.heap()],
    ['files of /usr/lib', inputs.files(GiB)],
  ] as const) {
    const size = statSync(path).size;
    const named = `${what}, ${Math.round(size / MiB)} MiB`;
    const [fastest] = Array.from({ length: PASSES }, () => scan(['--debug', path], size, times)).sort(
      (a, b) => a.wall - b.wall,
    );
    const { take, numbers, prove } = timings(fastest!.stderr);
    const share = (1000 * (numbers + prove)) / fastest!.wall;
    rows.push({
      what: `joins, derivations and proofs, ${named}`,
      measured:
        `${(100 * share).toFixed(0)} % of ${seconds(fastest!.wall)} ` + `(extraction in the sweep ${take} s)`,
      target: `at most ${100 * MOST} % of wall time`,
      met: share <= MOST,
    });
    rows.push(besideYara(named, path, 3, both));
  }
  return rows;
}

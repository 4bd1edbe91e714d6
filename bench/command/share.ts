import { rmSync, statSync } from 'node:fs';
import type { Bench } from './bench.js';
import { GiB } from './inputs.js';
import { type Row, seconds } from './measure.js';

const PHASES = ['start', 'detect', 'take', 'numbers', 'prove', 'copies', 'total'] as const;
type Phases = Record<(typeof PHASES)[number], number>;

/** The timings line printed by `--debug`, in seconds. */
export function timings(stderr: string): Phases {
  const line = /^dumpsieve: timings: (.*)$/m.exec(stderr)?.[1];
  if (line === undefined) throw new Error('--debug printed no timings');
  const phases = Object.fromEntries(
    [...line.matchAll(/(\w+) ([\d.]+) s/g)].map(([, phase, spent]) => [phase, Number(spent)]),
  );
  return phases as Phases;
}

/** Share of detectors and proofs in the wall time on dense memory, as measured by the command itself. */
export async function share({ inputs, times, scan, net }: Bench): Promise<Row[]> {
  const heaps = inputs.repeated(await inputs.heap(), 2 * GiB);
  return [heaps, inputs.dense(2 * GiB)].map((path) => {
    const { stderr } = scan([...net, '--debug', path], statSync(path).size, times);
    rmSync(path);
    const { total, detect, prove, numbers, copies } = timings(stderr);
    const part = (detect + prove) / total;
    const percent = (100 * part).toFixed(1);
    return {
      what: `detectors and proofs, 2 GiB of ${path === heaps ? 'heap dumps' : '/usr/lib'}`,
      measured: `${percent} % of ${seconds(1000 * total)} (numbers ${numbers} s, copies ${copies} s)`,
      target: 'at most 5 % of wall time',
      met: part <= 0.05,
    };
  });
}

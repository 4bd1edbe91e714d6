import type { Timings } from '../index.js';

/** `--debug`: one line on standard error with the seconds of each phase. */
export function printTimings({ total, ...phases }: Timings): void {
  const spent = Object.entries(phases).map(([phase, ms]) => `${phase} ${seconds(ms)}`);
  process.stderr.write(`dumpsieve: timings: ${spent.join(', ')}, total ${seconds(total)}\n`);
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(3)} s`;

/**
 * How soon a scan of a flood ends after SIGINT, SIGTERM and --time-limit, at several moments of it: seconds,
 * and processor time of all threads, which other programs on the machine do not lengthen.
 *
 *   node dist/bench/interrupts.js [--size 8M] [--only TEXT[,TEXT]] [--moments 0.2,0.5,0.8] [--jobs 2]
 *                                 [--folder DIR] [--program FILE]
 *
 * Moments are parts of the time of a whole scan. Ends with status 1 if a stop takes more than 2 s of
 * processor time, or the exit status is not that of the stop. Linux.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Flood, floods, writeFlood } from './hostile/floods.js';
import { keyFloods } from './hostile/key-floods.js';
import { type Ran, runWatched, type Stop } from './hostile/measure.js';
import { bytesOf } from './hostile/pieces.js';
import { valueFloods } from './hostile/value-floods.js';

/** Bound of processor seconds from the stop to the end. */
const MOST = 2;

/** Floods that keep the main thread busy for long, each in another stage. */
const LONG = 'with its,of its own key,chunks of 32,distinct valid tokens';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '8M' },
    only: { type: 'string', default: LONG },
    moments: { type: 'string', default: '0.2,0.5,0.8' },
    jobs: { type: 'string', default: '2' },
    folder: { type: 'string', default: tmpdir() },
    program: { type: 'string' },
  },
});

/** The ways to stop a scan, each with the exit status of one that it stopped. */
const WAYS: readonly { name: string; signal?: NodeJS.Signals; status: readonly number[] }[] = [
  { name: 'SIGINT', signal: 'SIGINT', status: [130] },
  { name: 'SIGTERM', signal: 'SIGTERM', status: [143] },
  { name: '--time-limit', status: [1, 2] },
];

const folder = mkdtempSync(join(values.folder, 'dumpsieve-interrupts-'));
const file = join(folder, 'flood');

const scan = (limit: readonly string[], stop?: Stop): Promise<Ran> => {
  const output = `json=${join(folder, 'report')}`;
  const args = ['scan', '--quiet', '--jobs', values.jobs, '--output', output, ...limit, file];
  return runWatched(args, { folder, program: values.program }, stop);
};

async function interrupt(flood: Flood): Promise<void> {
  writeFlood(flood, file, bytesOf(values.size));
  const { seconds, status: whole } = await scan([]);
  for (const { name, signal, status } of WAYS)
    for (const moment of values.moments.split(',')) {
      const after = Math.max(1, Math.round(Number(moment) * seconds));
      const limit = signal ? [] : ['--time-limit', String(after)];
      const ran = await scan(limit, { after, ...(signal ? { signal } : {}) });
      // It had just ended if the status is that of a whole scan.
      const obeyed = ran.status === whole && ran.stderr === '' ? undefined : ran.obeyed;
      const isLate = obeyed !== undefined && (obeyed.cpu > MOST || !status.includes(ran.status ?? -1));
      if (isLate) process.exitCode = 1;
      const took = obeyed ? `${obeyed.cpu.toFixed(2)} | ${obeyed.seconds.toFixed(2)}` : 'ended before | ';
      const cells = [flood.name, name, `${after} of ${Math.round(seconds)}`, took, ran.status];
      console.log(`| ${cells.join(' | ')}${isLate ? ' !' : ''} |`);
    }
}

try {
  console.log('| flood | stopped by | at, s | processor, s | time, s | exit |');
  console.log('|---|---|--:|--:|--:|--:|');
  const names = values.only.split(',');
  for (const flood of [...floods, ...valueFloods, ...keyFloods])
    if (names.some((name) => flood.name.includes(name))) await interrupt(flood);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

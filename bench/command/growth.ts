import { rmSync, statSync } from 'node:fs';
import type { Bench } from './bench.js';
import { GiB, MiB } from './inputs.js';
import { type Row, seconds } from './measure.js';

const SIZES = [64 * MiB, 256 * MiB, GiB, 4 * GiB, 8 * GiB];
/** How far a size's time may lie from the line through the smallest and the largest, as a part of it. */
const STRAY = 0.25;
const MEMORY = 300 * MiB;

/** Dense files of growing length: processor time is a line once the empty file's is taken off, and memory stays. */
export function growth({ inputs, times, scan, net, largest }: Bench): Row[] {
  const empty = scan([...net, inputs.zeros(MiB, false)], MiB, times).processor;
  const points = SIZES.filter((size) => size <= largest).map((size) => {
    const path = inputs.dense(size);
    const { processor, wall, peak } = scan([...net, path], statSync(path).size, times);
    if (size > GiB) rmSync(path);
    return { size, time: processor - empty, wall, peak };
  });
  const slope =
    points.reduce((sum, { size, time }) => sum + time * size, 0) /
    points.reduce((sum, { size }) => sum + size * size, 0);
  const strays = points.map(({ size, time }) => time / (slope * size) - 1);
  const worst = strays.slice(1).reduce((most, stray) => Math.max(most, Math.abs(stray)), 0);
  const peak = Math.max(...points.map((point) => point.peak));
  const list = points.map(
    ({ size, time, wall }) => `${size / MiB} MiB ${seconds(time)} (wall ${seconds(wall)})`,
  );
  return [
    {
      what: 'processor time on dense files, less the empty file’s',
      measured: `${list.join(', ')}: at most ${(100 * worst).toFixed(0)} % off the line from 256 MiB on`,
      target: `a line (within ${100 * STRAY} %)`,
      met: worst <= STRAY,
    },
    {
      what: `peak memory, up to ${points.at(-1)!.size / GiB} GiB`,
      measured: `${Math.round(peak / MiB)} MiB`,
      target: 'at most 300 MiB',
      met: peak <= MEMORY,
    },
    ...holes({ inputs, times, scan, net }),
  ];
}

/** Zeros, written and as a hole: the same report, and memory stays. */
function holes({ inputs, times, scan, net }: Pick<Bench, 'inputs' | 'times' | 'scan' | 'net'>): Row[] {
  return [true, false].map((sparse) => {
    const path = inputs.zeros(GiB, sparse);
    const { wall, peak, report } = scan([...net, path], GiB, times);
    if (report.findings.length > 0) throw new Error('something was found in zeros');
    return {
      what: `1 GiB of zeros, ${sparse ? 'a hole' : 'written'}`,
      measured: `${seconds(wall)}, ${Math.round(peak / MiB)} MiB`,
      target: 'at most 300 MiB',
      met: peak <= MEMORY,
    };
  });
}

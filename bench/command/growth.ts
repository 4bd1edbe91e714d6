import { rmSync, statSync } from 'node:fs';
import type { Bench } from './bench.js';
import { GiB, MiB } from './inputs.js';
import { type Row, seconds } from './measure.js';

const SIZES = [64 * MiB, 256 * MiB, GiB, 4 * GiB, 8 * GiB];
/** Smallest coefficient of determination of the line. */
const FIT = 0.99;
const MEMORY = 300 * MiB;

/** Dense files of growing length: processor time minus the empty file's is linear, and memory is constant. */
export function growth({ inputs, times, scan, net, largest }: Bench): Row[] {
  const empty = scan([...net, inputs.zeros(MiB, false)], MiB, times).processor;
  const points = SIZES.filter((size) => size <= largest).map((size) => {
    const path = inputs.dense(size);
    const { processor, wall, peak } = scan([...net, path], statSync(path).size, times);
    if (size > GiB) rmSync(path);
    return { size, time: processor - empty, wall, peak };
  });
  const fit = line(points.map(({ size, time }) => [size / GiB, time / 1000]));
  const peak = Math.max(...points.map((point) => point.peak));
  const list = points.map(
    ({ size, time, wall }) => `${size / MiB} MiB ${seconds(time)} (wall ${seconds(wall)})`,
  );
  const formula = `${fit.base.toFixed(2)} s + ${fit.slope.toFixed(2)} s per GiB, R² ${fit.r2.toFixed(4)}`;
  return [
    {
      what: 'processor time on dense files, minus the empty file’s',
      measured: `${list.join(', ')}: ${formula}`,
      target: `linear (R² at least ${FIT})`,
      met: fit.r2 >= FIT,
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

/** Linear regression by least squares. */
function line(points: readonly (readonly [x: number, y: number])[]) {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x0, y0] = [mean(([x]) => x), mean(([, y]) => y)];
  const [xx, xy, yy] = [
    mean(([x]) => (x - x0) ** 2),
    mean(([x, y]) => (x - x0) * (y - y0)),
    mean(([, y]) => (y - y0) ** 2),
  ];
  return { slope: xy / xx, base: y0 - (xy / xx) * x0, r2: xy ** 2 / (xx * yy) };
}

/** Zeros, written and as a hole: equal reports and constant memory. */
function holes({ inputs, times, scan, net }: Pick<Bench, 'inputs' | 'times' | 'scan' | 'net'>): Row[] {
  return [true, false].map((sparse) => {
    const path = inputs.zeros(GiB, sparse);
    const { wall, peak, report } = scan([...net, path], GiB, times);
    if (report.findings.length > 0) throw new Error('zeros have findings');
    return {
      what: `1 GiB of zeros, ${sparse ? 'a hole' : 'written'}`,
      measured: `${seconds(wall)}, ${Math.round(peak / MiB)} MiB`,
      target: 'at most 300 MiB',
      met: peak <= MEMORY,
    };
  });
}

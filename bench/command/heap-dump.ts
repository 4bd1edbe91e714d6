import { closeSync, copyFileSync, existsSync, openSync, statSync, writeSync } from 'node:fs';
import type { Bench } from './bench.js';
import { MiB } from './inputs.js';
import { best, type Row, type Scanned, seconds } from './measure.js';

const PASSES = 5;
/** Smallest speed of a heap dump whose records are walked, relative to the same bytes swept as raw memory. */
const LEAST = 0.8;

/**
 * A heap dump by jmap against the same bytes with a broken magic. Asserts that all bytes are read, and the
 * formats.
 */
export async function heapDump({ inputs, times, scan, net }: Bench): Promise<Row[]> {
  const path = await inputs.heap();
  const raw = inputs.path('heap.raw');
  if (!existsSync(raw)) {
    copyFileSync(path, raw);
    const file = openSync(raw, 'r+');
    writeSync(file, 'X', 0);
    closeSync(file);
  }
  const size = statSync(path).size;
  const passes = { hprof: [] as Scanned[], raw: [] as Scanned[] };
  for (let pass = 0; pass < PASSES; pass++) {
    passes.raw.push(scan([...net, raw], size, times));
    passes.hprof.push(scan([...net, path], size, times));
  }
  for (const [format, all] of Object.entries(passes))
    for (const { report } of all)
      if (report.artifacts[0]?.format !== format) throw new Error(`not scanned as ${format}`);
  const [walked, swept] = [best(passes.hprof), best(passes.raw)];
  const ratio = swept.wall / walked.wall;
  return [
    {
      what: `heap dump of ${Math.round(size / MiB)} MiB against the same bytes swept raw`,
      measured: `${ratio.toFixed(2)}x the speed (${seconds(walked.wall)} to ${seconds(swept.wall)})`,
      target: `at least ${LEAST}x`,
      met: ratio >= LEAST,
    },
  ];
}

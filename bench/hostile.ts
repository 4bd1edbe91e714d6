/**
 * Hostile inputs through the whole scan, one process each: time, processor time, throughput and peak memory.
 * Asserts that every byte was read, and that the exit status is 1 exactly if the repeated secret counts.
 *
 *   node dist/bench/hostile.js [--size 256M] [--jobs 2] [--only TEXT] [--anchors] [--folder DIR]
 *
 * Sizes take K, M and G. `--only` runs the floods whose name contains TEXT; `--anchors` runs one flood per
 * anchor of each rule instead of the named ones. Each input, of that size, is written to DIR (default: the
 * temporary folder).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Measured } from './hostile/child.js';
import { anchorFloods, type Flood, floods, writeFlood } from './hostile/floods.js';
import { valueFloods } from './hostile/value-floods.js';

const CHILD = fileURLToPath(new URL('./hostile/child.js', import.meta.url));

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '256M' },
    jobs: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    anchors: { type: 'boolean', default: false },
    folder: { type: 'string', default: tmpdir() },
  },
});

function bytesOf(text: string): number {
  const [, number, unit = ''] = /^(\d+)([KMG]?)$/.exec(text) ?? [];
  if (number === undefined) throw new RangeError(`--size ${text}: a number followed by K, M or G`);
  return Number(number) * { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[unit as '' | 'K' | 'M' | 'G'];
}

function measure(flood: Flood, file: string, size: number): Measured {
  writeFlood(flood, file, size);
  const { status, stdout, stderr } = spawnSync(process.execPath, [CHILD, file, values.jobs], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${flood.name}: the scan ended with ${status}: ${stderr}`);
  const measured = JSON.parse(stdout) as Measured;
  if (measured.read !== size) throw new Error(`${flood.name}: ${measured.read} of ${size} bytes were read`);
  const counts = measured.exit === 1;
  if (flood.counts !== undefined && counts !== flood.counts)
    throw new Error(
      `${flood.name}: exit ${measured.exit}, although ${flood.counts ? 'all' : 'nothing'} counts`,
    );
  return measured;
}

function row(name: string, { seconds, cpu, peak, exit, findings }: Measured, size: number): string {
  const cells = [
    `${seconds.toFixed(2)} s`,
    `cpu ${cpu.toFixed(2)} s`,
    `${(size / 2 ** 20 / seconds).toFixed(1)} MiB/s`,
    `${Math.round(peak / 2 ** 20)} MiB`,
    `exit ${exit}`,
    `${findings} findings`,
  ];
  return `${name.padEnd(42)} ${cells.map((cell) => cell.padStart(13)).join(' ')}`;
}

const size = bytesOf(values.size);
const folder = mkdtempSync(join(values.folder, 'dumpsieve-hostile-'));
try {
  const rows = values.anchors ? await anchorFloods() : [...floods, ...valueFloods];
  console.log(`${values.size}, ${values.jobs} jobs, Node ${process.version}`);
  for (const flood of rows.filter(({ name }) => name.includes(values.only)))
    console.log(row(flood.name, measure(flood, join(folder, 'flood'), size), size));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

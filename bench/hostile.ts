/**
 * Hostile inputs through the whole command, one process each, at several sizes: processor time, peak memory,
 * and the longest stretch that the main thread works without a turn of the event loop, in which signals and
 * time limits are obeyed. Asserts that every byte was read, and that the exit status is 1 exactly if the
 * repeated secret counts.
 *
 *   node dist/bench/hostile.js [--size 16M] [--scales 1,2,4] [--jobs 2] [--only TEXT] [--anchors]
 *                              [--folder DIR] [--program FILE] [--profile] [--redact]
 *
 * Sizes take K, M and G. `--only` runs the floods whose name contains TEXT; `--anchors` runs one flood per
 * anchor of each rule instead of the named ones. Each input is written to DIR (default: the temporary
 * folder). `--profile` says where stretches above the bound are (`--program` with unbundled code names the
 * functions); `--redact` measures `redact --keep all` in place of `scan`. Ends with status 1 if a bound is
 * exceeded. Linux.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ArtifactReport, Summary } from '../src/core/model/report.js';
import { anchorFloods, type Flood, floods, writeFlood } from './hostile/floods.js';
import { keyFloods } from './hostile/key-floods.js';
import { type Ran, runWatched } from './hostile/measure.js';
import { bytesOf } from './hostile/pieces.js';
import { valueFloods } from './hostile/value-floods.js';
import { BOUND } from './hostile/watchdog.js';

const MiB = 2 ** 20;

/** Bounds of each run. */
const MOST = { cpu: 60, peak: 350e6, longest: BOUND };

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '16M' },
    scales: { type: 'string', default: '1,2,4' },
    jobs: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    anchors: { type: 'boolean', default: false },
    folder: { type: 'string', default: tmpdir() },
    program: { type: 'string' },
    profile: { type: 'boolean', default: false },
    redact: { type: 'boolean', default: false },
  },
});

interface Report {
  artifacts: ArtifactReport[];
  summary: Summary;
}

/** Scans; throws unless all was read and the status is right. */
async function scan(flood: Flood, file: string, size: number): Promise<Ran> {
  const output = join(folder, 'report');
  const ran = await run(['scan', '--quiet', '--jobs', values.jobs, '--output', `json=${output}`, file]);
  const { artifacts, summary } = JSON.parse(readFileSync(output, 'utf8')) as Report;
  const { bytes, unread } = artifacts[0]!.coverage.file;
  if (bytes !== size || unread.length > 0) throw new Error(`${flood.name}: not every byte was read`);
  const counts = ran.status === 1;
  if (ran.status === 3 || (flood.counts !== undefined && counts !== flood.counts))
    throw new Error(`${flood.name}: status ${ran.status}: ${ran.stderr}`);
  if (summary.exit !== ran.status) throw new Error(`${flood.name}: the report says ${summary.exit}`);
  return ran;
}

async function redact(flood: Flood, file: string): Promise<Ran> {
  const copy = join(folder, 'copy');
  for (const path of [copy, `${copy}.manifest.json`]) rmSync(path, { force: true });
  const ran = await run(['redact', '--quiet', '--jobs', values.jobs, file, '-o', copy]);
  if (ran.status === null || ran.status === 3) throw new Error(`${flood.name}: ${ran.stderr}`);
  return ran;
}

const run = (args: string[]): Promise<Ran> =>
  runWatched(args, { folder, program: values.program, profile: values.profile });

/** A cell, marked if its bound is exceeded. */
function cell(name: keyof typeof MOST, value: number): string {
  const exceeds = value > MOST[name];
  if (exceeds) process.exitCode = 1;
  const text = name === 'peak' ? String(Math.round(value / 1e6)) : value.toFixed(2);
  return `${text}${exceeds ? ' !' : ''}`;
}

async function measure(flood: Flood, scale: number): Promise<void> {
  const size = bytesOf(values.size) * scale;
  const file = join(folder, 'flood');
  writeFlood(flood, file, size);
  const ran = await (values.redact ? redact(flood, file) : scan(flood, file, size));
  const { cpu, peak, longest, above, status, where } = ran;
  const cells = [cell('cpu', cpu), cell('peak', peak), cell('longest', longest)];
  console.log(`| ${[flood.name, size / MiB, ...cells, above, status].join(' | ')} |`);
  if (values.profile) {
    const { rss, heap, buffers } = ran.largest;
    const [all, own, outside] = [rss, heap, buffers].map((bytes) => Math.round(bytes / 1e6));
    console.log(`    ${all} MB, of which heap ${own}, buffers ${outside}`);
  }
  for (const each of where) console.log(`    ${each}`);
}

const folder = mkdtempSync(join(values.folder, 'dumpsieve-hostile-'));
try {
  const all = values.anchors ? await anchorFloods() : [...floods, ...valueFloods, ...keyFloods];
  console.log('| flood | MiB | processor, s | memory, MB | longest stretch, s | above 0.25 s | exit |');
  console.log('|---|--:|--:|--:|--:|--:|--:|');
  for (const flood of all.filter(({ name }) => name.includes(values.only)))
    for (const scale of values.scales.split(','))
      await measure(flood, Number(scale)).catch((error: Error) => {
        console.log(`| ${flood.name} | ${error.message} |`);
        process.exitCode = 1;
      });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

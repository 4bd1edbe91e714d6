/**
 * Benchmarks of the whole command, each run in a process of its own: start, a second core, growth with the
 * size, dense memory, the share of detectors and proofs, yara, ordinary cores, gitleaks, a heap dump against
 * raw memory, compressed cores, and copies for backtraces.
 *
 *   node dist/bench/command.js [--only start,cores,growth,dense,share,yara,ordinary,gitleaks,heap,compressed,
 *                                      redact]
 *                              [--folder DIR] [--largest MiB] [--no-entropy-net] [--node PATH]
 *
 * Needs java, jmap, gcore, redis-server, openssl, yara, gitleaks, zstd, taskset, /usr/bin/time, and space for
 * twice the largest file (8192 MiB) in the folder. The inputs are written there and removed, unless --folder
 * names a folder to keep.
 * `sweep.js --rules` compares the literal sweep with Hyperscan.
 *
 * Each part asserts that every byte was read. Findings are asserted if two runs must agree or there must be
 * none. Ratios are of alternating passes within one run. Prints a table; exit status 1 if a goal is missed.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench } from './command/bench.js';
import { compressed } from './command/compressed.js';
import { cores } from './command/cores.js';
import { dense } from './command/dense.js';
import { growth } from './command/growth.js';
import { heapDump } from './command/heap-dump.js';
import { Inputs, MiB } from './command/inputs.js';
import { type Row, scan } from './command/measure.js';
import { ordinary } from './command/ordinary.js';
import { gitleaks, yara } from './command/peers.js';
import { redact } from './command/redact.js';
import { share } from './command/share.js';
import { start } from './command/start.js';

const PARTS: Record<string, (bench: Bench) => Row[] | Promise<Row[]>> = {
  start,
  cores,
  growth,
  dense,
  share,
  yara,
  ordinary,
  gitleaks,
  heap: heapDump,
  compressed,
  redact,
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(PARTS).join() },
    folder: { type: 'string' },
    largest: { type: 'string', default: '8192' },
    'no-entropy-net': { type: 'boolean', default: false },
    node: { type: 'string' },
  },
});

const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'dumpsieve-bench-'));
mkdirSync(folder, { recursive: true });
const bench: Bench = {
  inputs: new Inputs(folder),
  times: join(folder, 'times'),
  scan,
  net: values['no-entropy-net'] ? ['--no-entropy-net'] : [],
  largest: Number(values.largest) * MiB,
  node: values.node,
};
try {
  console.log('| what | measured | goal | met |\n|---|---|---|---|');
  for (const name of values.only.split(',')) {
    const part = PARTS[name];
    if (part === undefined) throw new Error(`parts: ${Object.keys(PARTS).join(', ')}`);
    for (const { what, measured, target, met } of await part(bench)) {
      console.log(`| ${what} | ${measured} | ${target} | ${met ? 'yes' : 'no'} |`);
      if (!met) process.exitCode = 1;
    }
  }
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true });
}

/**
 * The sweep beside Hyperscan 5.4 with the same patterns, in one run, one thread each, passes alternating, best of N.
 *
 *   node dist/bench/sweep.js --literals FILE [--needles] [--starts 1] [--runs 7] [--jobs 2] FILE…
 *
 * The literals file has one a line, `\xNN` for bytes that are not text; printable ones get their wide form too. `--needles`
 * uses the needle kernel in place of the literal kernel (15 bytes and more, no wide forms). Rows: `memory`: the file lies in the matcher's own memory;
 * `file`: both read it from the page cache in chunks of 1 MiB; `pool`: as `file`, through SweepPool with worker threads.
 * The hit lists of all passes are compared whole, and the run fails where they differ.
 */
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join as under } from 'node:path';
import { parseArgs } from 'node:util';
import type { Literal } from '../src/rules/types.js';
import { openStorage, type Storage } from '../src/storage.js';
import { KERNELS, kernelFor, kernelName, netFor, openKernel } from '../src/sweep/choose.js';
import { HitList } from '../src/sweep/hits.js';
import { compileLiterals } from '../src/sweep/literals.js';
import { compileNeedles } from '../src/sweep/needles.js';
import { unpackPatterns } from '../src/sweep/patterns.js';
import { SweepPool } from '../src/sweep/pool.js';
import { sweepTask } from '../src/sweep/task.js';
import type { HitBatch, Net } from '../src/sweep/types.js';
import { Peer, type Way } from './sweep/peer.js';

const CHUNK = 2 ** 20;
const TASK = 4 * CHUNK;
/** A WASM memory holds 4 GiB; longer files have no `memory` row. */
const IN_MEMORY = 2 ** 31;

type Hits = Pick<HitBatch, 'offsets' | 'ids'>;
type Pass = () => Hits | Promise<Hits>;

interface Row {
  name: string;
  way: Way;
  run: Pass;
  best: number;
}

function readLiterals(path: string): Literal[] {
  return readFileSync(path, 'latin1')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const text = line.replace(/\\x([0-9a-f]{2})/gi, (_, hex) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
      const wide = /^[\x20-\x7e]+$/.test(text);
      return { bytes: Buffer.from(text, 'latin1'), caseless: false, wide, rules: [] };
    });
}

/** Hits of many batches as one list. */
function join(batches: readonly Hits[]): Hits {
  const length = batches.reduce((sum, { ids }) => sum + ids.length, 0);
  const all = { offsets: new Float64Array(length), ids: new Uint32Array(length) };
  let at = 0;
  for (const { offsets, ids } of batches) {
    all.offsets.set(offsets, at);
    all.ids.set(ids, at);
    at += ids.length;
  }
  return all;
}

function inMemory(name: (typeof KERNELS)[number], net: Net, storage: Storage): Pass {
  const kernel = openKernel(name, net.kind);
  kernel.load(netFor(name, net));
  const reader = openStorage(storage);
  const size = storage.length;
  reader.read(0, kernel.window(size));
  return () => {
    const batches: Hits[] = [];
    for (let from = 0; from < size; from += TASK) {
      const hits = new HitList();
      for (let at = from; at < Math.min(size, from + TASK); at += CHUNK) {
        const to = Math.min(size, at + CHUNK);
        kernel.scan(at, to, Math.min(size, to + net.longest - 1), -from, hits);
      }
      batches.push(hits.finish(from));
    }
    return join(batches);
  };
}

function fromFile(name: (typeof KERNELS)[number], net: Net, storage: Storage): Pass {
  return () => {
    const batches: HitBatch[] = [];
    for (let from = 0; from < storage.length; from = batches.at(-1)!.to) {
      const task = { from, to: Math.min(storage.length, from + TASK), chunk: CHUNK, longest: net.longest };
      batches.push(sweepTask(openStorage(storage), kernelFor(name, netFor(name, net)), task));
    }
    return join(batches);
  };
}

function throughPool(pool: SweepPool, net: Net, storage: Storage): Pass {
  return async () => {
    const batches: Hits[] = [];
    for await (const batch of pool.sweep(storage, net, { from: 0, to: storage.length })) batches.push(batch);
    return join(batches);
  };
}

function assertEqual(name: string, { offsets, ids }: Hits, expected: readonly [number, number][]): void {
  const wrong =
    offsets.length !== expected.length ||
    expected.some(([offset, id], i) => offsets[i] !== offset || ids[i] !== id);
  if (wrong) throw new Error(`${name}: ${offsets.length} hits are not Hyperscan's ${expected.length}`);
}

async function compare(path: string, net: Net, runs: number, jobs: number): Promise<void> {
  const folder = mkdtempSync(under(tmpdir(), 'dumpsieve-bench-'));
  const fd = openSync(path, 'r');
  const size = fstatSync(fd).size;
  const storage: Storage = { kind: 'file', fd, length: size };
  const peer = await Peer.start(path, unpackPatterns(net.images.patterns!), CHUNK, folder);
  const pools = Array.from({ length: jobs }, (_, i) => new SweepPool(i + 1));
  const fastest = kernelName();
  const rows: Row[] = [
    ...KERNELS.filter((name) => name !== 'scalar' && size < IN_MEMORY).map((name) => ({
      name: `memory, ${name}`,
      way: 'memory' as const,
      run: inMemory(name, net, storage),
      best: Number.POSITIVE_INFINITY,
    })),
    {
      name: `file, ${fastest}`,
      way: 'file',
      run: fromFile(fastest, net, storage),
      best: Number.POSITIVE_INFINITY,
    },
    ...pools.map((pool, i) => ({
      name: `pool, ${fastest}, ${i + 1} workers`,
      way: 'file' as const,
      run: throughPool(pool, net, storage),
      best: Number.POSITIVE_INFINITY,
    })),
  ];
  const peers: Record<Way, number> = { memory: Number.POSITIVE_INFINITY, file: Number.POSITIVE_INFINITY };
  try {
    let expected: [number, number][] = [];
    for (let pass = 0; pass < runs; pass++) {
      for (const way of ['memory', 'file'] as const) peers[way] = Math.min(peers[way], await peer.pass(way));
      if (pass === 0) expected = await peer.hits();
      for (const row of rows) {
        const start = performance.now();
        const hits = await row.run();
        row.best = Math.min(row.best, performance.now() - start);
        assertEqual(row.name, hits, expected);
      }
    }
    const speed = (ms: number) => `${(size / ms / 1e6).toFixed(2)} GB/s`;
    console.log(
      `\n${basename(path)}: ${size} bytes, ${net.patterns} patterns, ${expected.length} hits, all lists equal`,
    );
    for (const way of ['memory', 'file'] as const)
      console.log(`  hyperscan, ${way}`.padEnd(32), speed(peers[way]));
    for (const { name, way, best } of rows) {
      console.log(
        `  ${name}`.padEnd(32),
        speed(best),
        ` ${(peers[way] / best).toFixed(2)} x hyperscan, ${way}`,
      );
    }
  } finally {
    await peer.close();
    await Promise.all(pools.map((pool) => pool.close()));
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    literals: { type: 'string' },
    needles: { type: 'boolean', default: false },
    runs: { type: 'string', default: '7' },
    starts: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
  },
});
if (values.literals === undefined)
  throw new Error('usage: sweep.js --literals FILE [--needles] [--runs N] [--jobs N] FILE…');
const literals = readLiterals(values.literals);
const start = performance.now();
const net = values.needles
  ? compileNeedles(literals.map(({ bytes }) => bytes))
  : compileLiterals(literals, Number(values.starts));
console.log(`${net.patterns} patterns compiled in ${Math.round(performance.now() - start)} ms`);
for (const path of positionals) await compare(path, net, Number(values.runs), Number(values.jobs));

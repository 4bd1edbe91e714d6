/**
 * The sweep against Hyperscan 5.4 with the same patterns: one run, one thread each, alternating passes, best
 * of N.
 *
 *   node dist/bench/sweep.js (--rules | --literals FILE [--needles] [--starts 1])
 *                            [--runs 7] [--jobs 2] FILE…
 *
 * `--rules` uses the literals of all built-in rules in the shipped net, and lists the hits per rule. A
 * literals file has one per line, `\xNN` for bytes that are not text; printable ones also get their wide
 * form. `--needles` uses the needle kernel instead of the literal kernel (15 bytes and more, no wide forms).
 * Rows: `memory`: the file is in the matcher's own memory; `file`: both read it from the page cache in chunks
 * of 1 MiB; `pool`: as `file`, through SweepPool with worker threads; `fused`: with the entropy net in the
 * same pass; `with values`: with the value net too, whose prefixes Hyperscan does not search for.
 *
 * Times are those of the best pass. One thread's ratios are also given in processor time, which other load on
 * the machine disturbs least. The complete hit lists of all passes must be equal, and so must the runs of the
 * fused kernel and its scalar twin over a slice. With `--rules` the exit status is 1 if the fastest kernel is
 * below its floor.
 */
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Storage } from '../src/core/base/bytes/storage.js';
import { KERNELS, kernelName } from '../src/sweep/kernel-select.js';
import { compileLiterals } from '../src/sweep/literals.js';
import { compileNeedles } from '../src/sweep/needles.js';
import { unpackPatterns } from '../src/sweep/patterns.js';
import { SweepPool } from '../src/sweep/pool.js';
import type { Net } from '../src/sweep/types.js';
import { CHUNK, fromFile, type Hits, inMemory, only, type Pass, throughPool } from './sweep/passes.js';
import { Peer, type Time, type Way } from './sweep/peer.js';
import { assertRuns } from './sweep/runs.js';
import { builtinSet, readLiterals } from './sweep/sets.js';

/**
 * Smallest ratios to Hyperscan with the built-in rules (one thread, in memory): literals alone, with the
 * entropy net.
 */
const FLOOR = { literals: 0.8, fused: 0.5 };

/** A WASM memory is limited to 4 GiB: longer files have no `memory` row. */
const IN_MEMORY = 2 ** 31;

interface Row {
  name: string;
  way: Way;
  run: Pass;
  best: Time;
  /** Smallest ratio to the peer's wall time. */
  floor?: number;
}

const never = (): Time => ({ wall: Number.POSITIVE_INFINITY, processor: Number.POSITIVE_INFINITY });

const better = (a: Time, b: Time): Time => ({
  wall: Math.min(a.wall, b.wall),
  processor: Math.min(a.processor, b.processor),
});

/** One of our passes, with all threads of the process. */
async function timed(pass: Pass): Promise<{ hits: Hits; time: Time }> {
  const [start, used] = [performance.now(), process.cpuUsage()];
  const hits = await pass();
  const { user, system } = process.cpuUsage(used);
  return { hits, time: { wall: performance.now() - start, processor: (user + system) / 1000 } };
}

function assertEqual(name: string, { offsets, ids }: Hits, expected: readonly [number, number][]): void {
  const wrong =
    offsets.length !== expected.length ||
    expected.some(([offset, id], i) => offsets[i] !== offset || ids[i] !== id);
  if (wrong) throw new Error(`${name}: ${offsets.length} hits differ from Hyperscan's ${expected.length}`);
}

const row = (name: string, way: Way, run: Pass, floor?: number): Row => ({
  name,
  way,
  run,
  best: never(),
  ...(floor === undefined ? {} : { floor }),
});

function rowsOf(net: Net, storage: Storage, pools: readonly SweepPool[], whole?: Net): Row[] {
  const fastest = kernelName();
  const valued = whole ? [{ net: whole, storage, runs: true }] : [];
  const subject = { net, storage };
  const fused = net.kind === 'literals' ? [{ ...subject, runs: true }] : [];
  const small = storage.length < IN_MEMORY;
  return [
    ...KERNELS.filter(() => small).map((name) =>
      row(
        `memory, ${name}`,
        'memory',
        inMemory(name, subject),
        name === fastest ? FLOOR.literals : undefined,
      ),
    ),
    ...fused
      .filter(() => small)
      .map((one) => row(`memory, fused ${fastest}`, 'memory', inMemory(fastest, one), FLOOR.fused)),
    ...valued
      .filter(() => small)
      .map((one) => row(`memory, with values ${fastest}`, 'memory', inMemory(fastest, one))),
    row(`file, ${fastest}`, 'file', fromFile(fastest, subject)),
    ...fused.map((one) => row(`file, fused ${fastest}`, 'file', fromFile(fastest, one))),
    ...valued.map((one) => row(`file, with values ${fastest}`, 'file', fromFile(fastest, one))),
    ...pools.flatMap((pool, i) => [
      row(`pool, ${fastest}, ${i + 1} workers`, 'file', throughPool(pool, subject)),
      ...fused.map((one) => row(`pool, fused, ${i + 1} workers`, 'file', throughPool(pool, one))),
    ]),
  ];
}

/** Speed by wall and by processor time, each with its ratio to the peer's. */
function print(name: string, size: number, time: Time, peer: Time): void {
  const cell = (clock: keyof Time) =>
    `${clock} ${(size / time[clock] / 1e6).toFixed(2)} GB/s, ${(peer[clock] / time[clock]).toFixed(2)} x`;
  console.log(`  ${name}`.padEnd(32), cell('wall').padEnd(26), cell('processor'));
}

interface Benchmark {
  net: Net;
  /** The net with values, for rows of their own. */
  whole?: Net;
  runs: number;
  jobs: number;
  /** Output lines about the hits, per rule. */
  perRule?: (hits: Hits) => string[];
}

async function compare(path: string, { net, whole, runs, jobs, perRule }: Benchmark): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-bench-'));
  const fd = openSync(path, 'r');
  const size = fstatSync(fd).size;
  const storage: Storage = { kind: 'file', fd, length: size };
  const patterns = unpackPatterns(net.images.patterns!);
  const known = new Set(patterns.map(({ id }) => id));
  const peer = await Peer.start(path, patterns, CHUNK, folder);
  const pools = Array.from({ length: jobs }, (_, i) => new SweepPool(i + 1));
  const rows = rowsOf(net, storage, pools, whole);
  const peers: Record<Way, Time> = { memory: never(), file: never() };
  try {
    let expected: [number, number][] = [];
    let last: Hits = { offsets: new Float64Array(), ids: new Uint32Array() };
    for (let pass = 0; pass < runs; pass++) {
      for (const way of ['memory', 'file'] as const) peers[way] = better(peers[way], await peer.pass(way));
      if (pass === 0) expected = await peer.hits();
      for (const one of rows) {
        const { hits, time } = await timed(one.run);
        one.best = better(one.best, time);
        last = only(hits, known);
        assertEqual(one.name, last, expected);
      }
    }
    const counts = `${size} bytes, ${net.patterns} patterns, ${expected.length} hits, all lists equal`;
    console.log(`\n${basename(path)}: ${counts}`);
    for (const way of ['memory', 'file'] as const) print(`hyperscan, ${way}`, size, peers[way], peers[way]);
    for (const { name, way, best } of rows) print(name, size, best, peers[way]);
    if (net.kind === 'literals')
      console.log(
        `  ${assertRuns(kernelName(), net, storage)} runs in the first 32 MiB, equal to the scalar twin's`,
      );
    for (const { name, way, best, floor } of rows)
      if (perRule && floor !== undefined && peers[way].wall / best.wall < floor) {
        console.log(`  ${name} is below ${floor} x`);
        process.exitCode = 1;
      }
    if (perRule) console.log(`  hits of each rule:\n${perRule(last).join('\n')}`);
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
    rules: { type: 'boolean', default: false },
    literals: { type: 'string' },
    needles: { type: 'boolean', default: false },
    runs: { type: 'string', default: '7' },
    starts: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
  },
});

function netOf(): Pick<Benchmark, 'net' | 'whole' | 'perRule'> {
  if (values.rules) return builtinSet();
  if (values.literals === undefined)
    throw new Error('usage: sweep.js (--rules | --literals FILE [--needles]) [--runs N] [--jobs N] FILE…');
  const literals = readLiterals(values.literals);
  const start = performance.now();
  const net = values.needles
    ? compileNeedles(literals.map(({ bytes }) => bytes))
    : compileLiterals(literals, { starts: Number(values.starts) });
  console.log(`${net.patterns} patterns compiled in ${Math.round(performance.now() - start)} ms`);
  return { net };
}

const set = netOf();
for (const path of positionals)
  await compare(path, { ...set, runs: Number(values.runs), jobs: Number(values.jobs) });

/**
 * What install/guard/seal costs a crash, against a handler that is `cat`, in alternating runs: milliseconds
 * from the signal to the end of the process, as its parent sees it, and the size on disk. Before that, the
 * memory of all processes of the handler. It sets kernel.core_pattern while it runs; crashes of other
 * programs give what they gave before. As root, with gcc, age and zstd.
 *
 *   node dist/bench/guard.js [--runs 5] [--folder DIR] [--only TEXT] [--nice]
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { asset } from '../src/core/base/runtime/assets.js';
import { Guard, kernelArgs, SEAL } from '../test/guard/seal/handler.js';
import { withCorePattern } from '../test/support/core-pattern.js';
import { memoryBelow } from './guard/memory.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    folder: { type: 'string', default: tmpdir() },
    only: { type: 'string', default: '' },
    nice: { type: 'boolean', default: false },
  },
});

const MIB = 2 ** 20;

/** Crashes: name, size in MiB, tenths of its pages that are written; the others are not touched. */
const CASES: readonly [name: string, size: number, tenths: number][] = [
  ['1 MB core', 0.7, 10],
  ['1 GiB random', 1024, 10],
  ['1 GiB, nine tenths untouched', 1024, 1],
];

const folder = mkdtempSync(join(values.folder, 'dumpsieve-guard-'));
const work = join(folder, 'work');
mkdirSync(work);

/** Bytes on disk of all files in a folder, which are then removed. */
function emptied(path: string): number {
  let bytes = 0;
  for (const name of readdirSync(path)) {
    bytes += statSync(join(path, name)).blocks * 512;
    rmSync(join(path, name));
  }
  return bytes;
}

/** One crash by a handler: milliseconds, and bytes on disk. */
async function crash(command: readonly string[], spool: string, size: number, tenths: number) {
  return withCorePattern(work, command, async () => {
    const script = `ulimit -c unlimited; exec ${join(folder, 'crash')} ${size} ${tenths}`;
    const time = Number(execFileSync('/bin/sh', ['-c', script], { cwd: work, encoding: 'utf8' }));
    for (let before = -1, bytes = 0; before !== bytes; await sleep(200)) {
      before = bytes;
      bytes = readdirSync(spool).reduce((sum, name) => sum + statSync(join(spool, name)).size, 0);
    }
    return { time, bytes: emptied(spool) };
  });
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

async function compare(guard: Guard): Promise<void> {
  execFileSync('gcc', ['-O2', '-o', join(folder, 'crash'), fileURLToPath(asset('bench/guard/crash.c'))]);
  const clear = join(folder, 'clear');
  mkdirSync(clear);
  const cat = join(folder, 'cat');
  writeFileSync(cat, `#!/bin/sh\nexec >/dev/null 2>&1\nexec /usr/bin/cat >${clear}/core\n`);
  chmodSync(cat, 0o755);
  const handlers = {
    cat: [[cat], clear],
    seal: [[SEAL, guard.settings], join(guard.state, 'spool')],
  } as const;
  for (const [name, size, tenths] of CASES.filter(([each]) => each.includes(values.only))) {
    const runs = { cat: [] as number[], seal: [] as number[] };
    const bytes = { cat: 0, seal: 0 };
    for (let i = 0; i < Number(values.runs); i++)
      for (const which of ['cat', 'seal'] as const) {
        const [command, spool] = handlers[which];
        const ran = await crash(command, spool, size, tenths);
        runs[which].push(ran.time);
        bytes[which] = ran.bytes;
      }
    const least = { cat: Math.min(...runs.cat), seal: Math.min(...runs.seal) };
    const of = (which: 'cat' | 'seal') =>
      `${which} ${least[which]} / ${median(runs[which])} ms, ${(bytes[which] / MIB).toFixed(1)} MiB on disk`;
    console.log(`${name} (least / median of ${values.runs}): ${of('cat')}; ${of('seal')}`);
    const more = (least.seal - least.cat).toFixed(1);
    console.log(`  ${more} ms more, ${(least.seal / least.cat).toFixed(2)} times, load ${loadavg()[0]}`);
  }
}

async function memory(guard: Guard): Promise<void> {
  const { input, pid, status } = guard.start(kernelArgs());
  const source = spawn('head', ['-c', `${1024 * MIB}`, '/dev/urandom'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  source.stdout.pipe(input);
  let [pss, rss, running] = [0, 0, true];
  const ended = once(source, 'exit')
    .then(() => status)
    .then(() => {
      running = false;
    });
  while (running) {
    const now = memoryBelow(pid);
    [pss, rss] = [Math.max(pss, now.pss), Math.max(rss, now.rss)];
    await sleep(20);
  }
  await ended;
  const [most, mostRss] = [pss, rss].map((kibibytes) => Math.ceil(kibibytes / 1024));
  console.log(`memory of all processes of the handler: at most ${most} MiB (RSS ${mostRss})`);
}

try {
  const guard = new Guard(folder);
  // A handler that gives way to others would measure the load of a busy machine.
  guard.set({}, { nice: values.nice });
  if ('memory'.includes(values.only)) await memory(guard);
  emptied(join(guard.state, 'spool'));
  await compare(guard);
} finally {
  rmSync(folder, { recursive: true });
}

/**
 * What `guard watch` costs: a core of 1 GB, nine tenths of it zeros, scanned as a file and sealed, in
 * alternating runs; the same through the service, by action; and a core of 4 GB on a disk of 4 GB whose share
 * is 20 %. User and system seconds of all processes, and the most memory that they had at once. As root, with
 * age, zstd and gdb; the disk is a tmpfs, of which the sealed and the sparse files take some 200 MB.
 *
 *   node dist/bench/guard-service.js [--runs 3] [--folder DIR] [--only scan,watch,disk]
 */
import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { asset } from '../src/core/base/runtime/assets.js';
import { Guard, kernelArgs } from '../test/guard/seal/handler.js';
import { dumpOf } from '../test/support/processes.js';
import { PYTHON } from '../test/support/programs.js';
import { memoryBelow } from './guard/memory.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    folder: { type: 'string', default: tmpdir() },
    only: { type: 'string', default: 'scan,watch,disk' },
  },
});

const CLI = `${process.execPath} ${fileURLToPath(asset('bin/dumpsieve.js'))}`;

const folder = mkdtempSync(join(values.folder, 'dumpsieve-guard-'));
const disk = join(folder, 'disk');

interface Cost {
  /** Processor time, in seconds. */
  seconds: number;
  wall: number;
  /** Mebibytes of all processes at once, shared pages by their part. */
  memory: number;
  status: number | null;
}

/** Runs a command of the shell, whose children are counted by the shell itself. */
async function cost(script: string): Promise<Cost> {
  const began = performance.now();
  const counted = `(${script}) >/dev/null; status=$?; times >&2; exit $status`;
  const child = spawn('bash', ['-c', counted], { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (part: Buffer) => {
    text += part.toString();
  });
  let [most, isRunning] = [0, true];
  const ended = once(child, 'close').then(([status]) => {
    isRunning = false;
    return status as number | null;
  });
  while (isRunning) {
    most = Math.max(most, memoryBelow(child.pid!).pss);
    await sleep(30);
  }
  const status = await ended;
  const [, user, system] = /(\d+m[\d.]+)s (\d+m[\d.]+)s\s*$/.exec(text)!;
  const seconds = [user, system].reduce((sum, each) => {
    const [minutes, rest] = each!.split('m').map(Number);
    return sum + minutes! * 60 + rest!;
  }, 0);
  return { seconds, wall: (performance.now() - began) / 1000, memory: most / 1024, status };
}

const shown = ({ seconds, wall, memory, status }: Cost): string =>
  `${seconds.toFixed(2)} s of processor time, ${wall.toFixed(1)} s, ${memory.toFixed(0)} MiB, exit ${status}`;

/** A process with an RSA key, whose other memory has random bytes in one mebibyte of each ten, up to 100. */
const PROGRAM = `
import mmap, os, sys
megabytes = int(sys.argv[1])
key = sys.stdin.buffer.read(int(sys.argv[2]))
memory = mmap.mmap(-1, megabytes << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for i in range(100):
    memory[i * 10 << 20:(i * 10 + 1) << 20] = os.urandom(1 << 20)
print("ready", flush=True)
sys.stdin.read()
`;

/** gdb's core of such a process: sparse, of a little more than its memory. */
async function makeCore(megabytes: number): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const input = Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const args = ['-c', PROGRAM, String(megabytes), String(input.length)];
  return dumpOf(PYTHON, args, folder, { input, ready: 'ready' });
}

/** Keys and a policy for the state of a handler. */
function makePolicy(guard: Guard, rules: string): string {
  const responder = join(folder, 'responder.key');
  rmSync(responder, { force: true });
  execFileSync('age-keygen', ['-o', responder], { stdio: 'ignore' });
  writeFileSync(join(folder, 'responder'), execFileSync('age-keygen', ['-y', responder]));
  const sign = join(folder, 'sign.key');
  // A log goes on under one key.
  if (!existsSync(sign)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(sign, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  }
  for (const name of ['work', 'out', 'quarantine'])
    mkdirSync(join(guard.state, name), { recursive: true, mode: 0o700 });
  const policy = join(folder, 'guard.yaml');
  writeFileSync(
    policy,
    `recipients: recipients
responder: responder
identity: identity
sign: sign.key
state: ${guard.state}
disk: 20%
rules:
${rules}`,
  );
  return policy;
}

async function seal(guard: Guard, file: string): Promise<void> {
  const { input, status } = guard.start(kernelArgs({ program: `/bin/${Math.random()}` }));
  const source = spawn('cat', [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  source.stdout.pipe(input);
  if ((await status) !== 0) throw new Error(`not sealed: ${guard.refusals()}`);
}

const least = (costs: readonly Cost[]): Cost => costs.toSorted((a, b) => a.seconds - b.seconds)[0]!;

async function scan(guard: Guard, core: string): Promise<void> {
  await seal(guard, core);
  const sealed = guard.path(guard.dumps()[0]!);
  const opened = `age -d -i ${guard.identity} ${sealed} | zstd -dcq`;
  const scripts = {
    'scan FILE': `${CLI} scan ${core}`,
    'age -d | zstd -dc | scan -': `${opened} | ${CLI} scan -`,
    'age -d | zstd -dc': opened,
  };
  const costs = new Map<string, Cost[]>();
  for (let i = 0; i < Number(values.runs); i++)
    for (const [name, script] of Object.entries(scripts))
      costs.set(name, [...(costs.get(name) ?? []), await cost(script)]);
  for (const [name, all] of costs) console.log(`${name}: ${shown(least(all))}`);
  const [file, stream] = [...costs.values()].map((all) => least(all).seconds);
  console.log(`  sealed against file: ${(stream! / file!).toFixed(2)} times, load ${loadavg()[0]}`);
  for (const name of guard.spool()) rmSync(guard.path(name));
}

const ACTIONS = {
  'to quarantine': '  - { action: quarantine }\n',
  'redacted, keep: backtrace': '  - { format: elf-core, action: redact, keep: backtrace }\n',
};

async function watch(guard: Guard, core: string): Promise<void> {
  for (const [name, rules] of Object.entries(ACTIONS)) {
    const policy = makePolicy(guard, rules);
    await seal(guard, core);
    console.log(
      `watch --once, ${name}: ${shown(await cost(`${CLI} guard watch --once --policy ${policy}`))}`,
    );
    const ends = ['out', 'quarantine'].map(
      (place) => `${place} ${readdirSync(join(guard.state, place)).length}`,
    );
    console.log(`  files: ${ends}`);
    for (const place of ['out', 'quarantine', 'work'])
      for (const file of readdirSync(join(guard.state, place)))
        rmSync(join(guard.state, place, file), { recursive: true });
  }
}

/** The folder that holds the core is beside the small disk, as the memory of a process would be. */
async function onSmallDisk(): Promise<void> {
  const core = await makeCore(4096);
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4g', 'tmpfs', disk]);
  try {
    const guard = new Guard(folder, { share: 20 }, join(disk, 'state'));
    const policy = makePolicy(guard, ACTIONS['redacted, keep: backtrace']);
    await seal(guard, core);
    console.log(`4 GB core on a disk of 4 GB: sealed as ${guard.dumps()}, refused: ${guard.refusals()}`);
    console.log(`  watch --once: ${shown(await cost(`${CLI} guard watch --once --policy ${policy}`))}`);
    const used = execFileSync('du', ['-sm', guard.state], { encoding: 'utf8' }).split('\t')[0];
    console.log(`  files in out: ${readdirSync(join(guard.state, 'out')).length}; ${used} MiB on the disk`);
  } finally {
    execFileSync('umount', ['--lazy', disk]);
  }
}

try {
  const parts = values.only.split(',');
  const core = await makeCore(1000);
  const guard = new Guard(folder);
  if (parts.includes('scan')) await scan(guard, core);
  if (parts.includes('watch')) await watch(guard, core);
  if (parts.includes('disk')) await onSmallDisk();
} finally {
  rmSync(folder, { recursive: true });
}

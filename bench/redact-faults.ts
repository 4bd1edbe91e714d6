/**
 * Kills `dumpsieve redact`, fills its disk, and lets its files fail, and looks at what is left each time: a
 * copy has its name only if it was proven, the input is what it was, and no other file holds more than the
 * copy would. Both kinds of copy, new and in place of another.
 *
 *   node dist/bench/redact-faults.js [--only TEXT] [--scenes TEXT] [--times 50] [--full 20]
 *
 * `--only`: groups of faults, `--scenes`: `backtrace` or `all`, by a part of their names. `--times`: moments
 * of SIGKILL and calls that fail; `--full`: sizes of a full disk. As root, file systems of a small size are
 * mounted in a namespace of its own; reads fail by strace. Ends with status 1 if anything is wrong.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { fixtureDumps } from '../fixtures/dumps.js';
import { BuiltProcess } from '../test/redact/built-core.js';
import { type Scene, sceneOf } from '../test/redact/faults/scene.js';
import { KEY } from '../test/redact/manifest/signed-copy.js';
import { findProgram, missing, program } from '../test/support/programs.js';
import { BENCH, type Disturbance, type Outcome, runIn } from './redact-faults/run.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    scenes: { type: 'string', default: '' },
    times: { type: 'string', default: '50' },
    full: { type: 'string', default: '20' },
    separate: { type: 'boolean', default: true },
  },
  allowNegative: true,
});

const STRACE = findProgram('strace');
const canMount = missing(['root', 'namespaces']).length === 0;
if (values.separate && canMount) {
  const again = [process.execPath, BENCH, ...process.argv.slice(2), '--no-separate'];
  process.exit(spawnSync(program('unshare'), ['--mount', ...again], { stdio: 'inherit' }).status ?? 1);
}

const core = new BuiltProcess('faults').core().bytes;
const { bytes: signer } = fixtureDumps().find(({ name }) => name === 'signer.core')!;
/** Large enough for threads. */
const large = Buffer.concat([signer, Buffer.alloc(9 * 2 ** 20, 'lines of a log, which are no holes\n')]);
const grown = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(8)]);
const signed = { keep: 'backtrace', sign: KEY.pkcs8 } as const;
const filled = { keep: 'all', jobs: 2 } as const;

const scenes: [name: string, scene: Scene][] = [
  ['backtrace', await sceneOf(core, signed)],
  ['backtrace, replaced', await sceneOf(core, signed, { dump: grown(core), options: signed })],
  ['all', await sceneOf(large, filled)],
  ['all, replaced', await sceneOf(large, filled, { dump: grown(large), options: filled })],
];

/** The disturbances of a scene, one after the other. */
type Disturbances = (scene: Scene) => AsyncGenerator<Disturbance> | Generator<Disturbance>;

const undisturbed = async (scene: Scene, disturbance: Disturbance = {}): Promise<Outcome> => {
  const outcome = await runIn(scene, disturbance);
  if (outcome.status !== 0)
    throw new Error(`an undisturbed run ended with ${outcome.status}: ${outcome.message}`);
  return outcome;
};

async function* killed(scene: Scene): AsyncGenerator<Disturbance> {
  const { milliseconds } = await undisturbed(scene);
  const times = Number(values.times);
  for (let index = 0; index < times; index++) {
    const delay = (milliseconds * (index + 1)) / times;
    yield { disturb: (child) => setTimeout(() => child.kill('SIGKILL'), delay) };
  }
}

/** All last calls, in which files get their names, and some of those before. */
async function callsOf(scene: Scene): Promise<number[]> {
  const { calls } = await undisturbed(scene, { fault: { at: -1 } });
  const times = Number(values.times);
  const last = Math.min(calls, Math.ceil(0.7 * times));
  const rest = Math.min(calls - last, times - last);
  return [
    ...Array.from({ length: rest }, (_, index) => Math.floor((index * (calls - last)) / rest)),
    ...Array.from({ length: last }, (_, index) => calls - last + index),
  ];
}

async function* killedAtCalls(scene: Scene): AsyncGenerator<Disturbance> {
  for (const at of await callsOf(scene)) yield { fault: { at } };
}

const failing = (error: string): Disturbances =>
  async function* (scene) {
    for (const at of await callsOf(scene)) yield { fault: { at, error }, statuses: [2, 3] };
  };

/** Room for less than all files. */
function* sizes({ input, before, after }: Scene): Generator<number> {
  const page = 4096;
  const sum = (files: Iterable<Buffer>): number =>
    [...files].reduce((total, { length }) => total + page * Math.ceil(length / page), 0);
  const least = sum([input, ...before.values(), Buffer.from(KEY.pkcs8)]);
  const step = sum(after.values()) / Number(values.full);
  for (let index = 0; index < Number(values.full); index++)
    yield least + page * Math.floor((step * index) / page);
}

function* onFullDisk(scene: Scene): Generator<Disturbance> {
  for (const size of sizes(scene))
    yield {
      around(folder) {
        execFileSync(program('mount'), ['-t', 'tmpfs', '-o', `size=${size}`, 'none', folder]);
        return () => execFileSync(program('umount'), [folder]);
      },
      statuses: [3],
    };
}

function* withFileLimit({ after }: Scene): Generator<Disturbance> {
  const longest = Math.max(...[...after.values()].map(({ length }) => length));
  for (let index = 0; index < Number(values.full); index++) {
    // In blocks of 512 bytes. The code cache may not be written either.
    const limit = Math.floor((longest * index) / Number(values.full) / 512);
    yield { wrapper: () => ['sh', '-c', `ulimit -f ${limit}; exec "$@"`, 'sh'], statuses: [3] };
  }
}

/** Each n-th read of the input fails in every thread. */
function* unreadable(): Generator<Disturbance> {
  for (let index = 1; index <= Number(values.full); index++)
    yield {
      wrapper: (folder) => [
        ...[STRACE!, '-f', '-qq', '-o', '/dev/null', '-P', `${folder}/dump`],
        ...['-e', 'trace=pread64,read', '-e', `inject=pread64,read:error=EIO:when=${index}`],
      ],
      statuses: [2, 3],
    };
}

const GROUPS: [name: string, needs: boolean, disturbances: Disturbances][] = [
  ['SIGKILL by the clock', true, killed],
  ['SIGKILL ahead of each call', true, killedAtCalls],
  ['each call fails: EIO', true, failing('EIO')],
  ['each call fails: ENOSPC', true, failing('ENOSPC')],
  ['full file system', canMount, onFullDisk],
  ['limit on the size of files', true, withFileLimit],
  ['EIO while the input is read', STRACE !== undefined, unreadable],
];

let wrong = 0;
for (const [name, canRun, disturbances] of GROUPS.filter(([each]) => each.includes(values.only)))
  for (const [scene, each] of scenes.filter(([title]) => title.includes(values.scenes))) {
    if (!canRun) {
      console.log(`${name}: it needs root, or a program that is not there`);
      break;
    }
    const counts = { runs: 0, copies: 0 };
    const statuses = new Map<string, number>();
    for await (const disturbance of disturbances(each)) {
      const outcome = await runIn(each, disturbance);
      counts.runs++;
      if (outcome.isThere) counts.copies++;
      const status = String(outcome.status ?? 'killed');
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      for (const problem of outcome.problems) {
        wrong++;
        console.log(`  ${name}, ${scene}, run ${counts.runs}: ${problem}`);
      }
    }
    const ends = [...statuses].map(([status, count]) => `${status}: ${count}`).join(', ');
    console.log(`${name}, ${scene}: ${counts.runs} runs (${ends}), ${counts.copies} copies`);
  }
console.log(wrong === 0 ? '\nnothing is wrong' : `\n${wrong} problems`);
process.exitCode = wrong === 0 ? 0 : 1;

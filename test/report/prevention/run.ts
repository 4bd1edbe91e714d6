import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { ArtifactReport, Finding } from '../../../src/core/model/report.js';
import { applicable, circumstancesOf } from '../../../src/report/prevention/circumstances.js';
import { measures } from '../../../src/report/prevention/measures.js';
import { removeCompiled } from '../../e2e/bare/program.js';
import { scanJson } from '../../support/cli.js';
import { describeWith } from '../../support/describe.js';
import { withTempDir } from '../../support/folder.js';
import { bruteForce } from '../../support/needles.js';
import { gcore, mappings, startTarget, type Target } from '../../support/processes.js';
import type { RequirementName } from '../../support/programs.js';
import type { Report } from '../../support/reports.js';
import { writePrivate } from '../../support/secrets.js';
import { SECRETS, type TrialSecret } from './secret.js';
import { TABLES, type TableName } from './tables.js';
import type { Dump, DumpedBy, Trial, Trials } from './trial.js';

/** A core, a heap dump or a heap snapshot that was written into the folder. */
const WRITTEN = /(?:^|\/)core(?:\.\d+)?$|\.(?:hprof|heapsnapshot)$/;

function written(folder: string): string | undefined {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const name = names.find((entry) => WRITTEN.test(entry));
  return name === undefined ? undefined : join(folder, name);
}

/** What a debugger or an intruder reads: all mappings of the process, one after another. */
function copyMemory(pid: number, folder: string): string {
  const path = join(folder, 'memory');
  const [from, to] = [openSync(`/proc/${pid}/mem`, 'r'), openSync(path, 'wx', 0o600)];
  try {
    for (const { start, end, name } of mappings(pid)) {
      if (/^\[v(?:var|syscall)/.test(name)) continue; // the kernel's own, which it does not let anyone read
      const bytes = Buffer.alloc(Number(end - start));
      writeSync(to, bytes.subarray(0, readable(from, bytes, start)));
    }
    return path;
  } finally {
    closeSync(from);
    closeSync(to);
  }
}

/** Zero for memory without the right to read it. */
function readable(file: number, bytes: Buffer, position: bigint): number {
  try {
    return readSync(file, bytes, 0, bytes.length, position);
  } catch {
    return 0;
  }
}

async function abort({ pid, child }: Target, folder: string): Promise<string | undefined> {
  const gone = once(child, 'close');
  process.kill(pid, 'SIGABRT');
  await gone;
  return written(folder);
}

const DUMPS: Readonly<
  Record<
    Exclude<DumpedBy, 'itself'>,
    (target: Target, folder: string) => Promise<string | undefined> | string
  >
> = {
  kernel: abort,
  gcore: ({ pid }, folder) => gcore(pid, folder),
  'gcore of everything': ({ pid }, folder) => gcore(pid, folder, { everything: true }),
  '/proc/PID/mem': ({ pid }, folder) => copyMemory(pid, folder),
};

/** Runs a program that ends by itself, by a signal too, once it has held the secret. */
function ended(args: readonly string[], ready: string, cwd: string, env: Record<string, string>) {
  return new Promise<void>((resolve, reject) => {
    execFile('/bin/sh', args, { cwd, env, timeout: 600_000 }, (_, stdout, stderr) => {
      if (stdout.includes(ready)) resolve();
      else reject(new Error(`ended without "${ready}": ${stdout}${stderr}`));
    });
  });
}

/** Starts the program in `folder`; the path of its dump, undefined if there is none. */
async function dumped(
  { command, ready = 'ready' }: Trials,
  dump: Dump,
  { contents }: TrialSecret,
  folder: string,
): Promise<string | undefined> {
  const { way, by, shell = 'ulimit -c unlimited', flags = [], environment = false } = dump;
  const env = { HOME: folder, ...(environment ? { SECRET: contents } : {}) };
  const args = ['-c', `${shell}; exec "$0" "$@"`, ...command(flags), way, by];
  if (by === 'itself') {
    await ended(args, ready, folder, env);
    return written(folder);
  }
  const target = await startTarget('/bin/sh', args, { cwd: folder, env, ready });
  try {
    return await DUMPS[by](target, folder);
  } finally {
    await target.stop();
  }
}

/** The needles in a new dump, by comparison of bytes, and what the scan that proves a measure says. */
async function held(trials: Trials, trial: Trial, dump: Dump) {
  return withTempDir(async (folder) => {
    const secret = SECRETS[trial.secret]();
    writePrivate(folder, 'secret', secret.contents);
    const path = await dumped(trials, dump, secret, folder);
    if (path === undefined) return { holds: 'no dump' };
    const target = writePrivate(folder, 'target', secret.target);
    const { report, status } = await scanJson(['--find', target, '--expect-absent', path]);
    const found = new Set(bruteForce(path, secret.needles).map((sighting) => sighting.secret));
    return {
      holds: secret.needles.map(({ secret: name }) => name).filter((name) => found.has(name)),
      answers: report.find.flatMap(({ results }) => results.map((result) => result.status)),
      status,
      advised: adviceIn(report).includes(trial.id),
    };
  });
}

/** Ids of the measures that are explained for the findings of a report. */
const adviceIn = ({ findings, artifacts }: Report): string[] =>
  findings
    .filter(({ counts }) => counts)
    .map((finding) =>
      circumstancesOf(finding as Finding, (at) => artifacts[at] as ArtifactReport | undefined),
    )
    .flatMap((known) => applicable(measures(), known))
    .map(({ id }) => id);

/** Before a measure its row is explained; afterwards another form of the secret may remain. */
function expected({ before }: Trial, dump: Dump) {
  const { holds } = dump;
  if (holds === 'no dump') return { holds };
  const advised = before.includes(dump) ? true : expect.any(Boolean);
  return holds.length > 0
    ? { holds, answers: ['present'], status: 1, advised }
    : { holds, answers: ['absent'], status: 0, advised };
}

const title = ({ before }: Trial, dump: Dump): string =>
  `${before.includes(dump) ? 'before' : 'after'}: "${dump.way}", dumped by ${dump.by}`;

const DUMPED_BY: Readonly<Record<DumpedBy, readonly RequirementName[]>> = {
  kernel: ['kernel cores in the working folder'],
  gcore: ['gdb'],
  'gcore of everything': ['gdb'],
  '/proc/PID/mem': [],
  itself: [],
};

/** The requirements of a trial: its program's, and those of what dumps it. */
function needsOf(trials: Trials, { needs = [], before, after }: Trial): RequirementName[] {
  const by = [...before, ...after].map((dump) => DUMPED_BY[dump.by]);
  return [...new Set([...trials.needs, ...needs, ...by.flat()])];
}

/** The tests of a file: one for each dump. */
export function tryMeasures(table: TableName): void {
  afterAll(removeCompiled);
  const all: readonly Trials[] = TABLES[table];
  for (const trials of all)
    for (const trial of trials.rows)
      describeWith(needsOf(trials, trial), trial.id, () => {
        const dumps = [...trial.before, ...trial.after];
        test.each(dumps.map((dump) => [title(trial, dump), dump] as const))('%s', async (_, dump) => {
          expect(await held(trials, trial, dump)).toEqual(expected(trial, dump));
        });
      });
}

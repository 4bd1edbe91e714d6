import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';
import type { ArtifactReport, Finding, Summary } from '../../src/core/model/report.js';

export const COMMAND = fileURLToPath(asset('bin/dumpsieve.js'));

/**
 * The environment of measured processes: only a PATH. Node's own use of the environment (loading the
 * certificates of NODE_EXTRA_CA_CERTS is two thirds of a bare start) would hide the differences.
 */
const ENVIRONMENT = { PATH: process.env.PATH };

/**
 * Resources used by a process: milliseconds and bytes. `processor` is user and system time of all threads.
 */
export interface Used {
  wall: number;
  processor: number;
  peak: number;
}

export interface Ran extends Used {
  status: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command to its end under /usr/bin/time, which writes to the file `times`. Returns standard output
 * too.
 */
export function run(command: readonly string[], times: string): Ran {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(
    '/usr/bin/time',
    ['-q', '-f', '%U %S %M', '-o', times, ...command],
    { encoding: 'utf8', maxBuffer: 2 ** 30, env: ENVIRONMENT },
  );
  const wall = performance.now() - start;
  if (error) throw error;
  const [user, system, peak] = readFileSync(times, 'utf8').trim().split(' ').map(Number);
  return {
    wall,
    processor: 1000 * (user! + system!),
    peak: 1024 * peak!,
    status: status ?? -1,
    stdout,
    stderr,
  };
}

/** Milliseconds of a short process, measured by the shell. */
export function short(command: readonly string[]): Pick<Used, 'wall' | 'processor'> {
  const { stderr } = spawnSync(
    'bash',
    ['--norc', '-c', 'TIMEFORMAT="%3U %3S %3R"; time "$@" >/dev/null 2>&1', 'bash', ...command],
    { encoding: 'utf8', env: ENVIRONMENT },
  );
  const [user, system, real] = stderr.trim().split(' ').map(Number);
  return { wall: 1000 * real!, processor: 1000 * (user! + system!) };
}

/** The minimum of each column. */
export function best<T extends Used>(all: readonly T[]): Used {
  const least = (column: keyof Used) => Math.min(...all.map((one) => one[column]));
  return {
    wall: least('wall'),
    processor: least('processor'),
    peak: Math.max(...all.map(({ peak }) => peak)),
  };
}

export interface Report {
  artifacts: ArtifactReport[];
  findings: Finding[];
  complete: Summary['complete'];
}

export interface Scanned extends Ran {
  report: Report;
}

/** Scans with the command, prefixed by `under`. Throws unless all `bytes` were read. */
export function scan(
  args: readonly string[],
  bytes: number,
  times: string,
  node = process.execPath,
  under: readonly string[] = [],
): Scanned {
  const ran = run([...under, node, COMMAND, 'scan', '--format', 'json', ...args], times);
  if (ran.status > 1) throw new Error(`exit status ${ran.status}: ${ran.stderr}`);
  const report = JSON.parse(ran.stdout) as Report;
  const { coverage, size } = report.artifacts.at(-1)!;
  if (size !== bytes || coverage.file.bytes !== bytes || coverage.file.unread.length > 0)
    throw new Error(`${args.join(' ')}: not every byte was read`);
  return { ...ran, report };
}

/** Findings and their places, for comparing two scans. */
export function foundIn({ findings }: Report): string {
  return JSON.stringify(
    findings.map(({ ruleId, fingerprint, occurrences }) => [
      ruleId,
      fingerprint,
      occurrences.map(({ offset }) => offset),
    ]),
  );
}

/** A row of the final table. */
export interface Row {
  what: string;
  measured: string;
  target: string;
  met: boolean;
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
export const speed = (bytes: number, ms: number): string => `${(bytes / ms / 1e6).toPrecision(3)} GB/s`;

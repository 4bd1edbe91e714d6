import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/base/runtime/assets.js';
import type { ArtifactReport, Finding, Summary } from '../../src/model/report.js';

export const COMMAND = fileURLToPath(asset('bin/dumpsieve.js'));

/**
 * The environment of what is measured: a PATH alone. What Node reads of it (certificates that NODE_EXTRA_CA_CERTS names are two thirds
 * of a bare start) would make everything look like everything else.
 */
const ENVIRONMENT = { PATH: process.env.PATH };

/** What a process used: milliseconds and bytes. `processor` is user and system time of all its threads. */
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

/** Runs a command to its end under /usr/bin/time; `times` is a file that it may write. Its standard output is kept. */
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

/** Milliseconds of a short process, as the shell counts them. */
export function short(command: readonly string[]): Pick<Used, 'wall' | 'processor'> {
  const { stderr } = spawnSync(
    'bash',
    ['--norc', '-c', 'TIMEFORMAT="%3U %3S %3R"; time "$@" >/dev/null 2>&1', 'bash', ...command],
    { encoding: 'utf8', env: ENVIRONMENT },
  );
  const [user, system, real] = stderr.trim().split(' ').map(Number);
  return { wall: 1000 * real!, processor: 1000 * (user! + system!) };
}

/** The least of each column. */
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

/** Scans with the command, behind what `under` starts it with; every byte of `bytes` must have been read, else this throws. */
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

/** What was found and where, for comparing two scans. */
export function foundIn({ findings }: Report): string {
  return JSON.stringify(
    findings.map(({ ruleId, fingerprint, occurrences }) => [
      ruleId,
      fingerprint,
      occurrences.map(({ offset }) => offset),
    ]),
  );
}

/** A line of the closing table. */
export interface Row {
  what: string;
  measured: string;
  target: string;
  met: boolean;
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
export const speed = (bytes: number, ms: number): string => `${(bytes / ms / 1e6).toPrecision(3)} GB/s`;

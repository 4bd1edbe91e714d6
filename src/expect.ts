import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { asset } from './core/base/runtime/assets.js';
import { DumpsieveError } from './core/base/runtime/errors.js';
import type { ArtifactReport, Finding, Summary } from './core/model/report.js';

/** What is looked for, and how. */
export interface HeldSecret {
  /** A file as `--find` takes it. Only the scan reads it: a test that did would hold its secret. */
  file: string;
  /** Seconds until the scan is given up. Default 120. */
  seconds?: number;
}

/** A running process, or a file: a core, a heap snapshot, any dump. */
export type Holder = number | { readonly pid?: number | undefined } | string;

/** Result of a matcher, as Jest and Vitest take it. */
export interface MatcherResult {
  pass: boolean;
  message: () => string;
}

interface Report {
  artifacts: ArtifactReport[];
  findings: Finding[];
  summary: Summary;
}

const SECONDS = 120;
/** Places that a message names. */
const PLACES = 5;

/**
 * True if a process, or a dump, holds a secret in any form. Throws a {@link DumpsieveError}, also under
 * `not`, if not all of its memory could be read and searched: absence is never assumed.
 */
export async function toHoldSecret(held: unknown, secret: HeldSecret): Promise<MatcherResult> {
  const holder = holderOf(held);
  const args = [
    'scan',
    '--no-config',
    '--format',
    'json',
    '--expect-absent',
    '--find',
    secret.file,
    ...holder.args,
  ];
  const { status, out, err } = await run(args, secret.seconds ?? SECONDS);
  if (status !== 0 && status !== 1)
    throw new DumpsieveError(
      {
        code: 'not-searched',
        message: `${holder.name} could not be searched for ${secret.file}: ${err.trim() || reasonIn(out)}`,
        hint: 'neither presence nor absence is known; scan it by hand with --debug',
      },
      2,
    );
  const places = status === 0 ? [] : placesIn(JSON.parse(out) as Report);
  return {
    pass: status === 1,
    message: () =>
      status === 0
        ? `${holder.name} does not hold ${secret.file}: all of its memory was searched`
        : `${holder.name} holds ${secret.file}:\n${places.map((place) => `  ${place}`).join('\n')}`,
  };
}

/** The matcher's type, which an interface of the test runner extends. */
export interface DumpsieveMatchers<R = unknown> {
  toHoldSecret(secret: HeldSecret): Promise<R>;
}

/** For `expect.extend` of Jest and of Vitest. */
export const matchers = { toHoldSecret };

function holderOf(held: unknown): { name: string; args: string[] } {
  if (typeof held === 'string' && held !== '') return { name: held, args: ['--', held] };
  const pid = typeof held === 'object' && held !== null ? (held as { pid?: unknown }).pid : held;
  if (!Number.isSafeInteger(pid) || (pid as number) <= 0)
    throw new TypeError('toHoldSecret takes the number of a process, a child process or the path of a dump');
  // What a core would leave out is searched as well: the test asks what the process holds.
  return { name: `process ${pid}`, args: ['--include-undumped', '--pid', String(pid)] };
}

/** Warnings of a report on which it ended with 2. */
function reasonIn(out: string): string {
  try {
    const { artifacts, summary } = JSON.parse(out) as Report;
    const warnings = [...artifacts.flatMap((each) => each.warnings), ...summary.warnings];
    const limits = artifacts.flatMap(({ coverage }) =>
      coverage.limits.map(({ search }) => `limit ${search}`),
    );
    return [...warnings.map(({ message }) => message), ...limits].slice(0, PLACES).join('; ');
  } catch {
    return 'the scan ended without a report';
  }
}

function placesIn({ findings }: Report): string[] {
  const places = findings
    .filter(({ counts }) => counts)
    .flatMap(({ occurrences }) => occurrences)
    .map(({ component, encoding, region, address, offset }) =>
      [component, encoding, 'in', region.kind, 'at', address ?? `offset ${offset}`]
        .filter((word) => word)
        .join(' '),
    );
  const more = places.length - PLACES;
  return more > 0 ? [...places.slice(0, PLACES), `and ${more} more places`] : places;
}

/** Runs the program in a process of its own, which is ended with the test. */
function run(
  args: readonly string[],
  seconds: number,
): Promise<{ status: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [fileURLToPath(asset('bin/dumpsieve.js')), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
  });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      process.off('exit', end);
      resolve({ status, out, err: status === null ? `it took more than ${seconds} s` : err });
    });
  });
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/assets.js';
import { type Report, validateReport } from './reports.js';

export const BIN = fileURLToPath(asset('bin/dumpsieve.js'));

/** The environment of a run: nothing of the developer's own, so that no colour or configuration leaks into a test. */
const ENV = { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', TMPDIR: process.env.TMPDIR ?? '/tmp' };

export interface CliOptions {
  input?: Uint8Array | string | NodeJS.ReadableStream;
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** Flags of node itself, before the script. */
  nodeFlags?: readonly string[];
  /** Milliseconds until the run is killed. */
  timeout?: number;
}

export interface CliResult {
  /** Exit status; null where a signal ended it. */
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface CliRun {
  child: ChildProcess;
  result: Promise<CliResult>;
}

/** Starts `dumpsieve …args` and collects what it prints. */
export function startCli(args: readonly string[], options: CliOptions = {}): CliRun {
  const child = spawn(process.execPath, [...(options.nodeFlags ?? []), BIN, ...args], {
    env: { ...ENV, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeout ?? 120_000,
    killSignal: 'SIGKILL',
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => out.push(part));
  child.stderr.on('data', (part: Buffer) => err.push(part));
  child.stdin.on('error', () => {}); // the run may end before it has read all: its status tells
  const { input } = options;
  if (input === undefined || typeof input === 'string' || input instanceof Uint8Array) child.stdin.end(input);
  else input.pipe(child.stdin);
  const result = once(child, 'close').then(([status, signal]) => ({
    status: status as number | null,
    signal: signal as NodeJS.Signals | null,
    stdout: Buffer.concat(out).toString(),
    stderr: Buffer.concat(err).toString(),
  }));
  return { child, result };
}

/** Runs `dumpsieve …args` to its end. */
export function runCli(args: readonly string[], options?: CliOptions): Promise<CliResult> {
  return startCli(args, options).result;
}

/** `dumpsieve scan --format json …args`: the report, held against the schema that ships. */
export async function scanJson(
  args: readonly string[],
  options?: CliOptions,
): Promise<CliResult & { report: Report }> {
  const result = await runCli(['scan', '--format', 'json', ...args], options);
  if (result.stdout === '') throw new Error(`no report (status ${result.status}): ${result.stderr}`);
  return { ...result, report: validateReport(JSON.parse(result.stdout)) };
}

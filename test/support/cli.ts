import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';
import { program } from './programs.js';
import { type Report, validateChanges, validateReport, validateText } from './reports.js';
import { WarmCli } from './warm.js';

const BIN = fileURLToPath(asset('bin/dumpsieve.js'));

/** The environment of a run, without the developer's: no colour or configuration leaks into a test. */
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
  /** Exit status; null if a signal ended the run. */
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
  const { child, result } = start(process.execPath, [...(options.nodeFlags ?? []), BIN, ...args], options);
  return { child, result: result.then((ended) => validated(args, ended)) };
}

/** The output of a run, validated against the published schema; a killed run may have broken off. */
function validated(args: readonly string[], result: CliResult): CliResult {
  const [, format = ''] = / --format[= ](\w+)/.exec(` ${args.join(' ')}`) ?? [];
  const isReport = args[0] === 'scan' || args[0] === 'report';
  if (!isReport || result.status === null || result.stdout === '') return result;
  if (format === 'json' && args.includes('--since')) validateChanges(JSON.parse(result.stdout));
  else validateText(format, result.stdout);
  return result;
}

/**
 * Resolves once the run has read the data written to its standard input, so it is busy with it however slow
 * the machine is. The data must exceed the pipe's capacity: at least `PIPE_FULL` bytes.
 */
export async function hasReadInput({ child }: CliRun): Promise<void> {
  const stdin = child.stdin as Socket;
  const isAtWork = () => stdin.bytesWritten >= PIPE_FULL && stdin.writableLength === 0;
  while (!isAtWork() && child.exitCode === null && child.signalCode === null) await sleep(10);
}

export const PIPE_FULL = 1 << 20;

/**
 * Runs a bash script with the command `dumpsieve`, for pipes, FIFOs and redirections. Returns the script's
 * status.
 */
export function runBash(script: string, options: CliOptions = {}): Promise<CliResult> {
  const command = [process.execPath, ...(options.nodeFlags ?? []), BIN].map((word) => `'${word}'`).join(' ');
  return start(program('bash'), ['--norc', '-c', `dumpsieve() { ${command} "$@"; }\n${script}`], options)
    .result;
}

/** Runs another program in the same bare environment. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  return start(command, args, options).result;
}

function start(command: string, args: readonly string[], options: CliOptions): CliRun {
  const child = spawn(command, args, {
    env: { ...ENV, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeout ?? 600_000,
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

const warm = new WarmCli(ENV);

/**
 * Runs `dumpsieve …args`: in a process of its own if that can matter (input, environment, flags of node, a
 * time limit), else in a warm one.
 */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { cwd = process.cwd(), ...own } = options;
  if (Object.keys(own).length > 0) return startCli(args, options).result;
  return warm.run({ args, cwd }).then((ended) => validated(args, ended));
}

/** `dumpsieve scan --format json …args`: the report, validated against the published schema. */
export async function scanJson(
  args: readonly string[],
  options?: CliOptions,
): Promise<CliResult & { report: Report }> {
  const result = await runCli(['scan', '--format', 'json', ...args], options);
  return { ...result, report: reportOf(result) };
}

/** The JSON report that a run printed. */
export function reportOf(result: CliResult): Report {
  if (result.stdout === '') throw new Error(`no report (status ${result.status}): ${result.stderr}`);
  return validateReport(JSON.parse(result.stdout));
}

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';
import type { Watched } from './watchdog.js';

const WATCHDOG = new URL('./watchdog.js', import.meta.url).href;
const COMMAND = fileURLToPath(asset('bin/dumpsieve.js'));

/** How the command is run. */
export interface Setup {
  /** Where the watchdog writes. */
  folder: string;
  /** The program, instead of the built one. */
  program?: string | undefined;
  /** Also says where the long stretches are. */
  profile?: boolean;
}

export interface Ran extends Watched {
  status: number | null;
  stderr: string;
  /** Seconds from the start. */
  seconds: number;
  /** Seconds from the stop to the end, and processor time, if it was still running then. */
  obeyed: { seconds: number; cpu: number } | undefined;
}

/** When a run is to stop, in seconds after its start, and the signal that is sent; none for a time limit. */
export interface Stop {
  after: number;
  signal?: NodeJS.Signals;
}

/** Ticks a second of the times in proc(5): USER_HZ. */
const TICKS = 100;

/** Seconds of processor time of a running process. */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Runs the command under the watchdog. */
export async function runWatched(
  args: readonly string[],
  { folder, program = COMMAND, profile = false }: Setup,
  stop?: Stop,
): Promise<Ran> {
  const path = join(folder, 'watched');
  const env = { PATH: process.env.PATH, WATCHDOG: path, ...(profile ? { WATCHDOG_PROFILE: '1' } : {}) };
  const child = spawn(process.execPath, ['--import', WATCHDOG, program, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const started = performance.now();
  let stderr = '';
  let stopped: { at: number; cpu: number } | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const timer =
    stop &&
    setTimeout(() => {
      stopped = { at: performance.now(), cpu: cpuOf(child.pid!) };
      if (stop.signal) child.kill(stop.signal);
    }, 1000 * stop.after);
  const status = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  clearTimeout(timer);
  const ended = performance.now();
  const watched = JSON.parse(readFileSync(path, 'utf8')) as Watched;
  const obeyed = stopped && { seconds: (ended - stopped.at) / 1000, cpu: watched.cpu - stopped.cpu };
  return { ...watched, status, stderr, seconds: (ended - started) / 1000, obeyed };
}

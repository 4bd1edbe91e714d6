import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/base/runtime/assets.js';
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
  /** Seconds from the signal to the end, if one was sent. */
  obeyed: number | undefined;
}

/** Runs the command under the watchdog. `stop`: a signal, and the seconds after the start to send it. */
export async function runWatched(
  args: readonly string[],
  { folder, program = COMMAND, profile = false }: Setup,
  stop?: { signal: NodeJS.Signals; after: number },
): Promise<Ran> {
  const path = join(folder, 'watched');
  const env = { PATH: process.env.PATH, WATCHDOG: path, ...(profile ? { WATCHDOG_PROFILE: '1' } : {}) };
  const child = spawn(process.execPath, ['--import', WATCHDOG, program, ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const started = performance.now();
  let stderr = '';
  let sent: number | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const timer =
    stop &&
    setTimeout(() => {
      sent = performance.now();
      child.kill(stop.signal);
    }, 1000 * stop.after);
  const status = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  clearTimeout(timer);
  const ended = performance.now();
  const watched = JSON.parse(readFileSync(path, 'utf8')) as Watched;
  const obeyed = sent === undefined ? undefined : (ended - sent) / 1000;
  return { ...watched, status, stderr, seconds: (ended - started) / 1000, obeyed };
}

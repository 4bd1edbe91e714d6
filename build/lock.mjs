import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Names of lock files: the one with the highest number counts. */
const NAME = /^\.lock-(\d+)$/;
/** Milliseconds between two signs of life of a holder: the time of its file is set anew. */
const BEAT = 1000;
/** Milliseconds without a sign of life after which a holder counts as gone, even if its number is in use. */
const SILENCE = 120_000;
/** Milliseconds between two looks at a lock that another process holds. */
const LOOK = 100;

const fileOf = (folder, number) => join(folder, `.lock-${number}`);

/** Numbers of the lock files in a folder, ascending. */
const numbersIn = (folder) =>
  readdirSync(folder)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

/** The holder of a lock file: its process, and whether it is gone; undefined if the file is gone. */
function holderOf(file) {
  try {
    const [pid = 0, host] = readFileSync(file, 'utf8').split(' ');
    const isSilent = Date.now() - statSync(file).mtimeMs > SILENCE;
    const isDead = host === hostname() && !isRunning(Number(pid));
    return { pid, isGone: isSilent || isDead };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Creates a lock file; false if another process was faster. */
function create(file) {
  try {
    writeFileSync(file, `${process.pid} ${hostname()}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The number of the lock file that this process has created, once no other process holds one. */
async function take(folder, whileHeld) {
  let toldOf;
  for (;;) {
    const last = numbersIn(folder).at(-1) ?? 0;
    const holder = last > 0 ? holderOf(fileOf(folder, last)) : undefined;
    if (holder && !holder.isGone) {
      if (toldOf !== holder.pid) whileHeld(holder.pid);
      toldOf = holder.pid;
      await sleep(LOOK);
    } else if (create(fileOf(folder, last + 1))) {
      // A lock left by a killed process stays until this one ends: all that find it want the same next
      // number, and one of them creates the file.
      return last + 1;
    }
  }
}

/**
 * Runs `work` under a lock in a folder, which one process holds at a time. `whileHeld` is called with the
 * number of a process that is waited for.
 */
export async function underLock(folder, whileHeld, work) {
  const number = await take(folder, whileHeld);
  const beat = setInterval(() => utimesSync(fileOf(folder, number), new Date(), new Date()), BEAT);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    for (const each of numbersIn(folder)) if (each <= number) rmSync(fileOf(folder, each), { force: true });
  }
}

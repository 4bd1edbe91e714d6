import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { PYTHON, program } from '../support/programs.js';
import { digestOf, fileDigest, look, type Watched } from './watched.js';

/** Bytes of memory that the core has for each second, besides the program's own. */
const EACH_SECOND = 32 * 1024 * 1024;

/**
 * Lets gcore write a core for some seconds, by stopping it for most of the time, and looks at the folder
 * meanwhile: the core must be sealed once, and whole.
 */
export async function slowGcore(
  { folder, open, unsealed, spooled }: Watched,
  seconds: number,
): Promise<void> {
  const memory = EACH_SECOND * (seconds + 1);
  const code = `import os, time\nheld = os.urandom(${memory})\nprint(flush=True)\ntime.sleep(600)`;
  const dumped = spawn(PYTHON, ['-c', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  let writer: ChildProcess | undefined;
  try {
    await once(dumped.stdout, 'data');
    const command = ['-o', join(folder, 'core'), String(dumped.pid)];
    writer = spawn(program('gcore'), command, { stdio: 'ignore', detached: true });
    const exit = once(writer, 'exit');
    // The file stays, to be compared with what was sealed.
    const guard = open({ quiet: 100, original: 'keep' });
    const ids: string[] = [];
    const reasons: string[] = [];
    const lookOnce = async (): Promise<void> => {
      const { taken, listed } = await look(guard);
      ids.push(...taken.map(({ id }) => id));
      reasons.push(...listed.map(({ reason }) => reason));
    };
    // The whole group: gcore is a script, which starts gdb.
    const signal = (name: NodeJS.Signals) => process.kill(-writer!.pid!, name);
    const runAMillisecond = async (): Promise<void> => {
      signal('SIGCONT');
      await pause(1);
      signal('SIGSTOP');
    };
    while (readdirSync(folder).length === 0) await runAMillisecond();
    const until = Date.now() + seconds * 1000;
    while (Date.now() < until && ids.length === 0) {
      for (const end = Date.now() + 400; Date.now() < end; await pause(50)) await lookOnce();
      await runAMillisecond();
    }
    signal('SIGCONT');
    await exit;
    for (let i = 0; i < 200 && ids.length === 0; i++) {
      await lookOnce();
      await pause(50);
    }
    await lookOnce();
    expect(reasons).toEqual(['in-use']);
    expect(ids).toHaveLength(1);
    expect(spooled()).toEqual(ids);
    const content = unsealed(ids[0]!);
    expect(content.length).toBeGreaterThan(memory);
    expect(content.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
    expect(digestOf(content)).toBe(fileDigest(join(folder, readdirSync(folder)[0]!)));
  } finally {
    dumped.kill('SIGKILL');
    const group = writer?.pid;
    if (group !== undefined && writer?.exitCode === null) process.kill(-group, 'SIGKILL');
  }
}

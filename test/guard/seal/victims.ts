import { once } from 'node:events';
import { expect } from '@jest/globals';
import { coreable, startTarget } from '../../support/processes.js';
import { PYTHON, program } from '../../support/programs.js';

/** A running program to be ended by SIGABRT, and what it prints when it is ready. */
interface Victim {
  command: readonly string[];
  ready?: string;
  env?: Readonly<Record<string, string>>;
}

/** The programs, by the language that they are written in. */
export const victims = (recipient: string): Record<string, Victim> => ({
  C: { command: [program('sleep'), '600'] },
  Python: { command: [PYTHON, '-c', 'print("ready", flush=True); input()'], ready: 'ready' },
  Node: { command: [process.execPath, '-e', 'process.stdin.resume(); console.log("ready")'], ready: 'ready' },
  Java: {
    command: [
      program('jwebserver'),
      '-J-Xmx16m',
      '-J-XX:+UseSerialGC',
      '-J-XX:TieredStopAtLevel=1',
      '-p',
      '0',
    ],
    ready: 'Serving',
  },
  // age is a program in Go, whose runtime lets a signal dump only with this variable.
  Go: { command: [program('age'), '-r', recipient], env: { GOTRACEBACK: 'crash' } },
});

/** Starts a program as a user, and ends it by SIGABRT. Returns its process id. */
export async function crash({ command, ready, env }: Victim, work: string, uid: number): Promise<number> {
  const as = [program('setpriv'), '--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups', ...command];
  const [shell, args] = coreable(as[0]!, as.slice(1));
  const target = await startTarget(shell, args, {
    cwd: work,
    ...(env === undefined ? {} : { env }),
    ...(ready === undefined ? { settle: 50 } : { ready }),
  });
  const gone = once(target.child, 'exit');
  process.kill(target.pid, 'SIGABRT');
  expect((await gone)[1]).toBe('SIGABRT');
  await target.stop();
  return target.pid;
}

/** Runs tasks, three at once. */
export async function threeAtOnce<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const left = [...tasks];
  const runner = async () => {
    for (let task = left.shift(); task !== undefined; task = left.shift()) results.push(await task());
  };
  await Promise.all([runner(), runner(), runner()]);
  return results;
}

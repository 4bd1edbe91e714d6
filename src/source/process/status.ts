import { readdirSync, readFileSync } from 'node:fs';
import { orUndefined } from '../../core/base/runtime/or-undefined.js';
import type { StoppedThread } from './core-head.js';

/** Facts of /proc/PID/stat (proc_pid_stat(5)). */
export interface ProcessStatus {
  /** R, S, D, T (stopped), t (traced), Z (zombie), X. */
  state: string;
  parent: number;
  /** Time of its start, in ticks since boot: another process of the same number has another. */
  started: string;
}

/** The status of a process or, with `thread`, of one of its threads; undefined if there is none. */
export function statusOf(pid: number, thread?: number): ProcessStatus | undefined {
  const folder = thread === undefined ? `/proc/${pid}` : `/proc/${pid}/task/${thread}`;
  const text = orUndefined(() => readFileSync(`${folder}/stat`, 'latin1'));
  if (text === undefined) return undefined;
  // The name, in brackets, may have blanks and brackets of its own.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent = '0'] = fields;
  return { state, parent: Number(parent), started: fields[19] ?? '' };
}

/** Its threads, the main one first. */
export const threadsOf = (pid: number): number[] =>
  (orUndefined(() => readdirSync(`/proc/${pid}/task`)) ?? []).map(Number).sort((a, b) => a - b);

/** The threads of a stopped process, with what /proc/PID/task/TID/syscall says of their registers. */
export const stoppedThreads = (pid: number): StoppedThread[] =>
  threadsOf(pid).map((id) => {
    const text = orUndefined(() => readFileSync(`/proc/${pid}/task/${id}/syscall`, 'latin1'));
    // `running`, or a number and its arguments, or -1; then stack pointer and program counter.
    const [sp, pc] = text?.trim().split(' ').slice(-2) ?? [];
    return isAddress(sp) && isAddress(pc) ? { id, sp: BigInt(sp), pc: BigInt(pc) } : { id };
  });

const isAddress = (word: string | undefined): word is string => /^0x[0-9a-f]+$/.test(word ?? '');

/** This process and those that started it, directly or not. */
export function ownAncestors(): Set<number> {
  const found = new Set<number>();
  for (let pid = process.pid; pid > 0 && !found.has(pid); pid = statusOf(pid)?.parent ?? 0) found.add(pid);
  return found;
}

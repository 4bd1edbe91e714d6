import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * The name of this process in a store: host, system that is running there, process id, start of the process,
 * and a random part. By it another process of the same system sees whether this one is still there; from
 * elsewhere only the time of its last heartbeat is known.
 */
export function workerName(): string {
  return [hostname(), system(), process.pid, startOf(process.pid) ?? '', randomUUID()].join(' ');
}

/** The process of a name is gone for certain. Its holds can be released before they end. */
export function isGone(worker: string): boolean {
  const [host, of, pid, start] = worker.split(' ');
  if (host !== hostname() || of === undefined || of === '' || of !== system()) return false;
  return start !== '' && startOf(Number(pid)) !== start;
}

/** Boot and name space of process ids: empty where the system does not tell. */
function system(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`;
  } catch {
    return '';
  }
}

/** Start of a process in ticks since boot (field 22 of proc_pid_stat(5)); undefined if there is none. */
function startOf(pid: number): string | undefined {
  if (!existsSync('/proc/self/stat')) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name may hold spaces and parentheses. Fields are counted behind it, from the third on.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? 'gone' : fields[18];
  } catch {
    return 'gone';
  }
}

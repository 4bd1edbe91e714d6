import { readFileSync } from 'node:fs';

/** A mapping of a process's address space, as /proc/PID/smaps describes it (proc_pid_smaps(5)). */
export interface Mapping {
  start: bigint;
  /** Address behind its last byte. */
  end: bigint;
  /** `rwxp`: its permissions, and `p` for private or `s` for shared. */
  permissions: string;
  /** Offset in the file, in bytes. */
  offset: bigint;
  /** File, a character a byte, or `[heap]`, `[stack]` and the like; empty if it has neither. */
  path: string;
  /** Bytes in memory or swapped out. */
  populated: number;
  /** VmFlags: `dd` is MADV_DONTDUMP, `io` and `pf` are device memory. */
  flags: ReadonlySet<string>;
}

const HEAD = /^([0-9a-f]+)-([0-9a-f]+) ([-rwxsp]{4}) ([0-9a-f]+) \S+ \d+\s*(.*)$/;
/** Resident and swapped pages, in KiB. */
const AMOUNT = /^(?:Rss|Swap):\s+(\d+) kB$/;
const FLAGS = /^VmFlags:(.*)$/;

/** The mappings of a process. Throws the system's error: EACCES for a process of another user. */
export const mappingsOf = (pid: number): Mapping[] =>
  parseMappings(readFileSync(`/proc/${pid}/smaps`, 'latin1'));

export function parseMappings(smaps: string): Mapping[] {
  const found: Mapping[] = [];
  for (const line of smaps.split('\n')) {
    const head = HEAD.exec(line);
    const last = found.at(-1);
    if (head !== null) {
      const [, start, end, permissions = '', offset, path = ''] = head;
      found.push({
        ...{ start: BigInt(`0x${start}`), end: BigInt(`0x${end}`), permissions },
        ...{ offset: BigInt(`0x${offset}`), path: unescaped(path), populated: 0, flags: new Set() },
      });
    } else if (last !== undefined) {
      const kib = AMOUNT.exec(line)?.[1];
      if (kib !== undefined) last.populated += Number(kib) * 1024;
      const flags = FLAGS.exec(line)?.[1];
      if (flags !== undefined) last.flags = new Set(flags.trim().split(' '));
    }
  }
  return found;
}

/** The kernel writes a line feed of a path as `\012`. */
const unescaped = (path: string): string => path.replaceAll('\\012', '\n');

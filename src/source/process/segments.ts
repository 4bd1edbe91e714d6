import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** A PT_LOAD segment of a process's memory. */
export interface MemorySegment extends PageRun {
  mapping: Mapping;
  /** Its pages are not in the copy: a device's, or too many to look through. */
  isLeftOut?: true;
}

/** Program headers of one file: below PN_XNUM (elf(5)), which would need a section header. */
const MOST = 60_000;
/** Gaps of fewer bytes are filled with zeros, not made into two segments. */
const GAP = 2n ** 16n;

/** Pages of the kernel that are mapped into each process and hold nothing of its own. */
const OF_KERNEL: ReadonlySet<string> = new Set(['[vvar]', '[vvar_vclock]', '[vsyscall]']);
const DEVICE = ['io', 'pf'] as const;

/** Segments of populated pages, ascending. Gaps between them grow until they are few enough. */
export function segmentsOf(mappings: readonly Mapping[], pages: Pick<Pagemap, 'runs'>): MemorySegment[] {
  for (let gap = GAP; ; gap *= 4n) {
    const found = mappings.flatMap((mapping) => segmentsIn(mapping, pages, gap));
    if (found.length <= Math.max(MOST, mappings.length)) return found;
  }
}

function segmentsIn(mapping: Mapping, pages: Pick<Pagemap, 'runs'>, gap: bigint): MemorySegment[] {
  const { start, end, path, flags, populated } = mapping;
  if (OF_KERNEL.has(path)) return [];
  if (DEVICE.some((flag) => flags.has(flag))) return [{ start, end, mapping, isLeftOut: true }];
  if (populated === 0) return [];
  const runs = pages.runs(mapping, gap);
  return runs?.map((run) => ({ ...run, mapping })) ?? [{ start, end, mapping, isLeftOut: true }];
}

/** Addresses of pages that follow each other, from `start` up to `end`. */
export interface PageRun {
  start: bigint;
  end: bigint;
}

/** A page in /proc/PID/pagemap (proc_pid_pagemap(5)): bit 63: it is in memory, bit 62: it is swapped out. */
const ENTRY = 8;
const POPULATED = 0xc0;
/** Page table entries that are read at once. */
const BATCH = 64 * 1024;
/** Bytes of a mapping whose pages are looked up: 2 GiB of page table entries. A process may reserve more. */
const LONGEST = 2n ** 40n;

/** Finds the pages of a process that are in memory or swapped out: no other has content of the process. */
export class Pagemap {
  readonly #fd: number;
  readonly #page: bigint;

  /** `page`: bytes of a page. Throws the system's error. */
  constructor(pid: number, page: number) {
    this.#fd = openSync(`/proc/${pid}/pagemap`, 'r');
    this.#page = BigInt(page);
  }

  /**
   * Runs of populated pages, ascending. Gaps of fewer than `gap` bytes are taken in. Undefined for a mapping
   * that is too long to look through, or whose pages the kernel does not list.
   */
  runs({ start, end }: Pick<Mapping, 'start' | 'end'>, gap: bigint): PageRun[] | undefined {
    if (end - start > LONGEST) return undefined;
    const entries = new Uint8Array(BATCH * ENTRY);
    const runs: PageRun[] = [];
    for (let at = start; at < end; at += BigInt(BATCH) * this.#page) {
      const position = Number(at / this.#page) * ENTRY;
      const wanted = Math.min(entries.length, Number((end - at) / this.#page) * ENTRY);
      if (readSync(this.#fd, entries, 0, wanted, position) !== wanted) return undefined;
      for (let i = 0; i < wanted / ENTRY; i++)
        if ((entries[i * ENTRY + ENTRY - 1]! & POPULATED) !== 0)
          extend(runs, at + BigInt(i) * this.#page, this.#page, gap);
    }
    return runs;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function extend(runs: PageRun[], page: bigint, size: bigint, gap: bigint): void {
  const last = runs.at(-1);
  if (last !== undefined && page - last.end < gap) last.end = page + size;
  else runs.push({ start: page, end: page + size });
}

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

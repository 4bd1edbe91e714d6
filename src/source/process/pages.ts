import { closeSync, openSync, readSync } from 'node:fs';
import type { Mapping } from './mappings.js';

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

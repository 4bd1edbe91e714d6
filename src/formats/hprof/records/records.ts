import { type HprofFile, RECORD_HEAD } from './file.js';

/** Records (hprof_b_spec.h): tag u1, microseconds u4, length u4, body. */
export const TAG = {
  UTF8: 0x01,
  LOAD_CLASS: 0x02,
  START_THREAD: 0x0a,
  HEAP_DUMP: 0x0c,
  HEAP_DUMP_SEGMENT: 0x1c,
  HEAP_DUMP_END: 0x2c,
} as const;

const NAMES: Readonly<Record<number, string>> = {
  1: 'HPROF_UTF8',
  2: 'HPROF_LOAD_CLASS',
  3: 'HPROF_UNLOAD_CLASS',
  4: 'HPROF_FRAME',
  5: 'HPROF_TRACE',
  6: 'HPROF_ALLOC_SITES',
  7: 'HPROF_HEAP_SUMMARY',
  10: 'HPROF_START_THREAD',
  11: 'HPROF_END_THREAD',
  12: 'HPROF_HEAP_DUMP',
  13: 'HPROF_CPU_SAMPLES',
  14: 'HPROF_CONTROL_SETTINGS',
  28: 'HPROF_HEAP_DUMP_SEGMENT',
  44: 'HPROF_HEAP_DUMP_END',
};

const WRAP = 2 ** 32;
/** Consecutive valid record heads that confirm the start of a record. */
const CHAIN = 3;

export interface HprofRecord {
  tag: number;
  /** File offset of the tag. */
  offset: number;
  body: number;
  /** End of the body; past the end of the file if that is truncated. */
  end: number;
}

export function recordName(tag: number): string | undefined {
  return NAMES[tag];
}

export function isHeap(tag: number): boolean {
  return tag === TAG.HEAP_DUMP || tag === TAG.HEAP_DUMP_SEGMENT;
}

/** The record at an offset; undefined if its tag is unknown or its head is truncated. */
export function readRecord(file: HprofFile, offset: number): HprofRecord | undefined {
  const record = readHead(file, offset);
  if (record !== undefined && isHeap(record.tag)) record.end = heapEnd(file, record);
  return record;
}

function readHead(file: HprofFile, offset: number): HprofRecord | undefined {
  if (!file.has(offset, RECORD_HEAD)) return undefined;
  const tag = file.u8(offset);
  if (NAMES[tag] === undefined) return undefined;
  const body = offset + RECORD_HEAD;
  return { tag, offset, body, end: body + file.u32(offset + 5) };
}

/**
 * End of a heap dump record. Its length may be 0 (the writer could not seek) or the low 32 bits of the true
 * length (above 4 GiB): the end is the first candidate followed by valid records. Without one, a length that
 * cannot have wrapped is trusted; else the record extends to the end of the file.
 */
function heapEnd(file: HprofFile, { body, end }: HprofRecord): number {
  if (end > body && file.length - body < WRAP) return end;
  for (let place = end; place <= file.length; place += WRAP) if (startsChain(file, place)) return place;
  return Math.max(end, file.length);
}

function startsChain(file: HprofFile, offset: number): boolean {
  let at = offset;
  for (let seen = 0; seen < CHAIN && at < file.length; seen++) {
    const record = readHead(file, at);
    if (record === undefined || (record.end > file.length && !isHeap(record.tag))) return false;
    at = record.end;
  }
  return true;
}

import { type Reader, readSectors } from '../base/bytes/storage.js';
import { RecordList } from '../runs/records.js';
import type { Runs } from '../runs/types.js';
import { extractRecords } from './extract-records.js';
import type { HitFilter } from './hit-filter.js';
import { HitList } from './hits.js';
import type { Kernel } from './kernel.js';
import { SharedTickets } from './shared-tickets.js';
import type { HitBatch } from './types.js';

/** A stretch of a file that one thread sweeps in one go. */
export interface Task {
  from: number;
  to: number;
  /** Bytes of one kernel call. */
  chunk: number;
  /** Longest pattern: a hit belongs to the chunk that it starts in, and its end may lie `longest - 1` bytes behind that. */
  longest: number;
  /** Take numbers out of the runs. */
  numbers?: boolean;
  /** Where several threads are told of it: the first that takes the ticket (state.ts) sweeps it. */
  ticket?: number;
}

/** Bytes that are zeroed behind what was read. */
const BEHIND = 128;

/** A batch ends after the chunk that brings it to so many hits: a flood of them must not fill the memory. */
const MANY = 131_072;
/** The same for bytes of records: memory full of isolated numbers gives 3 MiB of them for each of its own. */
const MANY_RECORDS = 2 * 2 ** 20;

const hits = new HitList();
const records = new RecordList();

/**
 * Sweeps a task chunk by chunk; the batch ends before the task does where it has many hits, or is wanted no more. `sifter` drops hits.
 */
export function sweepTask(
  reader: Reader,
  kernel: Kernel,
  { from, to, chunk, longest, numbers = false }: Task,
  state: SharedTickets = SharedTickets.forTasks(0),
  sifter?: HitFilter,
): HitBatch {
  hits.clear();
  kernel.runs?.clear();
  kernel.digits?.clear();
  kernel.texts?.clear();
  records.clear();
  let end: { endedAt?: number; error?: string } = {};
  let at = from;
  for (; at < to && hits.length < MANY && records.length < MANY_RECORDS && !state.stopped; at += chunk) {
    const length = Math.min(chunk, to - at);
    const window = kernel.window(length + longest - 1 + BEHIND);
    const { bytes, error } = readSectors(reader, at, window.subarray(0, length + longest - 1));
    // The entropy net reads on to the end of a block, and the words beside the chunk.
    window.fill(0, bytes, bytes + BEHIND);
    if (kernel.runs) readBehind(reader, at, kernel.behind());
    const known = kernel.runs?.length ?? 0;
    const before = hits.length;
    const swept = { length: Math.min(bytes, length), base: at - from, offset: at };
    kernel.scan(0, swept.length, bytes, swept.base, hits);
    if (hits.length > before) sifter?.sift(hits, before, window.subarray(0, bytes), at, swept.base);
    if (numbers && kernel.runs && kernel.extract)
      extractRecords(kernel, kernel.runs, known, swept, records, state.keeps);
    if (bytes < length) {
      end = { endedAt: at + bytes, ...(error === undefined ? {} : { error }) };
      at = to;
      break;
    }
  }
  state.handOver(records.kept);
  return {
    from,
    to: Math.min(at, to),
    ...hits.finish(from),
    ...(kernel.runs ? { runs: runsOf(kernel.runs, from) } : {}),
    ...(kernel.digits ? { digits: runsOf(kernel.digits, from) } : {}),
    ...(kernel.texts ? { texts: textsOf(kernel.texts, from) } : {}),
    ...(numbers ? { numbers: records.finish() } : {}),
    ...end,
  };
}

/** The word before the chunk; zeros where there is none. */
function readBehind(reader: Reader, at: number, target: Uint8Array): void {
  target.fill(0);
  if (at < target.length) return;
  if (readSectors(reader, at - target.length, target).bytes < target.length) target.fill(0);
}

function runsOf(list: HitList, from: number): Runs {
  const { offsets, ids } = list.finish(0);
  for (const [i, word] of offsets.entries()) offsets[i] = from + 8 * word;
  return { offsets, words: ids };
}

function textsOf(list: HitList, from: number): Runs {
  const { offsets, ids } = list.finish(from);
  return { offsets, words: ids };
}

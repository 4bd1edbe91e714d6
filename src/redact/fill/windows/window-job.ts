import type { Storage } from '../../../core/base/bytes/storage.js';
import { KnownScanner } from '../../../known/known-scanner.js';
import type { KnownTable } from '../../../known/known-table.js';
import { RangeReads, type TaskRange, taskRanges } from './task-ranges.js';

/** Bytes around a task to which a match may reach: the longest component as UTF-16 with line breaks. */
const MARGIN = 2 ** 14;

interface WindowTask extends TaskRange {
  table: KnownTable;
}

/** Splits a storage into tasks, in file order. */
export function* windowTasks(storage: Storage, table: KnownTable): Generator<WindowTask> {
  for (const range of taskRanges(storage)) yield { ...range, table };
}

const reads = new RangeReads(MARGIN);

/** The extents of a task in which windows of the table are, as a job of the pool: offsets and lengths. */
export function job({ table, ...range }: WindowTask): Float64Array {
  const { bytes, length, first } = reads.read(range);
  const { from, to } = range;
  const found: number[] = [];
  let [start, end] = [0, 0];
  new KnownScanner(table, bytes).scan(length, from - first, to - first, (at, until) => {
    // Parts of one text: matches begin in ascending order, but for a few that reach back.
    if (at >= start && at <= end && end > start) {
      end = Math.max(end, until);
      return;
    }
    if (end > start) found.push(first + start, end - start);
    [start, end] = [at, until];
  });
  if (end > start) found.push(first + start, end - start);
  return Float64Array.from(found);
}

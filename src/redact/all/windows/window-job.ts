import { wholeBlocks } from '../../../base/bytes/direct-reads.js';
import { lenient, openStorage, type Storage } from '../../../base/bytes/storage.js';
import { WindowScanner } from './window-scanner.js';
import type { WindowTable } from './window-table.js';

/** Bytes of a task. */
const TASK = 2 ** 20;
/** Bytes around a task to which a match may reach: the longest component as UTF-16 with line breaks. */
const MARGIN = 2 ** 14;

/** A range of a storage that one thread searches. */
interface WindowTask {
  storage: Storage;
  table: WindowTable;
  from: number;
  to: number;
}

/** Splits a storage into tasks, in file order. */
export function* windowTasks(storage: Storage, table: WindowTable): Generator<WindowTask> {
  for (let from = 0; from < storage.length; from += TASK)
    yield { storage, table, from, to: Math.min(storage.length, from + TASK) };
}

let buffer: Uint8Array | undefined;

/** The extents of a task in which windows of the table are, as a job of the pool: offsets and lengths. */
export function job({ storage, table, from, to }: WindowTask): Float64Array {
  buffer ??= new Uint8Array(wholeBlocks(TASK + 2 * MARGIN));
  const first = Math.max(0, from - MARGIN);
  const target = buffer.subarray(0, Math.min(buffer.length, to + MARGIN - first));
  const length = lenient(openStorage(storage)).read(first, target);
  const found: number[] = [];
  let [start, end] = [0, 0];
  new WindowScanner(table, buffer).scan(length, from - first, to - first, (at, until) => {
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

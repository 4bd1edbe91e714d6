import { lenient, openStorage, type Storage } from '../../../core/base/bytes/storage.js';
import { LONGEST_HEADER, startsIn } from '../../../core/encodings/stream-forms.js';
import { RangeReads, type TaskRange, taskRanges } from '../windows/task-ranges.js';
import { contentSieve, type SieveSources } from './content-sieve.js';
import { budgetFor, MemoryOrder, MemoryStreams, MOST_DECODED, type SeamColumns } from './streams.js';

/** What all tasks have in common. */
interface CompressedSources extends SieveSources {
  seams: SeamColumns;
}

interface CompressedTask extends TaskRange {
  sources: CompressedSources;
}

/** Splits a storage into tasks, in file order. */
export function* compressedTasks(storage: Storage, sources: CompressedSources): Generator<CompressedTask> {
  for (const range of taskRanges(storage)) yield { ...range, sources };
}

const reads = new RangeReads(LONGEST_HEADER);

/**
 * Streams that begin in a task and may hold a finding, as a job of the pool: {@link StreamStarts}. Those that
 * would take a task too long are left to the caller.
 */
export function job({ sources, ...range }: CompressedTask): Float64Array {
  const { bytes, length, first } = reads.read(range);
  const reader = lenient(openStorage(range.storage));
  const budget = Math.min(MOST_DECODED, budgetFor(reader.length));
  const order = new MemoryOrder(sources.seams);
  const streams = new MemoryStreams(reader, contentSieve(sources), order, { budget });
  const rows = [0];
  const read = bytes.subarray(0, length);
  startsIn(read, range.from - first, range.to - first, (at, header) => {
    const isLikely = !streams.isSpent && streams.length(read, at, first) > 0;
    // The one that spends the budget is not decoded to its end.
    if (isLikely || streams.isSpent) rows.push(first + at, header);
  });
  rows[0] = budget - streams.left;
  return Float64Array.from(rows);
}

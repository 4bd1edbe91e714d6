import type { RecordList } from '../runs/records.js';
import type { HitList } from './hits.js';
import type { Kernel } from './kernel.js';

/**
 * A swept chunk: bytes in the window, and the offset of the first one in the task (`base`) and in the file.
 */
export interface Chunk {
  length: number;
  base: number;
  offset: number;
}

/**
 * Extracts the numbers of runs while their bytes are in the window, and drops these runs from the list, from
 * index `first` on. Runs that touch a cut, or whose surroundings are not in the window, stay: they are read
 * again once the chunks are joined. So do adjacent runs: a chunk with too many hits was swept in halves, and
 * they are parts of one. `keep`: the records include the bytes of the runs.
 */
export function extractRecords(
  kernel: Kernel,
  runs: HitList,
  first: number,
  chunk: Chunk,
  into: RecordList,
  keep: boolean,
): void {
  runs.replace(first, (packed) => kernel.extractRuns!(packed, chunk, into, keep));
}

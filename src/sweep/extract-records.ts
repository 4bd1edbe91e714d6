import { REACH } from '../runs/extractor.js';
import type { RecordList } from '../runs/records.js';
import type { HitList } from './hits.js';
import type { Kernel } from './kernel.js';

/** Words of the shortest run; shorter ones touch a cut. */
const SHORTEST = 3;

/**
 * A swept chunk: bytes in the window, and the offset of the first one in the task (`base`) and in the file.
 */
interface Chunk {
  length: number;
  base: number;
  offset: number;
}

/**
 * Extracts the numbers of runs while their bytes are in the window, and drops these runs from the list, from
 * index `first` on. Runs that touch a cut, or whose surroundings are not in the window, stay: they are read
 * again once the chunks are joined. `keep`: the records include the bytes of the runs.
 */
export function extractRecords(
  kernel: Kernel,
  runs: HitList,
  first: number,
  { length, base, offset }: Chunk,
  into: RecordList,
  keep: boolean,
): void {
  const place = (index: number) => {
    const at = runs.offset(index) * 8 - base;
    const words = runs.id(index);
    return { at, words, end: at + words * 8 };
  };
  runs.drop(first, (index) => {
    const { at, words, end } = place(index);
    if (words < SHORTEST || at < REACH || end + REACH > length) return false;
    // A chunk with too many hits was swept in halves: adjacent runs are parts of one.
    if (index > first && place(index - 1).end === at) return false;
    if (index + 1 < runs.length && place(index + 1).at === end) return false;
    kernel.extract!(at, words, offset + at, into, keep);
    return true;
  });
}

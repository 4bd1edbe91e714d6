import { REACH } from '../runs/extractor.js';
import type { RecordList } from '../runs/records.js';
import type { HitList } from './hits.js';
import type { Kernel } from './kernel.js';

/** Words of the shortest run. */
const SHORTEST = 3;

/** A chunk that was swept: bytes in the window, and the offset of the first one, in the task and in the file. */
interface Chunk {
  length: number;
  base: number;
  offset: number;
}

/**
 * Takes the numbers out of runs while their bytes are at hand, and drops these runs from the list, from `first` on. What stays are runs that
 * touch a cut, or whose surroundings are not all here: whoever joins the chunks reads them again. `keep`: the bytes of the others are wanted as well.
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
    // A flood of hits is swept in halves: what touches is one run.
    if (index > first && place(index - 1).end === at) return false;
    if (index + 1 < runs.length && place(index + 1).at === end) return false;
    kernel.extract!(at, words, offset + at, into, keep);
    return true;
  });
}

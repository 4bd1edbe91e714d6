import type { View } from '../../formats/memory/types.js';
import { NarrowedRun } from '../../sweep/values/narrow.js';
import { LONGEST_RUN, looksRandom } from '../../sweep/values/random.js';
import { isRandomRun, isWideRun, runAt } from '../../sweep/values/value-run.js';
import type { ValueCensus } from './value-census.js';
import { recordOf } from './value-record.js';

/** Places and packed runs, as in values/value-run.ts. */
interface RunBatch {
  offsets: ArrayLike<number>;
  ids: ArrayLike<number>;
}

const narrowed = new NarrowedRun();

/** Counts the runs whose ends the sweep did not see: at the end of a kernel call, and over a seam. */
export function countOpenRuns({ offsets, ids }: RunBatch, view: View, census: ValueCensus): void {
  for (let i = 0; i < offsets.length; i++)
    if (!isRandomRun(ids[i]!)) countRun(view, offsets[i]!, isWideRun(ids[i]!) ? 2 : 1, census);
}

function countRun(view: View, offset: number, stride: 1 | 2, census: ValueCensus): void {
  const { bytes, at } = view.window(offset, 0, stride * (LONGEST_RUN + 1), 'memory');
  const run = runAt(bytes, at, stride);
  if (run === undefined) return;
  const length = Math.min(run.length, LONGEST_RUN);
  if (!looksRandom(bytes, at, length, stride)) return;
  if (stride === 2) narrowed.read(bytes, at, length);
  const [text, start] = stride === 2 ? [narrowed.text, narrowed.start] : [bytes, at];
  census.add(...recordOf(text, start, start + length));
}

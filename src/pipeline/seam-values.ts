import type { Window } from '../formats/memory/types.js';
import { runAt } from '../values/runs.js';
import { CONTEXT, LONGEST_RUN, packRun, SHORTEST_RUN } from '../values/value-run.js';
import type { OpenDump } from './open-dump.js';
import type { PlacedHit } from './seams.js';

/** Bytes on both sides of a seam, in which a run of UTF-16 shows that it is long enough. */
const NEAR = 2 * SHORTEST_RUN;
/** The same to see where a run begins. */
const FAR = 2 * LONGEST_RUN;
/** Seams of one batch. */
const MOST_SEAMS = 4096;

/** Characters beside the seam: the last one of a single byte, and those of UTF-16 at both parities. */
const BESIDE = [
  { back: 1, stride: 1 },
  { back: 1, stride: 2 },
  { back: 2, stride: 2 },
] as const;

/**
 * Runs of characters across a seam, packed as those of the value net. In batches, so that the caller can
 * yield to the event loop.
 */
export function* seamValues({ dump, view }: Pick<OpenDump, 'dump' | 'view'>): Generator<PlacedHit[]> {
  const windowAt = (end: number, reach: number): Window =>
    view.window(end - 1, reach - 1, reach + 1, 'memory');
  let values: PlacedHit[] = [];
  let seams = 0;
  for (const { endOffset } of dump.seams()) {
    const near = windowAt(endOffset, NEAR);
    for (const { back, stride } of BESIDE) {
      if (lengthAcross(near, back, stride) < SHORTEST_RUN) continue;
      const window = windowAt(endOffset, FAR + stride * CONTEXT);
      const run = runAt(window.bytes, window.at + 1 - back, stride)!;
      const packed = packRun({ length: run.length, wide: stride === 2, cut: true, random: false });
      values.push({ offset: window.offsetOf(run.start), id: packed });
    }
    if (++seams % MOST_SEAMS > 0) continue;
    yield values;
    values = [];
  }
  yield values;
}

/** Characters of the run that the seam divides; 0 if there is none. */
function lengthAcross({ bytes, at }: Window, back: number, stride: 1 | 2): number {
  const run = runAt(bytes, at + 1 - back, stride);
  return run !== undefined && run.start + stride * (run.length - 1) > at ? run.length : 0;
}

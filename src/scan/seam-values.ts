import type { View, Window } from '../formats/memory/types.js';
import { LONGEST_RUN, SHORTEST_RUN } from '../sweep/values/random.js';
import { CONTEXT, packRun, runAt } from '../sweep/values/value-run.js';
import type { SeamHit } from './seams.js';

/** Bytes on both sides of a seam in which a run, also of UTF-16, shows that it is long enough. */
export const NEAR_SEAM = 2 * SHORTEST_RUN;
/** Bytes before a seam in which a run may begin. */
const FAR = 2 * LONGEST_RUN;

/** Characters beside the seam: the last one of a single byte, and those of UTF-16 at both parities. */
const BESIDE = [
  { back: 1, stride: 1 },
  { back: 1, stride: 2 },
  { back: 2, stride: 2 },
] as const;

/**
 * Runs of characters across a seam, packed as those of the value net. `near`: a window of at least
 * {@link NEAR_SEAM} bytes on both sides, at the last byte before the seam; `endOffset`: its place, plus 1.
 */
export function* seamValues(view: View, near: Window, endOffset: number): Generator<SeamHit> {
  for (const { back, stride } of BESIDE) {
    if (lengthAcross(near, back, stride) < SHORTEST_RUN) continue;
    const reach = FAR + stride * CONTEXT;
    const window = view.window(endOffset - 1, reach - 1, reach + 1, 'memory');
    const run = runAt(window.bytes, window.at + 1 - back, stride)!;
    const packed = packRun({ length: run.length, wide: stride === 2, cut: true, random: false });
    yield { offset: window.offsetOf(run.start), id: packed };
  }
}

/** Characters of the run that the seam divides; 0 if there is none. */
function lengthAcross({ bytes, at }: Window, back: number, stride: 1 | 2): number {
  const run = runAt(bytes, at + 1 - back, stride);
  return run !== undefined && run.start + stride * (run.length - 1) > at ? run.length : 0;
}

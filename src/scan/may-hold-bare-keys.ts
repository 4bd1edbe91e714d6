import { SHORTEST_WORDS } from '../sweep/runs/shortest-run.js';
import { SHORTEST_TEXT } from '../sweep/runs/texts.js';
import type { Runs } from '../sweep/runs/types.js';
import type { Swept } from './first-sweep.js';
import type { OpenDump } from './open-dump.js';

/** Bytes that one kernel call sweeps as a whole. */
const ONE_CALL = 64 * 1024;

const ofLength = ({ words }: Runs, least: number): boolean => words.some((count) => count >= least);

/**
 * Whether a batch has what the search for bare keys takes. A kernel call keeps short runs at its ends, which
 * may go on in another batch: if it is the only one, they are none. Most texts have one there.
 */
export function mayHoldBareKeys(
  { runs, digits, texts, numbers, decoded, from, to }: Swept,
  { length, live, dump }: Pick<OpenDump, 'length' | 'live' | 'dump'>,
): boolean {
  if ([numbers, decoded].some((records) => records && records.byteLength > 0)) return true;
  const isWhole = from === 0 && to === length && live === undefined && dump.segments.length === 0;
  const isOnly = isWhole && length <= ONE_CALL;
  const words = isOnly ? SHORTEST_WORDS : 1;
  return (
    (runs !== undefined && ofLength(runs, words)) ||
    (digits !== undefined && ofLength(digits, words)) ||
    (texts !== undefined && ofLength(texts, isOnly ? SHORTEST_TEXT : 1))
  );
}

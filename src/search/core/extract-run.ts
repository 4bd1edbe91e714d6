import type { Extractor } from '../../sweep/runs/extractor.js';
import type { RecordList } from '../../sweep/runs/records.js';
import type { RunBytes } from './run-bytes.js';
import type { Run } from './types.js';

/**
 * Extracts the numbers of a run whose bytes are read for that: `body` if it is long and does not begin as an
 * object does, `none` if it does not look random. `isObject`: it begins where an object does, whatever word
 * precedes it.
 */
export function extractRun(
  run: Run,
  isObject: boolean,
  bytes: RunBytes,
  extractor: Extractor,
  into: RecordList,
): 'numbers' | 'none' | 'body' {
  into.open(run.offset, run.words);
  let random = false;
  for (const { words, startsRun, endsRun, at, before, after, offset } of bytes.widePieces(run)) {
    if (startsRun && !isObject && !extractor.begins(run.words, at, before)) return 'body';
    const part = { words, starts: startsRun, ends: endsRun };
    random = extractor.part(part, at, before, after, offset, into) || random;
  }
  return random ? 'numbers' : 'none';
}

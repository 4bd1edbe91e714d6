import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import type { Limit } from '../../../src/core/limits/limit.js';
import type { EffortLevel } from '../../../src/core/model/effort.js';
import { NumberKernel } from '../../../src/search/core/kernel.js';
import { RunBytes } from '../../../src/search/core/run-bytes.js';
import { RunList } from '../../../src/search/core/run-list.js';
import { SearchClock } from '../../../src/search/core/search-clock.js';
import type { SearchContext } from '../../../src/search/core/search-context.js';
import { type Scale, SkippedWork } from '../../../src/search/core/skipped-work.js';
import { NumberSearch } from '../../../src/search/session/number-search.js';
import { RULE } from '../harness.js';
import { findRuns } from '../runs.js';

/** A factor that no budget of these artifacts is short of. `--deep` would try parts of primes for minutes. */
export const LIFTED = 1e6;

/** Skipped work of one collector, as limits. */
export function collected(use: (skipped: SkippedWork) => void): Limit[] {
  const skipped = new SkippedWork();
  use(skipped);
  return skipped.limits();
}

/** Limits of a search over one image, with the budgets that `budget` says. */
export function searched(image: Buffer, budget: Scale, use: (context: SearchOf) => void): Limit[] {
  const kernel = NumberKernel.take();
  const reader = bufferReader(image);
  const runs = new RunList();
  for (const run of findRuns(reader)) runs.push(run);
  const limits = collected((skippedWork) =>
    use({
      ...{ kernel, bytes: new RunBytes(reader, kernel), runs, skippedWork, budget, length: image.length },
      clock: new SearchClock(),
    }),
  );
  kernel.release();
  return limits;
}
type SearchOf = SearchContext & { length: number; clock: SearchClock };

export const unlimited = () => Number.POSITIVE_INFINITY;
export const exceptFor =
  (...granted: number[]): Scale =>
  (usual) =>
    granted.includes(usual) ? usual : 0;

/** Limits of a session without budgets, which memory bounds all the same. */
export function numbersOf(
  image: Buffer,
  use: (search: NumberSearch) => void,
  effort: EffortLevel = 'deep',
): Limit[] {
  const reader = bufferReader(image);
  const search = new NumberSearch(
    { reader },
    { rules: { key: RULE }, proves: () => false, readSerialised: () => undefined, effort },
  );
  use(search);
  search.close();
  return search.limits();
}

import type { Kernel } from './kernel.js';
import type { RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';
import type { Budget, SkippedWork } from './skipped-work.js';

/** What every search among the runs of an artifact works with. */
export interface SearchContext {
  kernel: Kernel;
  bytes: RunBytes;
  runs: RunList;
  /** Is told what a budget leaves. */
  shortfall: SkippedWork;
  budget: Budget;
}

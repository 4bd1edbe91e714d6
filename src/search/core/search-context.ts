import type { NumberKernel } from './kernel.js';
import type { RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';
import type { Scale, SkippedWork } from './skipped-work.js';

/** Shared by all searches in the runs of one artifact. */
export interface SearchContext {
  kernel: NumberKernel;
  bytes: RunBytes;
  runs: RunList;
  skippedWork: SkippedWork;
  budget: Scale;
}

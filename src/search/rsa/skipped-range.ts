import type { LimitTarget } from '../../core/limits/limit.js';
import type { LimitName } from '../../core/limits/searches.js';
import type { SkippedWork } from '../core/skipped-work.js';

/** Numbers that a search left out: their count, and the range of file offsets that they lie in. */
export class SkippedRange {
  count = 0;
  /** Numbers of a likely kind among them (core/skipped-work.ts). */
  likely = 0;
  from = Number.POSITIVE_INFINITY;
  to = 0;

  add(from: number, to: number, count = 1, likely = 0): void {
    this.likely += likely;
    this.count += count;
    this.from = Math.min(this.from, from);
    this.to = Math.max(this.to, to);
  }

  report(skipped: SkippedWork, search: LimitName, targets: readonly LimitTarget[], what: string): void {
    const { count, likely, from, to } = this;
    for (const target of targets)
      skipped.add(search, { target, left: count, likely: target === 'blind' ? 0 : likely }, what, from, to);
  }
}

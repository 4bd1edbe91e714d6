import type { SkippedWork } from '../core/skipped-work.js';
import type { KnownModulusLimit } from '../search.js';

/** Receives what a search left out: `count` numbers between two file offsets. */
export type ReportSkipped = (
  search: KnownModulusLimit,
  what: string,
  count: number,
  from: number,
  to: number,
) => void;

/** Adds to `skipped` under a name of `rsa-known-n`. */
export const reporterFor =
  (skipped: SkippedWork): ReportSkipped =>
  (search, what, count, from, to) =>
    skipped.add(`rsa-known-n ${search}`, what, from, to, count);

/** Numbers that a search left out: their count, and the range of file offsets that they lie in. */
export class SkippedRange {
  count = 0;
  from = Number.POSITIVE_INFINITY;
  to = 0;

  add(from: number, to: number, count = 1): void {
    this.count += count;
    this.from = Math.min(this.from, from);
    this.to = Math.max(this.to, to);
  }

  report(receive: ReportSkipped, search: KnownModulusLimit, what: string): void {
    if (this.count > 0) receive(search, what, this.count, this.from, this.to);
  }
}

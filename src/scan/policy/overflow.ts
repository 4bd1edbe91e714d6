import { type Limit, limitOf } from '../../core/limits/limit.js';
import type { Extent } from '../../core/model/report.js';

interface RuleCount {
  count: number;
  from: number;
  to: number;
}

/** Findings of one artifact beyond the cap of its list, counted by rule. */
export class Overflow {
  readonly #byRule = new Map<string, RuleCount>();
  readonly #cap: number;
  /** True if one of them counts. */
  counts = false;

  constructor(cap: number) {
    this.#cap = cap;
  }

  add(ruleId: string, { offset, length }: Extent, counts: boolean): void {
    this.counts ||= counts;
    const tally = this.#byRule.get(ruleId);
    if (!tally) this.#byRule.set(ruleId, { count: 1, from: offset, to: offset + length });
    else {
      tally.count++;
      tally.from = Math.min(tally.from, offset);
      tally.to = Math.max(tally.to, offset + length);
    }
  }

  limits(): Limit[] {
    const most = `a report lists at most ${this.#cap} findings an artifact`;
    return [...this.#byRule].map(([rule, { count: left, from, to }]) =>
      limitOf(
        'findings',
        { left },
        { offset: from, length: to - from },
        `${left} further matches of rule ${rule} are counted but not listed: ${most}`,
      ),
    );
  }
}

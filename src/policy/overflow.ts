import type { Extent, Limit } from '../model/report.js';

interface Tally {
  count: number;
  from: number;
  to: number;
}

/** Findings of one artifact that are counted by rule because its list is full. */
export class Overflow {
  readonly #byRule = new Map<string, Tally>();
  readonly #cap: number;
  /** One of them counts. */
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
    return [...this.#byRule].map(([rule, { count, from, to }]) => ({
      offset: from,
      length: to - from,
      search: 'findings',
      reason: `${count} further matches of rule ${rule} are counted but not listed: a report lists at most ${this.#cap} findings an artifact`,
    }));
  }
}

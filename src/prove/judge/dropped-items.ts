import { type Limit, limitOf } from '../../core/limits/limit.js';
import type { OtherLimitName } from '../../core/limits/other-limits.js';
import type { Extent } from '../../core/model/report.js';

interface Dropped extends Extent {
  reason: string;
  left: number;
}

/** Searches that reached a bound, with the range of the items dropped. */
export class DroppedItems {
  readonly #ranges = new Map<OtherLimitName, Dropped>();

  add(search: OtherLimitName, reason: string, { offset, length }: Extent, left = 1): void {
    const known = this.#ranges.get(search);
    const from = Math.min(known?.offset ?? offset, offset);
    const to = Math.max(known === undefined ? 0 : known.offset + known.length, offset + length);
    this.#ranges.set(search, {
      ...{ offset: from, length: to - from, reason },
      left: (known?.left ?? 0) + left,
    });
  }

  limits(): Limit[] {
    return [...this.#ranges].map(([search, { reason, left, ...extent }]) =>
      limitOf(search, { left }, extent, reason),
    );
  }
}

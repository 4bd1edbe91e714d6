import type { WindowColumns } from '../core/columns.js';
import type { Scale } from '../core/skipped-work.js';

/** Windows with the same low word that are compared; more exist only in crafted dumps. */
const MAX_COPIES = 64;

/** Windows of one size. */
export interface SizedColumns {
  size: number;
  columns: WindowColumns;
}

interface WindowReference extends SizedColumns {
  index: number;
}

export const countOf = (sized: readonly SizedColumns[]): number =>
  sized.reduce((sum, { columns }) => sum + columns.length, 0);

/** A copy of the low words of all windows. */
export function lowsOf(sized: readonly SizedColumns[]): BigUint64Array {
  const lows = new BigUint64Array(countOf(sized));
  let filled = 0;
  for (const { columns } of sized) {
    lows.set(columns.lows.subarray(0, columns.length), filled);
    filled += columns.length;
  }
  return lows;
}

/** The windows with one of these low words, in one pass; `report` gets the count of those left out. */
export function windowsWithLows(
  sized: readonly SizedColumns[],
  lows: ReadonlySet<bigint>,
  budget: Scale,
  report: (left: number) => void,
): Map<bigint, WindowReference[]> {
  const byLow = new Map<bigint, WindowReference[]>();
  let left = 0;
  for (const { size, columns } of sized)
    for (let index = 0; index < columns.length; index++) {
      const low = columns.lows[index]!;
      if (!lows.has(low)) continue;
      const known = byLow.get(low);
      if (known === undefined) byLow.set(low, [{ size, columns, index }]);
      else if (known.length < budget(MAX_COPIES)) known.push({ size, columns, index });
      else left++;
    }
  if (left > 0) report(left);
  return byLow;
}

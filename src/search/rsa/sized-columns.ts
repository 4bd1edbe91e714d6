import type { WindowColumns } from '../core/columns.js';

/** Most copies of one modulus that are looked at: each differs, or the first would do. */
const MOST_COPIES = 64;

/** Windows of one size. */
export interface WindowsBySize {
  size: number;
  columns: WindowColumns;
}

/** One of them. */
interface Indexed extends WindowsBySize {
  index: number;
}

export const countOf = (sized: readonly WindowsBySize[]): number =>
  sized.reduce((sum, { columns }) => sum + columns.length, 0);

/** The low words of all. A copy. */
export function lowsOf(sized: readonly WindowsBySize[]): BigUint64Array {
  const lows = new BigUint64Array(countOf(sized));
  let filled = 0;
  for (const { columns } of sized) {
    lows.set(columns.lows.subarray(0, columns.length), filled);
    filled += columns.length;
  }
  return lows;
}

/** The moduli with these low words, in one pass. */
export function placesOf(
  moduli: readonly WindowsBySize[],
  lows: ReadonlySet<bigint>,
): Map<bigint, Indexed[]> {
  const places = new Map<bigint, Indexed[]>();
  for (const { size, columns } of moduli)
    for (let index = 0; index < columns.length; index++) {
      const low = columns.lows[index]!;
      if (!lows.has(low)) continue;
      const known = places.get(low);
      if (known === undefined) places.set(low, [{ size, columns, index }]);
      else if (known.length < MOST_COPIES) known.push({ size, columns, index });
    }
  return places;
}

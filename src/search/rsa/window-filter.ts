import { placeAt, type WindowColumns } from '../core/columns.js';
import type { Place } from '../core/types.js';
import type { KnownPlaces } from './modulus.js';

/** The windows that share no byte with the places, in columns of their own. */
export function windowsOutside(
  windows: ReadonlyMap<number, WindowColumns>,
  places: KnownPlaces,
): ReadonlyMap<number, WindowColumns> {
  if (places.count === 0) return windows;
  return new Map([...windows].map(([size, columns]) => [size, columnsOutside(columns, size, places)]));
}

const meets = ({ offset, length }: Place, places: KnownPlaces): boolean =>
  places.meets(offset, offset + length);

function columnsOutside(columns: WindowColumns, size: number, places: KnownPlaces): WindowColumns {
  const { length: most } = columns;
  // Nearly as many as the number has: those that are in question are looked at once more.
  const bytes = size * 8;
  const [offsets, lows] = [new Float64Array(most), new BigUint64Array(most)];
  const [readings, edges] = [new Uint8Array(most), new Uint8Array(most)];
  let length = 0;
  for (let i = 0; i < most; i++) {
    const offset = columns.offsets[i]!;
    if (places.meets(offset, offset + bytes) && meets(placeAt(columns, i, size), places)) continue;
    offsets[length] = offset;
    lows[length] = columns.lows[i]!;
    readings[length] = columns.readings[i]!;
    edges[length] = columns.places[i]!;
    length++;
  }
  return { length, offsets, readings, places: edges, lows };
}

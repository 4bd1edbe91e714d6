import { placeAt, type WindowColumns } from '../core/columns.js';
import type { PlaceSet } from './modulus.js';

/** The windows that do not overlap the places, as new columns. */
export function windowsOutside(
  windows: ReadonlyMap<number, WindowColumns>,
  places: PlaceSet,
): ReadonlyMap<number, WindowColumns> {
  if (places.count === 0) return windows;
  return new Map([...windows].map(([size, columns]) => [size, columnsOutside(columns, size, places)]));
}

function columnsOutside(columns: WindowColumns, size: number, places: PlaceSet): WindowColumns {
  const { length: most } = columns;
  // The usual length of a number; an overlap is confirmed with the exact one.
  const bytes = size * 8;
  const kept = {
    length: 0,
    offsets: new Float64Array(most),
    readings: new Uint8Array(most),
    places: new Uint8Array(most),
    lows: new BigUint64Array(most),
  };
  for (let i = 0; i < most; i++) {
    const offset = columns.offsets[i]!;
    if (places.overlaps(offset, offset + bytes)) {
      const { length } = placeAt(columns, i, size);
      if (places.overlaps(offset, offset + length)) continue;
    }
    const to = kept.length++;
    kept.offsets[to] = offset;
    kept.readings[to] = columns.readings[i]!;
    kept.places[to] = columns.places[i]!;
    kept.lows[to] = columns.lows[i]!;
  }
  return kept;
}

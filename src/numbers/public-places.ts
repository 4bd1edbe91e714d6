import { placeAt, type WindowColumns } from './columns.js';
import type { Effort } from './effort.js';
import type { Kernel } from './kernel.js';
import { KnownPlaces, locate, type Modulus } from './modulus.js';
import { publicSignatures } from './public-signatures.js';
import type { RunBytes } from './run-bytes.js';
import type { RunList } from './run-list.js';
import type { Place } from './types.js';

interface Parts {
  kernel: Kernel;
  bytes: RunBytes;
  runs: RunList;
  /** What telling signatures costs is taken off. */
  effort: Effort;
}

/** Where known moduli stand, and signatures of their certificates: no number there is a part of a private key, and most long numbers of a program that speaks TLS are there. */
export function publicPlaces(
  moduli: readonly Modulus[],
  { kernel, bytes, runs, effort }: Parts,
): KnownPlaces {
  if (moduli.length === 0) return new KnownPlaces([]);
  const sights = locate(moduli, kernel, bytes, runs);
  // Where nothing is searched for any of them, it costs more to know the signatures than not to.
  const open = moduli.some(({ solved }) => !solved);
  return new KnownPlaces([...sights, ...(open ? publicSignatures(sights, bytes, runs, effort) : [])]);
}

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

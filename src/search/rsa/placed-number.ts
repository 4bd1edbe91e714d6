import { INSIDE, placeAt, type WindowColumns } from '../core/columns.js';
import { toNumber } from '../core/integer-encodings.js';
import type { RunBytes } from '../core/run-bytes.js';
import type { FilePlace } from '../core/types.js';

/** A number and its place in the file. */
export interface PlacedNumber extends FilePlace {
  value: bigint;
}

/** Cost of {@link readNumber} and of trying small factors, in products of words: 3 us. */
export const READ_COST = 1_200;

/** Reads the window at `index` of the columns of one size; undefined if the file ends inside the window. */
export function readNumber(
  columns: WindowColumns,
  index: number,
  size: number,
  bytes: RunBytes,
): PlacedNumber | undefined {
  const place = placeAt(columns, index, size);
  const stored = bytes.read(place.offset, place.length);
  return stored.length < place.length ? undefined : { ...place, value: toNumber(stored, place.reading) };
}

/** Filter for `indicesWhere`: the window touches an end of its run, or follows an object header. */
export const isAtEdge = (place: number): boolean => place !== INSIDE;

import type { LengthField } from './number-codec.js';

/** A length is given up if the capacity beside it is more than so many times the most. */
const SPARE = 2;

/**
 * Puts the lengths of `least` to `most` cells that the header of an array may have, whose first cell is at
 * `at`, into `found`; none if that is no array.
 */
export function arrayLengths(
  { lengths = [], cell }: { lengths?: readonly LengthField[]; cell: number },
  bytes: Buffer,
  at: number,
  { least, most }: { least: number; most: number },
  found: number[],
): void {
  found.length = 0;
  for (const field of lengths) {
    const length = lengthIn(field, bytes, at, cell, SPARE * most);
    if (length >= least && length <= most) found.push(length);
  }
}

/** In cells; -1 if the header has other bits than such an array. */
function lengthIn(
  { at, as, shift = 0, unit = 0, fixed, capacityAt }: LengthField,
  bytes: Buffer,
  start: number,
  cell: number,
  mostCapacity: number,
): number {
  if (fixed !== undefined)
    for (const { at, mask, value } of fixed)
      if ((bytes.readUInt32LE(start + at) & mask) !== (value | 0)) return -1;
  const low = as === 'u16' ? bytes.readUInt16LE(start + at) : bytes.readUInt32LE(start + at);
  const high = as === 'u64' ? bytes.readUInt32LE(start + at + 4) : 0;
  const length = Math.floor((high * 2 ** 32 + low) / 2 ** shift);
  if (capacityAt !== undefined) {
    const capacity = bytes.readUInt32LE(start + capacityAt);
    if (length > capacity || capacity > mostCapacity) return -1;
  }
  return unit === 0 ? length : (length * unit) / cell;
}

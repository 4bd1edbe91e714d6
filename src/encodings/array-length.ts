import type { LengthField, NumberRow } from './number-row.js';

/** Bounds of a length, in cells. */
interface Bounds {
  least: number;
  most: number;
}

/** Greatest ratio of a capacity to the greatest length. */
const SPARE = 2;

/** Puts the lengths that the header of an array whose first cell is at `at` may have into `found`. */
export function arrayLengths(
  { lengths = [], cell }: Pick<NumberRow, 'lengths' | 'cell'>,
  bytes: Buffer,
  at: number,
  { least, most }: Bounds,
  found: number[],
): void {
  found.length = 0;
  for (const field of lengths) {
    if (!isHeader(field, bytes, at)) continue;
    const { shift = 0, unit = cell } = field;
    const number = bytes.readUIntLE(at + field.at, field.bytes ?? 4);
    const length = (Math.floor(number / 2 ** shift) * unit) / cell;
    const capacity = field.capacityAt === undefined ? length : bytes.readUInt32LE(at + field.capacityAt);
    const fits = length <= capacity && capacity <= SPARE * most;
    if (fits && length >= least && length <= most) found.push(length);
  }
}

function isHeader({ fixed = [] }: LengthField, bytes: Buffer, start: number): boolean {
  for (const { at, mask, value } of fixed)
    if ((bytes.readUInt32LE(start + at) & mask) !== (value | 0)) return false;
  return true;
}

import { type ArrayLength, hasBits } from './number-codec.js';

/** Greatest ratio of a capacity to the greatest length. */
const SPARE = 2;

/**
 * The length in cells that a header's field gives the array whose first cell is at `start`; 0 if it is out of
 * bounds, or not the header of such an array.
 */
export function arrayLength(
  header: ArrayLength,
  bytes: Buffer,
  start: number,
  { least, most }: { least: number; most: number },
): number {
  const at = start + header.at;
  const field = header.bytes === 4 ? bytes.readUInt32LE(at) : bytes.readUIntLE(at, header.bytes);
  const length = Math.floor(field / header.divisor) * header.factor;
  if (length < least || length > most || !hasBits(header.fixed, bytes, start)) return 0;
  if (header.capacityAt === 0) return length;
  const capacity = bytes.readUInt32LE(start + header.capacityAt);
  return length <= capacity && capacity <= SPARE * most ? length : 0;
}

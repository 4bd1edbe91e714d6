import { unionOf } from '../core/base/bytes/intervals.js';
import type { Extent } from '../core/model/report.js';
import type { Segment } from '../formats/memory/types.js';

/** A range of a file that begins with the first word that is aligned in memory. */
export interface MisalignedSegment {
  from: number;
  to: number;
}

/** Bytes of a word. */
const WORD = 8;
/** Ranges at most this far apart are swept as one: the bytes between them cost less than another sweep. */
const NEAR = 64 * 1024;

/**
 * The ranges whose offset in the file is not congruent to their address modulo 8. However many segments claim
 * a byte, it is in at most one range for each of the seven shifts.
 */
export function* misalignedSegments(segments: readonly Segment[]): Generator<MisalignedSegment> {
  const byShift: Extent[][] = Array.from({ length: WORD }, () => []);
  for (const { offset, address, length } of segments) {
    const shift = Number(BigInt.asUintN(3, BigInt(offset) - address));
    const first = offset + Number(BigInt.asUintN(3, -address));
    if (shift !== 0 && first + WORD <= offset + length) {
      byShift[shift]!.push({ offset: first, length: offset + length - first });
    }
  }
  // The starts of one shift are congruent modulo 8, so that a union keeps their alignment.
  for (const extents of byShift)
    for (const { offset, length } of unionOf(extents, NEAR)) yield { from: offset, to: offset + length };
}

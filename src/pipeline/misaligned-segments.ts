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
  const byShift: MisalignedSegment[][] = Array.from({ length: WORD }, () => []);
  for (const { offset, address, length } of segments) {
    const shift = Number(BigInt.asUintN(3, BigInt(offset) - address));
    const first = offset + Number(BigInt.asUintN(3, -address));
    if (shift !== 0 && first + WORD <= offset + length) {
      byShift[shift]!.push({ from: first, to: offset + length });
    }
  }
  for (const ranges of byShift) yield* merged(ranges);
}

/** Merges ranges of one shift: their starts are congruent modulo 8. */
function* merged(ranges: MisalignedSegment[]): Generator<MisalignedSegment> {
  ranges.sort((a, b) => a.from - b.from);
  let open: MisalignedSegment | undefined;
  for (const range of ranges) {
    if (open !== undefined && range.from <= open.to + NEAR) {
      open.to = Math.max(open.to, range.to);
      continue;
    }
    if (open !== undefined) yield open;
    open = { ...range };
  }
  if (open !== undefined) yield open;
}

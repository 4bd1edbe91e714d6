import type { Segment } from '../formats/memory/types.js';

/** Bytes of a file, from the first word that is aligned in memory. */
export interface MisalignedSegment {
  from: number;
  to: number;
}

/** Bytes of a word. */
const WORD = 8;
/** Ranges that lie no further apart are swept as one: the bytes between them cost less than another sweep. */
const NEAR = 64 * 1024;

/**
 * The ranges whose words lie at another offset in the file than by address, modulo 8. However many segments claim a byte, it
 * stands in at most one range of each of the seven shifts.
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
  for (const ranges of byShift) yield* united(ranges);
}

/** Ranges of one shift: the start of each is a multiple of 8 away from that of every other. */
function* united(ranges: MisalignedSegment[]): Generator<MisalignedSegment> {
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

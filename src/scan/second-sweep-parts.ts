import type { OffsetRange } from '../search/core/run-list.js';

/** A part of a file that is swept once more, within a range whose words are aligned alike. */
export interface SweptPart extends OffsetRange {
  within: OffsetRange;
}

/** The parts of ranges that lie in dense memory; both ascend, but `ranges` may overlap. */
export function* partsOf(
  ranges: readonly OffsetRange[],
  dense: readonly OffsetRange[],
): Generator<SweptPart> {
  for (const within of ranges) {
    for (const each of dense) {
      const from = Math.max(within.from, each.from);
      const to = Math.min(within.to, each.to);
      if (from < to) yield { from, to, within };
    }
  }
}

/** Groups parts, in their order, to at most this many bytes; longer ones are cut. */
export function* groupsOf(parts: Iterable<SweptPart>, bytes: number): Generator<SweptPart[]> {
  let group: SweptPart[] = [];
  let room = bytes;
  for (const { to, within, ...part } of parts)
    for (let { from } = part; from < to; ) {
      const end = Math.min(to, from + room);
      group.push({ from, to: end, within });
      room -= end - from;
      from = end;
      if (room > 0) continue;
      yield group;
      group = [];
      room = bytes;
    }
  if (group.length > 0) yield group;
}

import { indexByRange } from './region-rules.js';
import type { SegmentMap } from './segment-map.js';

/** Addresses of a module's file in memory. */
export interface ModuleRange {
  start: bigint;
  end: bigint;
}

/**
 * Which file offsets hold bytes of a program or library as they are in its file. `isWritable`: the memory at
 * an address, of the segment with an index, may have been written.
 */
export function fileBacked(
  map: SegmentMap,
  ranges: readonly ModuleRange[],
  isWritable: (address: bigint, segment: number) => boolean,
): (offset: number) => boolean {
  const rangeAt = indexByRange(ranges, ({ start, end }) => [start, end]);
  return (offset) => {
    const index = map.indexAt(offset);
    const segment = map.segments[index];
    if (segment === undefined) return false;
    const address = segment.address + BigInt(offset - segment.offset);
    return rangeAt(address) >= 0 && !isWritable(address, index);
  };
}

/** The mappings of executables and libraries. */
export const moduleRanges = <T extends ModuleRange>(
  mappings: readonly T[],
  fileOf: readonly { isModule: boolean }[],
): T[] => mappings.filter((_, index) => fileOf[index]?.isModule === true);

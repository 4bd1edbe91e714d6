import { definedFields } from '../../core/base/runtime/defined.js';
import type { AddressSpace, Region } from '../../core/model/report.js';
import { SegmentMap } from './segment-map.js';
import type { ParsedDump, WithEdges } from './types.js';

/** What a format supplies; the mapping from offsets to addresses is the same for all. */
interface DumpParts extends Omit<ParsedDump, 'locate' | 'seams' | 'unread' | 'edges'> {
  unread?: ParsedDump['unread'];
  /** The space of every segment. */
  addressSpace?: AddressSpace;
  /** The region at a file offset; `segment` is the index of the segment that contains it, or -1. */
  regionAt: ((offset: number, segment: number) => Region) & Partial<WithEdges>;
}

/** A dump with the segments that its headers describe. */
export function parsedDump({ regionAt, addressSpace, ...parts }: DumpParts): ParsedDump {
  const map = SegmentMap.of(parts.segments);
  return {
    unread: [],
    ...parts,
    ...definedFields({ edges: regionAt.edges }),
    locate(offset) {
      const index = map.indexAt(offset);
      const segment = map.segments[index];
      const region = regionAt(offset, index);
      if (segment === undefined) return { addressSpace, region };
      return { address: segment.address + BigInt(offset - segment.offset), addressSpace, region };
    },
    seams: () => map.seams(),
  };
}

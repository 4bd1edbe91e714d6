import { MemoryCoverage } from './memory-coverage.js';
import type { Segment } from './types.js';

/** Linux's vm.max_map_count is 65,530; Elasticsearch raises it to 262,144. Twice that costs 60 MB here. */
export const MAX_SEGMENTS = 2 ** 19;

/** Collects the segments of a dump from its headers, and how much of their memory is in the file. */
export class SegmentCollector<S extends Segment = Segment> {
  readonly segments: S[] = [];
  readonly coverage = new MemoryCoverage();
  /** Segments beyond {@link MAX_SEGMENTS}. */
  dropped = 0;
  readonly #fileLength: number;

  constructor(fileLength: number) {
    this.#fileLength = fileLength;
  }

  /** Adds a segment as its header describes it, and truncates it to the file and the address space. */
  add(segment: S): void {
    const { address, offset, length } = segment;
    const inFile = Math.max(0, Math.min(length, this.#fileLength - offset));
    this.coverage.add(address, length, inFile);
    if (inFile === 0) return;
    if (this.segments.length >= MAX_SEGMENTS) {
      this.dropped++;
      return;
    }
    segment.length = untilWrap(address, inFile);
    this.segments.push(segment);
  }

  /** All segments, ascending by offset. */
  sorted(): S[] {
    return this.segments.sort((a, b) => a.offset - b.offset);
  }
}

/** The length of a segment, limited to the end of the address space. */
function untilWrap(address: bigint, length: number): number {
  const toEnd = 2n ** 64n - address;
  return toEnd < BigInt(length) ? Number(toEnd) : length;
}

import { Intervals } from '../../core/base/bytes/intervals.js';
import type { Seam, Segment } from './types.js';

/** A byte of memory that is in the file. */
export interface MemoryPlace {
  segment: Segment;
  /** Index of the segment. */
  index: number;
  /** File offset of the byte. */
  offset: number;
}

const maps = new WeakMap<readonly Segment[], SegmentMap>();

/** Address of the first byte after a segment. */
function endAddress(segment: Segment): bigint {
  return segment.address + BigInt(segment.length);
}

/** Looks up segments by file offset and by address. Segments may overlap in both. */
export class SegmentMap {
  readonly segments: readonly Segment[];
  readonly #byOffset: Intervals;
  readonly #byAddress: Intervals;

  private constructor(segments: readonly Segment[]) {
    this.segments = segments;
    const count = segments.length;
    this.#byOffset = new Intervals(
      count,
      (index) => BigInt(segments[index]!.offset),
      (index) => BigInt(segments[index]!.offset + segments[index]!.length),
    );
    this.#byAddress = new Intervals(
      count,
      (index) => segments[index]!.address,
      (index) => endAddress(segments[index]!),
    );
  }

  /** The map of a list of segments, cached by the list's identity. */
  static of(segments: readonly Segment[]): SegmentMap {
    const known = maps.get(segments);
    if (known !== undefined) return known;
    const map = new SegmentMap(segments);
    maps.set(segments, map);
    return map;
  }

  /** Index of the segment that contains a file offset, or -1. */
  indexAt(offset: number): number {
    return this.#byOffset.find(BigInt(offset));
  }

  /** The place at a file offset. */
  at(offset: number): MemoryPlace | undefined {
    const index = this.indexAt(offset);
    return index < 0 ? undefined : { segment: this.segments[index]!, index, offset };
  }

  /** The place at an address. */
  place(address: bigint): MemoryPlace | undefined {
    const index = this.#byAddress.find(address);
    if (index < 0) return undefined;
    const segment = this.segments[index]!;
    return { segment, index, offset: segment.offset + Number(address - segment.address) };
  }

  /** The place that follows a segment by address. */
  after(segment: Segment): MemoryPlace | undefined {
    return this.place(endAddress(segment));
  }

  /** The place that precedes a segment by address. */
  before(segment: Segment): MemoryPlace | undefined {
    return segment.address === 0n ? undefined : this.place(segment.address - 1n);
  }

  /**
   * Every step that {@link after} or {@link before} takes between places not adjacent in the file, each once.
   */
  *seams(): Generator<Seam> {
    for (const segment of this.segments) {
      const endOffset = segment.offset + segment.length;
      const next = this.after(segment);
      if (next !== undefined && next.offset !== endOffset) {
        yield { endOffset, offset: next.offset, address: endAddress(segment) };
      }
      const previous = this.before(segment);
      if (previous === undefined || previous.offset + 1 === segment.offset) continue;
      const alreadyYielded =
        endAddress(previous.segment) === segment.address &&
        this.place(segment.address)?.offset === segment.offset;
      if (alreadyYielded) continue;
      yield { endOffset: previous.offset + 1, offset: segment.offset, address: segment.address };
    }
  }
}

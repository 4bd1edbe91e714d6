import type { MissingMemory } from '../../core/model/report.js';
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

/** Ranges of missing memory listed one by one; one further entry sums up the rest. */
const MAX_LISTED = 256;
const REASON = 'beyond the end of the file';

/**
 * Bytes of memory described by headers, and present in the file. described = present + sum of missing
 * lengths.
 */
export class MemoryCoverage {
  described = 0;
  present = 0;
  readonly #missing: { address: bigint; length: number }[] = [];
  #rest: { address: bigint; length: number; ranges: number } | undefined;

  /** A range of `length` bytes at `address`, of which the first `inFile` bytes are in the file. */
  add(address: bigint, length: number, inFile: number): void {
    // A header can claim 2^64 bytes: the sum is capped at the largest exact integer.
    const described = Math.min(length, Number.MAX_SAFE_INTEGER - this.described);
    const present = Math.min(inFile, described);
    this.described += described;
    this.present += present;
    if (present < described) this.#addMissing(address + BigInt(present), described - present);
  }

  #addMissing(address: bigint, length: number): void {
    const last = this.#missing.at(-1);
    if (last !== undefined && this.#rest === undefined && last.address + BigInt(last.length) === address) {
      last.length += length;
    } else if (this.#missing.length < MAX_LISTED) {
      this.#missing.push({ address, length });
    } else {
      this.#rest ??= { address, length: 0, ranges: 0 };
      this.#rest.length += length;
      this.#rest.ranges++;
    }
  }

  /** `coverage.memory` of the report. */
  facts(): { described: number; present: number; missing: MissingMemory[] } {
    const missing = this.#missing.map(({ address, length }) => entry(address, length, REASON));
    if (this.#rest !== undefined) {
      const { address, length, ranges } = this.#rest;
      missing.push(entry(address, length, `${REASON}, in ${ranges} ranges from this address on`));
    }
    return { described: this.described, present: this.present, missing };
  }
}

function entry(address: bigint, length: number, reason: string): MissingMemory {
  return { address: `0x${address.toString(16)}`, length, reason };
}

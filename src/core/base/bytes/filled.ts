import { partitionPoint } from './binary-search.js';
import type { ByteReader } from './storage.js';

/** Ranges of a file that are read as one repeated byte each: ascending and disjoint, in shared memory. */
export interface FilledRanges {
  /** Offset of the first byte of each. */
  readonly starts: Float64Array<SharedArrayBuffer>;
  /** Offset of the first byte after each. */
  readonly ends: Float64Array<SharedArrayBuffer>;
  /** The byte of each. */
  readonly fills: Uint8Array<SharedArrayBuffer>;
}

/** Bytes of a file that are read as one repeated byte. */
export interface FilledSpan {
  readonly offset: number;
  readonly length: number;
  /** The byte that takes their place. */
  readonly fill: number;
}

/** Columns of spans, which are ascending and disjoint. */
export function filledRanges(spans: readonly FilledSpan[]): FilledRanges {
  const doubles = (): Float64Array<SharedArrayBuffer> =>
    new Float64Array(new SharedArrayBuffer(spans.length * Float64Array.BYTES_PER_ELEMENT));
  const ranges = {
    starts: doubles(),
    ends: doubles(),
    fills: new Uint8Array(new SharedArrayBuffer(spans.length)),
  };
  for (const [index, { offset, length, fill }] of spans.entries()) {
    ranges.starts[index] = offset;
    ranges.ends[index] = offset + length;
    ranges.fills[index] = fill;
  }
  return ranges;
}

/** Ranges with one byte in all: ascending and disjoint. */
export function filledWith(fill: number, starts: Float64Array, ends: Float64Array): FilledRanges {
  const copied = (column: Float64Array): Float64Array<SharedArrayBuffer> => {
    const copy = new Float64Array(new SharedArrayBuffer(column.byteLength));
    copy.set(column);
    return copy;
  };
  const fills = new Uint8Array(new SharedArrayBuffer(starts.length)).fill(fill);
  return { starts: copied(starts), ends: copied(ends), fills };
}

/** Overwrites what lies in a filled range of bytes that were read at an offset. */
function fillIn({ starts, ends, fills }: FilledRanges, offset: number, bytes: Uint8Array): void {
  const end = offset + bytes.length;
  for (let i = partitionPoint(ends.length, (at) => ends[at]! <= offset); i < ends.length; i++) {
    if (starts[i]! >= end) return;
    bytes.fill(fills[i]!, Math.max(0, starts[i]! - offset), Math.min(end, ends[i]!) - offset);
  }
}

/** Reads another reader's bytes through ranges that are filled. */
export function filledReader(stored: ByteReader, ranges: FilledRanges): ByteReader {
  return {
    ...stored,
    length: stored.length,
    read(offset, target) {
      const bytes = stored.read(offset, target);
      fillIn(ranges, offset, target.subarray(0, bytes));
      return bytes;
    },
  };
}

import { upperBound } from '../../../core/base/bytes/binary-search.js';
import type { Reading } from '../../../core/encodings/reading.js';
import { scannable } from '../../../known/known-scanner.js';

/** Zeros between two readings: no part of a key goes over them, and no rule. */
const BETWEEN = 64;

/** Readings one after another in memory, to be searched at once. */
export class ReadingBatch {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly #readings: readonly Reading[];
  readonly #starts: number[] = [];

  constructor(readings: readonly Reading[]) {
    this.#readings = readings;
    let size = 0;
    for (const { bytes } of readings) {
      this.#starts.push(size);
      size += bytes.length + BETWEEN;
    }
    this.length = size;
    this.bytes = scannable(size);
    for (const [index, { bytes }] of readings.entries()) this.bytes.set(bytes, this.#starts[index]!);
  }

  /** Where the bytes [start, end) come from. */
  *places(start: number, end: number): Generator<ReturnType<Reading['origin']>> {
    const starts = this.#starts;
    for (let index = Math.max(0, upperBound(starts, start) - 1); index < starts.length; index++) {
      const from = starts[index]!;
      if (from >= end) break;
      const { bytes, origin } = this.#readings[index]!;
      const [first, last] = [Math.max(0, start - from), Math.min(bytes.length, end - from)];
      if (first < last) yield origin(first, last);
    }
  }
}

/** Splits items into batches of about `size` bytes, each of at least one item. */
export function* batchesOf<T>(
  items: Iterable<T>,
  size: number,
  bytesOf: (item: T) => number,
): Generator<T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const item of items) {
    batch.push(item);
    bytes += bytesOf(item);
    if (bytes < size) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

import { upperBound } from '../../../core/base/bytes/binary-search.js';
import type { ByteReader, Storage } from '../../../core/base/bytes/storage.js';
import { inTurns, type Pausing } from '../../../core/base/runtime/turns.js';
import { type Reading, releaseScratch } from '../../../core/encodings/reading.js';
import { scanBytes } from '../../../detect/rulebook/scan-bytes.js';
import { KnownScanner, scannable } from '../../../known/known-scanner.js';
import { defineJob } from '../../../sweep/job.js';
import type { SweepPool } from '../../../sweep/pool.js';
import type { Fill } from '../../core/fill.js';
import type { SecretSources } from '../compressed/secret-test.js';
import { budgetFor } from '../compressed/streams.js';
import { FORMS } from './plain-bytes.js';
import { COLUMNS, narrowed, printedTasks, job as search } from './printed-job.js';
import { formsIn } from './text-parts.js';
import { textRuns } from './text-runs.js';

const PRINTED_JOB = defineJob<typeof import('./printed-job.js')>(
  new URL('./printed-job.js', import.meta.url),
);

export interface PrintedSetup extends SecretSources {
  pool: Pick<SweepPool, 'map'>;
  /** Opens the storage. */
  open: (storage: Storage) => ByteReader;
  /** Called once if the budget was spent before the end of the file. */
  onLimit?: () => void;
  signal?: AbortSignal | undefined;
}

/**
 * Bytes that are printed as text (lists of numbers, hex dumps, escapes, base64 of text), in up to three
 * encodings one inside another, where what they print is a part of a known key, a known value or a finding.
 */
export async function* printedFills(storage: Storage, setup: PrintedSetup): AsyncGenerator<Fill> {
  const { pool, open, onLimit, signal } = setup;
  const reader = open(storage);
  const places = new PrintedPlaces(setup, budgetFor(storage.length));
  const { table, values } = setup;
  for await (const parts of pool.map(PRINTED_JOB, printedTasks(storage, { table, values }), search)) {
    for await (const { start, end } of inTurns(places.inParts(partsIn(reader, parts)), signal))
      yield { offset: start, length: end - start, cause: 'printed bytes' };
    if (places.isSpent) return onLimit?.();
  }
}

/** The parts that a task has found. They are near each other, and are read at once. */
function partsIn(reader: ByteReader, rows: Float64Array): PrintedPart[] {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (let at = 0; at < rows.length; at += COLUMNS) {
    first = Math.min(first, rows[at + 1]!);
    last = Math.max(last, rows[at + 1]! + rows[at + 2]! * rows[at + 3]!);
  }
  if (rows.length === 0) return [];
  const block = new Uint8Array(last - first);
  const stored = block.subarray(0, reader.read(first, block));
  const parts: PrintedPart[] = [];
  for (let at = 0; at < rows.length; at += COLUMNS) {
    const [forms = 0, offset = 0, count = 0, stride = 1] = rows.subarray(at, at + COLUMNS);
    const start = offset - first;
    const bytes = stride === 1 ? stored.subarray(start, start + count) : narrowed(stored, start, count);
    const origin = (from: number, to: number) => ({
      start: offset + stride * from,
      end: Math.min(offset + stride * to, reader.length),
    });
    parts.push({ forms, text: { bytes, origin } });
  }
  return parts;
}

/** Encodings one inside another. */
const DEEPEST = 3;
/** Decoded bytes that are searched at once; a longer reading is searched alone. */
const BATCH = 2 ** 18;
/** Bytes of texts that are scanned at once. */
const SCANNED = 2 ** 16;
/** Characters that are decoded before scratch memory is used again. */
const GROUP = 2 ** 15;
/** What a scan costs besides its bytes. */
const TEST = 2048;

/** A part of a text, and its forms. */
interface PrintedPart {
  forms: number;
  text: Reading;
}

type Place = ReturnType<Reading['origin']>;

/** Decodes parts of texts, within a budget, and finds secrets in what they print. */
class PrintedPlaces {
  readonly #book: SecretSources['book'];
  readonly #table: SecretSources['table'];
  readonly #values: SecretSources['values'];
  #left: number;

  /** `budget`: of decoded bytes. */
  constructor({ book, table, values }: SecretSources, budget: number) {
    this.#book = book;
    this.#table = table;
    this.#values = values;
    this.#left = budget;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /** Places of secrets that parts of a text print, and parts of what they print. */
  *inParts(parts: readonly PrintedPart[]): Pausing<Place> {
    for (const group of batchesOf(parts, GROUP, ({ text }) => text.bytes.length)) {
      yield* this.#inGroup(group);
      releaseScratch();
    }
  }

  *#inGroup(parts: readonly PrintedPart[]): Pausing<Place> {
    for (let [depth, outer] = [1, parts]; outer.length > 0; depth++) {
      const inner: PrintedPart[] = [];
      for (const readings of this.#decoded(outer)) {
        yield;
        yield* this.#ofKnown(readings);
        yield;
        const texts = readings.filter((reading) => this.#isText(reading, depth < DEEPEST ? inner : []));
        for (const batch of batchesOf(texts, SCANNED, ({ bytes }) => bytes.length)) {
          yield* this.#ofFindings(batch);
          yield;
        }
      }
      outer = inner;
    }
  }

  /** What parts print, in batches. */
  *#decoded(parts: readonly PrintedPart[]): Generator<Reading[]> {
    let readings: Reading[] = [];
    let size = 0;
    for (const { forms, text } of parts)
      for (const { bit, read } of FORMS)
        for (const reading of (forms & bit) === 0 ? [] : read(text, 'fill')) {
          this.#left -= reading.bytes.length;
          if (this.isSpent) return;
          readings.push(reading);
          size += reading.bytes.length;
          if (size < BATCH) continue;
          yield readings;
          [readings, size] = [[], 0];
        }
    if (readings.length > 0) yield readings;
  }

  /** Places of known values and of parts of known keys. */
  *#ofKnown(readings: readonly Reading[]): Generator<Place> {
    const batch = new ReadingBatch(readings);
    const { bytes, length } = batch;
    const found: (readonly [start: number, end: number])[] = [];
    for (const table of [this.#values, this.#table])
      new KnownScanner(table, bytes).scan(length, 0, length, (start, end) => found.push([start, end]));
    bytes.fill(0);
    for (const [start, end] of found) yield* batch.places(start, end);
  }

  /** Places of what a scan finds in texts. */
  *#ofFindings(texts: readonly Reading[]): Generator<Place> {
    const batch = new ReadingBatch(texts);
    this.#left -= TEST + batch.length;
    for (const { extents } of scanBytes(batch.bytes, this.#book))
      for (const { offset, length } of extents) yield* batch.places(offset, offset + length);
    batch.bytes.fill(0);
  }

  /** True if what is printed has text; its parts that print bytes are added to `inner`. */
  #isText(reading: Reading, inner: PrintedPart[]): boolean {
    const { bytes } = reading;
    const runs: [start: number, count: number, stride: 1 | 2][] = [];
    textRuns(bytes, bytes.length, (...run) => runs.push(run));
    for (const [start, count, stride] of runs) {
      const text = stride === 1 ? bytes.subarray(start, start + count) : narrowed(bytes, start, count);
      formsIn(text, true, (forms, from, to) => {
        const origin = (first: number, last: number) =>
          reading.origin(
            start + stride * (from + first),
            Math.min(bytes.length, start + stride * (from + last)),
          );
        inner.push({ forms, text: { bytes: text.subarray(from, to), origin } });
      });
    }
    return runs.length > 0;
  }
}

/** Zeros between two readings: no part of a key goes over them, and no rule. */
const BETWEEN = 64;

/** Readings one after another in memory, to be searched at once. */
class ReadingBatch {
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
function* batchesOf<T>(items: Iterable<T>, size: number, bytesOf: (item: T) => number): Generator<T[]> {
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

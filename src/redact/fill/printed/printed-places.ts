import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { Reading } from '../../../core/encodings/reading.js';
import { releaseScratch } from '../../../core/encodings/scratch.js';
import { scanBytes } from '../../../detect/rulebook/scan-bytes.js';
import { KnownScanner } from '../../../known/known-scanner.js';
import type { SecretSources } from '../compressed/secret-test.js';
import { FORMS } from './plain-bytes.js';
import { narrowed } from './printed-job.js';
import { batchesOf, ReadingBatch } from './reading-batch.js';
import { formsIn } from './text-parts.js';
import { textRuns } from './text-runs.js';

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
export interface PrintedPart {
  forms: number;
  text: Reading;
}

type Place = ReturnType<Reading['origin']>;

/** Decodes parts of texts, within a budget, and finds secrets in what they print. */
export class PrintedPlaces {
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

import { upperBound } from '../../../base/bytes/binary-search.js';
import {
  type Decoder,
  readBase64,
  readByteList,
  readEscaped,
  readHex,
  readHexWords,
} from '../../../base/encodings/decoders.js';
import type { Reading } from '../../../base/encodings/reading.js';
import { releaseScratch } from '../../../base/encodings/scratch.js';
import { scanBytes } from '../../../rulebook/scan-bytes.js';
import type { SecretSources } from '../compressed/secret-test.js';
import { ValueIndex } from '../compressed/value-index.js';
import { WindowScanner } from '../windows/window-scanner.js';
import { readHexItems, readIntegers } from './number-lists.js';
import { narrowed } from './printed-job.js';
import { FORM, formsIn } from './text-forms.js';
import { textRuns } from './text-runs.js';

/** Encodings one inside another. */
const DEEPEST = 3;
/** Decoded bytes that are searched at once; a longer reading is searched alone. */
const BATCH = 2 ** 20;
/** Bytes between them, over which no part of a key goes. */
const BETWEEN = 16;
/** What a test by rules costs besides its bytes. */
const TEST = 2048;

const DECODERS: readonly (readonly [form: number, decoders: readonly Decoder[]])[] = [
  [FORM.base64, [readBase64]],
  [FORM.pairs, [readHex, readHexItems]],
  [FORM.words, [readHexWords]],
  [FORM.decimals, [readByteList]],
  [FORM.integers, [readIntegers]],
  [FORM.escapes, [readEscaped]],
];

/** A part of a text, and its forms. */
export interface Part {
  forms: number;
  text: Reading;
}

type Place = ReturnType<Reading['origin']>;

/** Decodes parts of texts, within a budget, and finds secrets in what they print. */
export class PrintedPlaces {
  readonly #book: SecretSources['book'];
  readonly #table: SecretSources['table'];
  readonly #known: ValueIndex;
  #left: number;

  /** `budget`: of decoded bytes. */
  constructor({ book, table, values }: SecretSources, budget: number) {
    this.#book = book;
    this.#table = table;
    this.#known = new ValueIndex(values);
    this.#left = budget;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /** Places of secrets that parts of a text print, and parts of what they print. */
  *inParts(parts: readonly Part[]): Generator<Place> {
    for (let [depth, outer] = [1, parts]; outer.length > 0; depth++) {
      const inner: Part[] = [];
      for (const readings of this.#decoded(outer)) {
        yield* this.#ofKnown(readings);
        for (const reading of readings) yield* this.#found(reading, depth < DEEPEST ? inner : []);
      }
      outer = inner;
    }
    releaseScratch();
  }

  /** What parts print, in batches. */
  *#decoded(parts: readonly Part[]): Generator<Reading[]> {
    let readings: Reading[] = [];
    let size = 0;
    for (const { forms, text } of parts)
      for (const [form, decoders] of DECODERS)
        for (const decode of (forms & form) === 0 ? [] : decoders)
          for (const reading of decode(text)) {
            this.#left -= reading.bytes.length;
            if (this.isSpent) return;
            readings.push(reading);
            size += reading.bytes.length + BETWEEN;
            if (size < BATCH) continue;
            yield readings;
            [readings, size] = [[], 0];
          }
    if (readings.length > 0) yield readings;
  }

  /** Places of known values and of parts of known keys. */
  *#ofKnown(readings: readonly Reading[]): Generator<Place> {
    const starts: number[] = [];
    let size = 0;
    for (const { bytes } of readings) {
      starts.push(size);
      size += bytes.length + BETWEEN;
    }
    // Whole words at the start of their memory.
    const all = new Uint8Array(4 * Math.ceil(size / 4) + 8);
    for (const [index, { bytes }] of readings.entries()) all.set(bytes, starts[index]!);
    const found: (readonly [start: number, end: number])[] = [...this.#known.places(all.subarray(0, size))];
    if (this.#table.data.length > 0)
      new WindowScanner(this.#table, all).scan(size, 0, size, (start, end) => found.push([start, end]));
    all.fill(0);
    for (const [start, end] of found)
      for (let index = upperBound(starts, start) - 1; index < starts.length; index++) {
        const from = starts[index]!;
        if (from >= end) break;
        const { bytes, origin } = readings[index]!;
        const [first, last] = [Math.max(0, start - from), Math.min(bytes.length, end - from)];
        if (first < last) yield origin(first, last);
      }
  }

  /** Places of findings, if what is printed is text; its parts that print bytes are added to `inner`. */
  *#found(reading: Reading, inner: Part[]): Generator<Place> {
    const { bytes } = reading;
    const runs: [start: number, count: number, stride: 1 | 2][] = [];
    textRuns(bytes, bytes.length, (...run) => runs.push(run));
    if (runs.length === 0) return;
    this.#left -= TEST + bytes.length;
    for (const { extents } of scanBytes(bytes, this.#book))
      for (const { offset, length } of extents) yield reading.origin(offset, offset + length);
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
  }
}

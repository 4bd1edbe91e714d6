import type { Reader, Storage } from '../../../base/bytes/storage.js';
import type { Secret } from '../../../base/crypto/secret.js';
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
import type { Rulebook } from '../../../rulebook/rulebook.js';
import { scanBytes } from '../../../rulebook/scan-bytes.js';
import { defineJob } from '../../../sweep/job.js';
import type { SweepPool } from '../../../sweep/pool.js';
import type { Fill } from '../../core/fill.js';
import { ValueIndex } from '../compressed/value-index.js';
import { WindowScanner } from '../windows/window-scanner.js';
import type { WindowTable } from '../windows/window-table.js';
import { readHexItems, readIntegers } from './number-lists.js';
import { COLUMNS, narrowed, printedTasks, job as search } from './printed-job.js';
import { FORM, formsIn } from './text-forms.js';
import { textRuns } from './text-runs.js';

const PRINTED_JOB = defineJob<typeof import('./printed-job.js')>(
  new URL('./printed-job.js', import.meta.url),
);

/** Encodings one inside another. */
const DEEPEST = 3;
/** Decoded bytes of all parts, for each byte of the file. */
const DECODED_EACH = 16;
const LEAST_BUDGET = 2 ** 26;
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

export interface PrintedSetup {
  book: Rulebook;
  /** Of the proven keys. */
  table: WindowTable;
  values: readonly Secret[];
  pool: Pick<SweepPool, 'map'>;
  /** Opens the storage. */
  open: (storage: Storage) => Reader;
  /** Called once if the budget was spent before the end of the file. */
  onLimit?: () => void;
}

/**
 * Bytes that are printed as text (lists of numbers, hex dumps, escapes, base64 of text), in up to three
 * encodings one inside another, where what they print is a part of a known key, a known value or a finding.
 */
export async function* printedFills(storage: Storage, setup: PrintedSetup): AsyncGenerator<Fill> {
  const { pool, open, onLimit } = setup;
  const reader = open(storage);
  const places = new PrintedPlaces(setup, Math.max(LEAST_BUDGET, DECODED_EACH * storage.length));
  for await (const parts of pool.map(PRINTED_JOB, printedTasks(storage), search))
    for (let at = 0; at < parts.length; at += COLUMNS) {
      const [forms = 0, offset = 0, count = 0, stride = 1] = parts.subarray(at, at + COLUMNS);
      const stored = new Uint8Array(stride * count);
      const length = reader.read(offset, stored);
      const bytes = stride === 1 ? stored.subarray(0, length) : narrowed(stored, 0, count);
      const origin = (start: number, end: number) => ({
        start: offset + stride * start,
        end: Math.min(offset + stride * end, storage.length),
      });
      for (const { start, end } of places.inPart({ bytes, origin }, forms, DEEPEST))
        yield { offset: start, length: end - start, cause: 'printed bytes' };
      releaseScratch();
      if (places.isSpent) return onLimit?.();
    }
}

type Place = ReturnType<Reading['origin']>;

/** Decodes parts of texts, within a budget, and finds secrets in what they print. */
class PrintedPlaces {
  readonly #book: Rulebook;
  readonly #table: WindowTable;
  readonly #known: ValueIndex;
  #left: number;

  constructor({ book, table, values }: PrintedSetup, budget: number) {
    this.#book = book;
    this.#table = table;
    this.#known = new ValueIndex(values);
    this.#left = budget;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /** Places of secrets that a part of a text prints by some forms. */
  *inPart(text: Reading, forms: number, depth: number): Generator<Place> {
    for (const [form, decoders] of DECODERS)
      for (const decode of (forms & form) === 0 ? [] : decoders)
        for (const reading of decode(text)) {
          this.#left -= reading.bytes.length;
          if (this.isSpent) return;
          yield* this.#inReading(reading, depth - 1);
        }
  }

  *#inReading(reading: Reading, depth: number): Generator<Place> {
    const { bytes } = reading;
    if (bytes.length === 0) return;
    for (const [start, end] of this.#known.places(bytes)) yield reading.origin(start, end);
    for (const [start, end] of this.#windows(bytes)) yield reading.origin(start, end);
    const runs: [start: number, count: number, stride: 1 | 2][] = [];
    textRuns(bytes, bytes.length, (...run) => runs.push(run));
    if (runs.length === 0) return;
    this.#left -= TEST + bytes.length;
    for (const { extents } of scanBytes(bytes, this.#book))
      for (const { offset, length } of extents) yield reading.origin(offset, offset + length);
    if (depth === 0) return;
    for (const [start, count, stride] of runs) {
      const text = stride === 1 ? bytes.subarray(start, start + count) : narrowed(bytes, start, count);
      const inner: Reading = {
        bytes: text,
        origin: (from, to) =>
          reading.origin(start + stride * from, Math.min(bytes.length, start + stride * to)),
      };
      const parts: [forms: number, start: number, end: number][] = [];
      formsIn(text, (...part) => parts.push(part));
      for (const [forms, from, to] of parts)
        yield* this.inPart(
          { bytes: text.subarray(from, to), origin: (a, b) => inner.origin(from + a, from + b) },
          forms,
          depth,
        );
    }
  }

  #windows(bytes: Uint8Array): [start: number, end: number][] {
    const found: [number, number][] = [];
    if (this.#table.data.length === 0) return found;
    // Whole words at the start of their memory.
    const words = new Uint8Array(4 * Math.ceil(bytes.length / 4) + 8);
    words.set(bytes);
    new WindowScanner(this.#table, words).scan(bytes.length, 0, bytes.length, (start, end) => {
      found.push([start, Math.min(end, bytes.length)]);
    });
    words.fill(0);
    return found;
  }
}

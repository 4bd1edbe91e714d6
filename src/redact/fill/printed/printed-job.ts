import type { Storage } from '../../../core/base/bytes/storage.js';
import { FORM } from '../../../core/encodings/text-forms.js';
import { KnownScanner } from '../../../known/known-scanner.js';
import type { KnownTable } from '../../../known/known-table.js';
import { hasNumericEnd } from '../../../known/value-table.js';
import { RangeReads, type TaskRange, taskRanges } from '../windows/task-ranges.js';
import { charactersInNumbers, MOST_BETWEEN, MOST_EACH, plainBytes } from './plain-bytes.js';
import { type FormFound, formsIn } from './text-parts.js';
import { textRuns, wideRuns } from './text-runs.js';

/** Bytes around a task that are read with it: the longest value with six characters a byte. */
const MARGIN = 2 ** 16;
/** Numbers of each part of the output: forms, offset, characters, bytes from one to the next. */
export const COLUMNS = 4;

interface PrintedTask extends TaskRange {
  known: KnownBytes;
}

/** Splits a storage into tasks, in file order. */
export function* printedTasks(storage: Storage, known: KnownBytes): Generator<PrintedTask> {
  for (const range of taskRanges(storage)) yield { ...range, known };
}

const reads = new RangeReads(MARGIN);

/** Parts of the text in a task that may print bytes of interest, as a job of the pool. They may overlap. */
export function job({ known, ...range }: PrintedTask): Float64Array {
  const { bytes, length, first } = reads.read(range);
  const { from, to } = range;
  const sieve = new PartSieve(known);
  const parts: number[] = [];
  const foundIn =
    (start: number, stride: 1 | 2): FormFound =>
    (forms, begin, until) => {
      parts.push(forms, first + start + stride * begin, until - begin, stride);
    };
  const search = (text: Uint8Array, start: number, stride: 1 | 2): void => {
    const found = foundIn(start, stride);
    formsIn(text, false, (forms, begin, until) => {
      if (first + start + stride * until <= from || first + start + stride * begin >= to) return;
      sieve.add({ text, forms, start: begin, end: until, found });
    });
  };
  // What has a form is text.
  search(bytes.subarray(0, length), 0, 1);
  wideRuns(bytes, length, (start, count) => search(narrowed(bytes, start, count), start, 2));
  sieve.finish();
  return Float64Array.from(parts);
}

/** Every second byte. */
export function narrowed(bytes: Uint8Array, start: number, count: number): Uint8Array {
  const text = new Uint8Array(count);
  for (let at = 0; at < count; at++) text[at] = bytes[start + 2 * at]!;
  return text;
}

/** Characters that are decoded at once. */
const SLICE = 2 ** 13;
/** Characters before a slice that are decoded with it: 16 characters of UTF-16, each byte a number. */
const OVERLAP = 512;
/** Decoded bytes that are tested at once. */
const TARGET = MOST_EACH * (SLICE + OVERLAP) + MOST_BETWEEN;
/** Characters around what may be a secret that are kept: its context; the longest value. */
const AROUND = { text: 2 ** 12, known: 2 ** 16 } as const;
/** Bytes of text in a row in what may be numbers alone: most pairs of decimal digits are a character. */
const TEXT_IN_NUMBERS = 32;

/** Forms that are found only by what they print: most print neither text nor a part of a known secret. */
const NOT_SIEVED = FORM.base64 | FORM.escapes;

/** What texts may print a part of, as plain data for any thread. */
interface KnownBytes {
  /** Windows of the proven keys. */
  table: KnownTable;
  /** The known values. */
  values: KnownTable;
}

/** A part of a text with a form. */
interface SievePart {
  text: Uint8Array;
  forms: number;
  start: number;
  end: number;
  found: FormFound;
}

/** Some characters of a part from `from` on, with those before them. */
interface Slice {
  part: SievePart;
  from: number;
  bytes: Uint8Array;
  /** Without hex if it has decimal numbers alone. */
  forms: number;
}

/** Leaves out the parts of texts, or pieces of them, that print nothing of interest. */
export class PartSieve {
  readonly #keys: KnownScanner;
  /** Finds the ends of values. */
  readonly #ends: KnownScanner;
  /** True if one of them has no letters in hex. */
  readonly #hasNumeric: boolean;
  /** A buffer of whole words. */
  readonly #target = new Uint8Array(TARGET);
  #used = 0;
  /** What the target has, by parts in their order. */
  #slices: Slice[] = [];
  #piece: { part: SievePart; start: number; end: number } | undefined;

  constructor({ table, values }: KnownBytes) {
    this.#keys = new KnownScanner(table, this.#target);
    this.#ends = new KnownScanner(values, this.#target, { byKey: true });
    this.#hasNumeric = hasNumericEnd(values);
  }

  /** Adds a part of a text. It is found, or pieces of it are, at {@link finish} at the latest. */
  add(part: SievePart): void {
    const { text, forms, start, end, found } = part;
    if ((forms & NOT_SIEVED) !== 0) {
      found(forms, start, end);
      return;
    }
    for (let from = start; from < end; from += SLICE) {
      const bytes = text.subarray(Math.max(start, from - OVERLAP), Math.min(end, from + SLICE));
      const characters = (forms & FORM.hex) === 0 ? -1 : charactersInNumbers(bytes);
      const isNumbers = characters >= 0;
      const slice = { part, from, bytes, forms: isNumbers ? forms & ~FORM.hex : forms };
      if (isNumbers && this.#heldByNumbers(bytes, characters)) this.#keep(slice, AROUND.known);
      if (slice.forms === 0) continue;
      if (this.#used + MOST_EACH * bytes.length + MOST_BETWEEN > TARGET) this.#test();
      this.#used = plainBytes(bytes, slice.forms, this.#target, this.#used);
      this.#slices.push(slice);
    }
  }

  finish(): void {
    this.#test();
    this.#target.fill(0);
    this.#endPiece();
  }

  /** Tests what the target has, in all and then each slice of it. */
  #test(): void {
    const slices = this.#slices;
    const around = this.#around(this.#used);
    if (around > 0 && slices.length === 1) this.#keep(slices[0]!, around);
    else if (around > 0)
      for (const slice of slices) {
        const own = this.#around(plainBytes(slice.bytes, slice.forms, this.#target, 0));
        if (own > 0) this.#keep(slice, own);
      }
    this.#slices = [];
    this.#used = 0;
  }

  /** Characters of interest around the decoded bytes; 0 if they hold nothing. */
  #around(length: number): number {
    const target = this.#target;
    let around = 0;
    textRuns(target, length, () => {
      around = AROUND.text;
    });
    const found = (): void => {
      around = AROUND.known;
    };
    this.#ends.scan(length, 0, length, found);
    this.#keys.scan(length, 0, length, found);
    return around;
  }

  /** True if decimal numbers, read as hex, may print long text or a known value. */
  #heldByNumbers(bytes: Uint8Array, characters: number): boolean {
    if (characters >= TEXT_IN_NUMBERS) return true;
    if (!this.#hasNumeric) return false;
    this.#test();
    let isHeld = false;
    const length = plainBytes(bytes, FORM.hex, this.#target, 0);
    this.#ends.scan(length, 0, length, () => {
      isHeld = true;
    });
    return isHeld;
  }

  #keep({ part, from }: Slice, around: number): void {
    const start = Math.max(part.start, from - around);
    const end = Math.min(part.end, from + SLICE + around);
    const piece = this.#piece;
    if (piece?.part === part && start <= piece.end) {
      piece.start = Math.min(piece.start, start);
      piece.end = Math.max(piece.end, end);
      return;
    }
    this.#endPiece();
    this.#piece = { part, start, end };
  }

  #endPiece(): void {
    const piece = this.#piece;
    this.#piece = undefined;
    piece?.part.found(piece.part.forms, piece.start, piece.end);
  }
}

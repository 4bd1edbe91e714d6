import { WindowScanner } from '../windows/window-scanner.js';
import type { WindowTable } from '../windows/window-table.js';
import { MOST_EACH, PLAIN } from './plain-bytes.js';
import { FORM, type FormFound } from './text-forms.js';
import { textRuns } from './text-runs.js';
import { endsIn, type ValueEnds } from './value-ends.js';

/** Characters that are decoded at once. */
const SLICE = 2 ** 13;
/** Characters before a slice that are decoded with it: 16 characters of UTF-16, each byte a number. */
const OVERLAP = 512;
/** Characters around what may be a secret that are kept: its context; the longest value. */
const AROUND = { text: 2 ** 12, known: 2 ** 16 } as const;

/** Lists, which must print text or a part of something known: most print neither. */
const LISTS = FORM.pairs | FORM.words | FORM.decimals | FORM.integers;

/** What the words of numbers in a text may be a part of, as plain data for any thread. */
export interface KnownBytes {
  /** Of the proven keys. */
  table: WindowTable;
  /** Of the known values. */
  ends: ValueEnds;
}

/** Leaves lists out of the parts of texts, or pieces of them, that print nothing of interest. */
export class PartSieve {
  readonly #ends: ValueEnds;
  readonly #scanner: WindowScanner | undefined;
  /** Of whole words. */
  readonly #target = new Uint8Array(MOST_EACH * (SLICE + OVERLAP) + 16);

  constructor({ table, ends }: KnownBytes) {
    this.#ends = ends;
    this.#scanner = table.data.length > 0 ? new WindowScanner(table, this.#target) : undefined;
  }

  /** The part of a text [start, end) or pieces of it, each with its forms. */
  sift(text: Uint8Array, [forms, start, end]: Parameters<FormFound>, found: FormFound): void {
    if ((forms & ~LISTS) !== 0) {
      found(forms, start, end);
      return;
    }
    let piece = { forms: 0, start, end: start };
    for (let at = start; at < end; at += SLICE) {
      const until = Math.min(end, at + SLICE);
      const { around, forms: held } = this.#heldBy(
        text.subarray(Math.max(start, at - OVERLAP), until),
        forms,
      );
      if (held === 0) continue;
      const [first, last] = [Math.max(start, at - around), Math.min(end, until + around)];
      if (piece.forms !== 0 && first > piece.end) {
        found(piece.forms, piece.start, piece.end);
        piece = { forms: 0, start: first, end: last };
      }
      if (piece.forms === 0) piece.start = first;
      piece.forms |= held;
      piece.end = Math.max(piece.end, last);
    }
    if (piece.forms !== 0) found(piece.forms, piece.start, piece.end);
  }

  /** Forms in which a text prints what may be a secret, and how much around it is of interest. */
  #heldBy(text: Uint8Array, forms: number): { forms: number; around: number } {
    const held = { forms: 0, around: 0 };
    for (const [form, plain] of PLAIN)
      if ((forms & form) !== 0)
        plain(text, this.#target, (length, leastText) => {
          const around = this.#around(length, leastText);
          if (around === 0) return;
          held.forms |= form;
          held.around = Math.max(held.around, around);
        });
    return held;
  }

  #around(length: number, leastText = 0): number {
    const target = this.#target;
    let around = 0;
    textRuns(target, length, (_start, count) => {
      if (count >= leastText) around = AROUND.text;
    });
    if (endsIn(this.#ends, target, length)) return AROUND.known;
    this.#scanner?.scan(length, 0, length, () => {
      around = AROUND.known;
    });
    return around;
  }
}

import { CONTEXT } from './value-run.js';

/**
 * UTF-16 of either byte order as one byte a character. The characters of a text have the same parity in both
 * orders, and a NUL between them; other units become NUL.
 */

/** Longest value: longer runs of tokens are documents. */
export const LONGEST_VALUE = 2048;

/** A narrowed run with its context. */
export class NarrowedRun {
  readonly text = new Uint8Array(LONGEST_VALUE + 2 * CONTEXT);
  /** The run. */
  start = 0;
  end = 0;
  /** End of the text. */
  length = 0;

  /** Narrows the run of `length` characters whose first one is `bytes[offset]`, at most the longest value. */
  read(bytes: Uint8Array, offset: number, length: number): void {
    const { text } = this;
    const before = Math.min(CONTEXT, offset >> 1);
    const first = offset - 2 * before;
    for (let i = 0; i < before; i++) text[i] = bytes[first + 2 * i + 1] === 0 ? bytes[first + 2 * i]! : 0;
    const count = Math.min(length, LONGEST_VALUE);
    for (let i = 0; i < count; i++) text[before + i] = bytes[offset + 2 * i]!;
    const end = offset + 2 * count;
    const after = Math.min(CONTEXT, Math.max(0, (bytes.length - end + 1) >> 1));
    const last = before + count;
    for (let i = 0; i < after; i++) text[last + i] = bytes[end + 2 * i - 1] === 0 ? bytes[end + 2 * i]! : 0;
    this.start = before;
    this.end = last;
    this.length = last + after;
  }
}

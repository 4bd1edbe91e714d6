/** A part of a known value in a buffer. */
export interface KnownMatch {
  /** Positions of the value that match: [from, to). */
  from: number;
  to: number;
  /** First byte in the buffer, and the byte after its last character's first. */
  start: number;
  end: number;
}

/** White space, and quotes between the pieces of a string literal. */
const isBreak = flags(' \t\r\n"\'');
const isEscaped = flags('nrt');
const BACKSLASH = 0x5c;
const SLASH = 0x2f;
/** Longest run of line breaks and indentation that is skipped between two characters. */
export const LONGEST_BREAK = 128;

function flags(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of Buffer.from(characters, 'latin1')) table[character] = 1;
  return table;
}

/** Compares values with a buffer, character by character. A step is the distance to the next one in bytes. */
export class Walker {
  bytes: Uint8Array;
  /** Bytes of the buffer that are compared. */
  length: number;
  readonly #anyBackslash: boolean;

  /** `anyBackslash`: all backslashes between characters are skipped, not just those of an escape. */
  constructor(bytes: Uint8Array, { anyBackslash = false } = {}) {
    this.bytes = bytes;
    this.length = bytes.length;
    this.#anyBackslash = anyBackslash;
  }

  /** The character at an index; -1 outside the buffer, or if the byte before a wide one is not NUL. */
  read(index: number, step: number): number {
    if (index < 0 || index >= this.length) return -1;
    if ((step === 2 || step === -2) && this.bytes[index - step / 2] !== 0) return -1;
    return this.bytes[index]!;
  }

  /**
   * Index of the next character from `index` on that is not part of a line break: real, JSON-escaped, or
   * between string literals.
   */
  skipBreaks(index: number, step: number): number {
    let at = index;
    for (let skipped = 0; skipped < LONGEST_BREAK; skipped++) {
      const length = this.#breakAt(at, step);
      if (length === 0) break;
      at += length * step;
    }
    return at;
  }

  /** Extends a match with the value in [first, last) of `data`. `text`: line breaks are skipped. */
  extend(
    match: KnownMatch,
    data: Uint8Array,
    first: number,
    last: number,
    stride: 1 | 2,
    text: boolean,
  ): void {
    let { from, to, start } = match;
    let end = match.end - 1;
    if (!text && stride === 1) {
      const { bytes, length } = this;
      for (; from > first && start > 0 && bytes[start - 1] === data[from - 1]; from--) start--;
      for (; to < last && end + 1 < length && bytes[end + 1] === data[to]; to++) end++;
    }
    for (; from > first; from--) {
      const beyond = from - 1 > first ? data[from - 2]! : -1;
      const next = this.#next(start, -stride, data[from - 1]!, beyond, text);
      if (next < 0) break;
      start = next;
    }
    for (; to < last; to++) {
      const next = this.#next(end, stride, data[to]!, -1, text);
      if (next < 0) break;
      end = next;
    }
    match.from = from;
    match.to = to;
    match.start = start;
    match.end = end + 1;
  }

  /** Index of the next character if it is the expected one, or -1. `beyond`: expected after it, backwards. */
  #next(at: number, step: number, expected: number, beyond: number, text: boolean): number {
    let index = at + step;
    if (!text) return this.read(index, step) === expected ? index : -1;
    // The `n` of an escaped line break may also be a character of the value.
    let last = -1;
    for (let skipped = 0; ; skipped++) {
      if (this.read(index, step) === expected) {
        if (step > 0 || isEscaped[expected] === 0 || beyond === BACKSLASH) return index;
        if (this.read(index + step, step) !== BACKSLASH) return index;
        if (this.#anyBackslash) last = index;
      }
      const length = skipped < LONGEST_BREAK ? this.#breakAt(index, step) : 0;
      if (length === 0) return last;
      index += length * step;
    }
  }

  /** Characters of a line break, quote or escape at an index; 0 for anything else. */
  #breakAt(index: number, step: number): number {
    const character = this.read(index, step);
    if (character < 0) return 0;
    if (isBreak[character] === 1) return 1;
    if (step < 0 && isEscaped[character] === 1) return this.read(index + step, step) === BACKSLASH ? 2 : 0;
    if (character !== BACKSLASH) return 0;
    const after = this.read(index + Math.abs(step), step);
    if (step > 0 && after >= 0 && isEscaped[after] === 1) return 2;
    // `\/` in JSON: the slash is the next character.
    return this.#anyBackslash || after === SLASH ? 1 : 0;
  }
}

import type { Wide } from '../../core/model/report.js';
import type { Window } from '../../formats/memory/types.js';
import type { WindowHit } from './windows.js';

/** Text in a window: one byte a character, or UTF-16. */

const BACKSLASH = 0x5c;
const NEWLINE = 10;

/** Escapes of JSON and C strings by the character after the backslash. */
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x6e, NEWLINE],
  [0x72, 13],
  [0x74, 9],
  [0x2f, 0x2f],
  [NEWLINE, NEWLINE],
  [13, 13],
]);

/** Characters of PEM and base64 that URLs (%2B), JSON (\u002b) and XML (&#43;) may write as numbers. */
const NUMBERED: ReadonlySet<number> = new Set([9, NEWLINE, 13, 0x20, 0x2b, 0x2d, 0x2f, 0x3d, 0x5f]);

export const isLineEnd = (code: number): boolean => code === NEWLINE || code === 13;

/**
 * Characters by index; the code is -1 outside the window and for characters that are not Latin-1. `read` also
 * resolves escapes (PEM inside JSON, source code, URLs and XML), at any depth of backslashes.
 */
export class Characters {
  /** UTF-16 byte order, undefined for one byte a character. */
  readonly wide: Wide | undefined;
  readonly length: number;
  /** Index after the character that `read` returned last. */
  next = 0;
  /** A character outside the window was read: the result may differ in a larger window. */
  leftWindow = false;
  readonly #bytes: Uint8Array;
  readonly #phase: number;
  /** Byte indices of the low and high octet of character 0; UTF-16 only has a high one. */
  readonly #low: number;
  readonly #high: number;

  /** `at`: index in the window of the first byte of any character; it decides the alignment of UTF-16. */
  constructor(window: Window, at: number, wide: Wide | undefined) {
    this.#bytes = window.bytes;
    this.wide = wide;
    this.#phase = wide === undefined ? 0 : at % 2;
    this.#low = this.#phase + (wide === 'be' ? 1 : 0);
    this.#high = this.#phase + (wide === 'be' ? 0 : 1);
    this.length =
      wide === undefined ? window.bytes.length : Math.floor((window.bytes.length - this.#phase) / 2);
  }

  /** Index of the character that begins at a byte. */
  indexOf(byte: number): number {
    return this.wide === undefined ? byte : (byte - this.#phase) >> 1;
  }

  /** Index in the window's bytes where a character begins. */
  byteOf(index: number): number {
    return this.wide === undefined ? index : this.#phase + 2 * index;
  }

  code(index: number): number {
    if (index < 0 || index >= this.length) {
      this.leftWindow = true;
      return -1;
    }
    if (this.wide === undefined) return this.#bytes[index]!;
    return this.#bytes[this.#high + 2 * index] === 0 ? this.#bytes[this.#low + 2 * index]! : -1;
  }

  /** The character at `index` with its escape resolved; sets `next`. */
  read(index: number): number {
    const code = this.code(index);
    this.next = index + 1;
    // `\`, `%` and `&` start every escape.
    if (code !== BACKSLASH && code !== 0x25 && code !== 0x26) return code;
    const escaped =
      code === BACKSLASH
        ? this.#backslash(index)
        : code === 0x25
          ? this.#percent(index)
          : this.#entity(index);
    return escaped ?? code;
  }

  /** First index in [from, to) whose entry in `table` (256 of Latin-1) is negative; `to` if none. */
  endOfSpan(table: Int8Array, from: number, to: number): number {
    const bytes = this.#bytes;
    let at = from;
    const end = Math.min(to, this.length);
    if (this.wide === undefined) {
      while (at < end && table[bytes[at]!]! >= 0) at++;
      this.leftWindow ||= at >= this.length;
      return at;
    }
    const [low, high] = [this.#low, this.#high];
    while (at < end && bytes[high + 2 * at] === 0 && table[bytes[low + 2 * at]!]! >= 0) at++;
    this.leftWindow ||= at >= this.length;
    return at;
  }

  /** Writes the `table` entries of the Latin-1 characters [from, to) to `out`, starting at `at`. */
  translate(table: Int8Array, from: number, to: number, out: Uint8Array, at: number): void {
    const bytes = this.#bytes;
    const [base, unit] = [this.#low, this.wide === undefined ? 1 : 2];
    for (let i = from, o = at; i < to; i++) out[o++] = table[bytes[base + unit * i]!]!;
  }

  /** Index after the line ends at `index`. */
  skipLineEnds(index: number): number {
    let at = index;
    for (let code = this.read(at); isLineEnd(code); code = this.read(at)) at = this.next;
    return at;
  }

  /** True if `text` is at `index`, unescaped. */
  has(text: string, index: number): boolean {
    for (let i = 0; i < text.length; i++) if (this.code(index + i) !== text.charCodeAt(i)) return false;
    return true;
  }

  /** Up to `most` Latin-1 characters starting at `index`. A string cannot be wiped: never for secrets. */
  slice(index: number, most: number): string {
    let text = '';
    for (let i = index; i < index + most && this.code(i) >= 0; i++) text += String.fromCharCode(this.code(i));
    return text;
  }

  #numeric(digits: string, radix: number, next: number): number | undefined {
    const value = /^[0-9A-Fa-f]+$/.test(digits) ? Number.parseInt(digits, radix) : -1;
    if (!NUMBERED.has(value)) return undefined;
    this.next = next;
    return value;
  }

  #backslash(index: number): number | undefined {
    let at = index + 1;
    while (at < index + 16 && this.code(at) === BACKSLASH) at++;
    const code = this.code(at);
    // \u002b
    if (code === 0x75) return this.#numeric(this.slice(at + 1, 4), 16, at + 5);
    const value = ESCAPES.get(code);
    if (value !== undefined) this.next = at + 1;
    return value;
  }

  /** %2B */
  #percent(index: number): number | undefined {
    return this.#numeric(this.slice(index + 1, 2), 16, index + 3);
  }

  /** &#10; and &#xA; */
  #entity(index: number): number | undefined {
    const match = /^&#(x?)([0-9A-Fa-f]{1,4});/.exec(this.slice(index, 9));
    return match === null
      ? undefined
      : this.#numeric(match[2]!, match[1] === '' ? 10 : 16, index + match[0].length);
  }
}

/**
 * The decodings of the text around a hit, likelier first. A wide literal has a NUL between its characters in
 * both byte orders: the byte before the first one decides, and if that is a NUL too, both are possible.
 * Compilers and runtimes align UTF-16, so an even offset suggests little-endian. All hits of a window share
 * one object per decoding.
 */
export class Readings {
  readonly #window: Window;
  readonly #narrow: Characters[];
  readonly #wide = new Map<number, Characters[]>();

  constructor(window: Window) {
    this.#window = window;
    this.#narrow = [new Characters(window, 0, undefined)];
  }

  /** A decoding was read outside the window. */
  get leftWindow(): boolean {
    return [this.#narrow, ...this.#wide.values()].flat().some(({ leftWindow }) => leftWindow);
  }

  of({ wide, at, offset }: WindowHit): readonly Characters[] {
    if (!wide) return this.#narrow;
    const both = at > 0 && this.#window.bytes[at - 1] === 0;
    const key = (at % 2) + (both ? 2 + 2 * (offset % 2) : 0);
    const known = this.#wide.get(key);
    if (known !== undefined) return known;
    const le = new Characters(this.#window, at, 'le');
    const be = both ? [new Characters(this.#window, at - 1, 'be')] : [];
    const made = offset % 2 === 0 ? [le, ...be] : [...be, le];
    this.#wide.set(key, made);
    return made;
  }
}

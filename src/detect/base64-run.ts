import { upperBound } from '../base/bytes/binary-search.js';
import type { Characters } from './characters.js';

/** A run of base64 characters (RFC 4648, sections 4 and 5), taken out of white space, escapes and quotes. */

const DASH = 0x2d;
const EQUALS = 0x3d;

/** Value of each base64 and base64url character, -1 for others, -2 for white space. */
const VALUES = new Int8Array(256).fill(-1);
for (const [i, c] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  VALUES[c.charCodeAt(0)] = i;
VALUES[DASH] = 62;
VALUES[0x5f] = 63;
for (const space of [9, 10, 13, 32]) VALUES[space] = -2;

/** The six bits of a character, -1 where it is none of base64, -2 for white space. */
export const base64Value = (code: number): number => (code < 0 ? -1 : VALUES[code]!);

/** Five dashes begin a boundary line; fewer may be base64url. */
const isBoundary = (text: Characters, at: number): boolean => text.code(at) === DASH && text.has('-----', at);

/** The same, but `-` and `_` need a second look, for what they say of the run. */
const PLAIN = VALUES.slice();
PLAIN[DASH] = PLAIN[0x5f] = -1;

/** Room for the sextets of a run while it is read: most runs are short, and how long one is shows at its end. */
let scratch = new Uint8Array(4096);

function roomFor(length: number): Uint8Array {
  if (length <= scratch.length) return scratch;
  const larger = new Uint8Array(Math.max(length, 2 * scratch.length));
  larger.set(scratch);
  scratch = larger;
  return larger;
}

export class Base64Run {
  /** Index of the first character, and behind the last that belongs to the run (padding included). */
  readonly start: number;
  readonly stop: number;
  /** Characters without padding. */
  readonly length: number;
  /** `=` characters at the end. */
  readonly padding: number;
  /** A `-` or `_` is among them. */
  readonly url: boolean;
  readonly #sextets: Uint8Array;
  /** Stretches of characters that stand side by side: ordinal and text index of the first, and characters of the text for each (an escape has several). */
  readonly #firsts: number[] = [];
  readonly #begins: number[] = [];
  readonly #widths: number[] = [];
  readonly #decoded: (Uint8Array | undefined)[] = [];

  /** `end`: index of the text where it ends at the latest. */
  constructor(text: Characters, start: number, end: number = text.length) {
    let at = start;
    let length = 0;
    let padding = 0;
    let url = false;
    let lineBegan = false;
    /** Where the next plain character would stand, if it belongs to the last stretch. */
    let next = -1;
    while (at < end) {
      const plain = text.matching(PLAIN, at, end);
      if (plain > at) {
        if (at !== next) this.#stretch(length, at, 1);
        const sextets = roomFor(length + plain - at);
        text.translate(PLAIN, at, plain, sextets, length);
        length += plain - at;
        lineBegan = false;
        next = at = plain;
        continue;
      }
      if (isBoundary(text, at)) break;
      const code = text.read(at);
      const value = base64Value(code);
      if (value >= 0) {
        this.#stretch(length, at, text.next - at);
        roomFor(length + 1)[length++] = value;
        url ||= code === DASH || code === 0x5f;
        lineBegan = false;
      } else if (value === -2) {
        lineBegan ||= code === 10;
      } else {
        const joined = lineBegan ? joint(text, at) : undefined;
        if (joined === undefined) break;
        text.next = joined;
      }
      at = text.next;
    }
    // Where the text ends, so may what is left of the run.
    if (at >= text.length) text.code(at);
    this.#sextets = scratch.slice(0, length);
    this.length = length;
    this.start = this.#begins[0] ?? start;
    let stop = length === 0 ? start : this.#endOf(length - 1);
    while (padding < 2 && at < end && text.read(at) === EQUALS) {
      padding++;
      at = stop = text.next;
    }
    this.stop = stop;
    this.padding = padding;
    this.url = url;
  }

  #stretch(first: number, begin: number, width: number): void {
    this.#firsts.push(first);
    this.#begins.push(begin);
    this.#widths.push(width);
  }

  /** The last stretch whose entry in `column`, which ascends, is not above `value`; -1 where there is none. */
  #stretchOf(column: readonly number[], value: number): number {
    return upperBound(column, value) - 1;
  }

  /** Ordinal of the first character of the run that stands at or behind a text index. */
  ordinal(index: number): number {
    const stretch = this.#stretchOf(this.#begins, index);
    if (stretch < 0) return 0;
    const into = index - this.#begins[stretch]!;
    const first = this.#firsts[stretch]!;
    const next = this.#firsts[stretch + 1] ?? this.length;
    return Math.min(next, this.#widths[stretch] === 1 ? first + into : first + Math.min(into, 1));
  }

  /** A SEQUENCE's first six bits (`M`), or those of `openssh-key-v1` (`b`). */
  mayBegin(ordinal: number): boolean {
    const sextet = this.#sextets[ordinal];
    return sextet === 0x30 >> 2 || sextet === 0x6f >> 2;
  }

  /** Text index of a character. */
  beginOf(ordinal: number): number {
    if (ordinal >= this.length) return this.stop;
    const stretch = this.#stretchOf(this.#firsts, ordinal);
    return this.#begins[stretch]! + ordinal - this.#firsts[stretch]!;
  }

  /** Text index behind a character. */
  #endOf(ordinal: number): number {
    return this.beginOf(ordinal) + this.#widths[this.#stretchOf(this.#firsts, ordinal)]!;
  }

  /** Text index behind the characters that hold `bytes` bytes decoded from the character `first` on, with its padding. */
  endOf(first: number, bytes: number): number {
    const last = first + Math.ceil((bytes * 4) / 3) - 1;
    return last + 1 >= this.length ? this.stop : this.#endOf(last);
  }

  /** The bytes decoded from the character `first` on: each of the four alignments is decoded once for all who ask. */
  decode(first: number): Uint8Array {
    const phase = first % 4;
    this.#decoded[phase] ??= decode(this.#sextets.subarray(phase));
    return this.#decoded[phase].subarray(((first - phase) / 4) * 3);
  }
}

function decode(sextets: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.floor((sextets.length * 3) / 4));
  let at = 0;
  for (let out = 0; out < bytes.length; at += 4) {
    // Behind the last sextet there are zeros.
    const four =
      (sextets[at]! << 18) |
      ((sextets[at + 1] ?? 0) << 12) |
      ((sextets[at + 2] ?? 0) << 6) |
      (sextets[at + 3] ?? 0);
    // What does not fit is left out.
    bytes[out++] = four >> 16;
    bytes[out++] = four >> 8;
    bytes[out++] = four;
  }
  return bytes;
}

/** `"MII…\n" + "…"` in source code: from a closing quote to behind the next opening one. */
export function joint(text: Characters, at: number): number | undefined {
  const quote = text.code(at);
  if (quote !== 0x22 && quote !== 0x27) return undefined;
  let next = at + 1;
  const isGlue = (code: number) => code === 0x2b || code === 0x2e || base64Value(code) === -2;
  while (next < at + 80 && isGlue(text.code(next))) next++;
  return next > at + 1 && text.code(next) === quote ? next + 1 : undefined;
}

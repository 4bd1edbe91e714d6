import { upperBound } from '../../core/base/bytes/binary-search.js';
import { wipeAfterRuns } from '../../core/base/runtime/scratch.js';
import type { Characters } from './characters.js';

/** A run of base64 (RFC 4648, 4 and 5) among white space, escapes and quotes of joined literals. */

const DASH = 0x2d;
const EQUALS = 0x3d;

/** Value of each base64 and base64url character; -2 for white space, -1 for all others. */
const VALUES = new Int8Array(256).fill(-1);
for (const [i, c] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  VALUES[c.charCodeAt(0)] = i;
VALUES[DASH] = 62;
VALUES[0x5f] = 63;
for (const space of [9, 10, 13, 32]) VALUES[space] = -2;

/** The six bits of a character; -2 for white space, -1 for all others. */
export const base64Value = (code: number): number => (code < 0 ? -1 : VALUES[code]!);

/** Five dashes start a boundary line; fewer may be base64url. */
const isBoundary = (text: Characters, at: number): boolean => text.code(at) === DASH && text.has('-----', at);

/** As `VALUES`, without `-` and `_`: `-` may start a boundary line, and both mark a run as base64url. */
const PLAIN = VALUES.slice();
PLAIN[DASH] = PLAIN[0x5f] = -1;

/** Buffer for the sextets of the run being read, whose length is known only at its end. */
let scratch = new Uint8Array(4096);
wipeAfterRuns(() => scratch.fill(0));

function roomFor(length: number): Uint8Array {
  if (length <= scratch.length) return scratch;
  const larger = new Uint8Array(Math.max(length, 2 * scratch.length));
  larger.set(scratch);
  scratch = larger;
  return larger;
}

export class Base64Run {
  /** Text indices of the run: [start, stop), padding included. */
  readonly start: number;
  readonly stop: number;
  /** Characters without padding. */
  readonly length: number;
  /** `=` characters at the end. */
  readonly padding: number;
  /** Contains `-` or `_`. */
  readonly url: boolean;
  readonly #sextets: Uint8Array;
  /**
   * Segments of adjacent characters: ordinal and text index of the first character, and text characters per
   * base64 character (an escape has several).
   */
  readonly #firsts: number[] = [];
  readonly #begins: number[] = [];
  readonly #widths: number[] = [];
  readonly #decoded: (Uint8Array | undefined)[] = [];

  /** `end`: upper bound of the run in the text. */
  constructor(text: Characters, start: number, end: number = text.length) {
    let at = start;
    let length = 0;
    let padding = 0;
    let url = false;
    let lineBegan = false;
    /** Text index at which the last segment continues. */
    let next = -1;
    while (at < end) {
      const plain = text.endOfSpan(PLAIN, at, end);
      if (plain > at) {
        if (at !== next) this.#addSegment(length, at, 1);
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
        this.#addSegment(length, at, text.next - at);
        roomFor(length + 1)[length++] = value;
        url ||= code === DASH || code === 0x5f;
        lineBegan = false;
      } else if (value === -2) {
        lineBegan ||= code === 10;
      } else {
        const joined = lineBegan ? concatenationEnd(text, at) : undefined;
        if (joined === undefined) break;
        text.next = joined;
      }
      at = text.next;
    }
    // Marks that the run may continue after the window.
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

  #addSegment(first: number, begin: number, width: number): void {
    this.#firsts.push(first);
    this.#begins.push(begin);
    this.#widths.push(width);
  }

  /** The last segment whose entry in the ascending `column` is not above `value`; -1 if none. */
  #segmentOf(column: readonly number[], value: number): number {
    return upperBound(column, value) - 1;
  }

  /** Ordinal of the first character of the run at or after a text index. */
  ordinal(index: number): number {
    const segment = this.#segmentOf(this.#begins, index);
    if (segment < 0) return 0;
    const into = index - this.#begins[segment]!;
    const first = this.#firsts[segment]!;
    const next = this.#firsts[segment + 1] ?? this.length;
    return Math.min(next, this.#widths[segment] === 1 ? first + into : first + Math.min(into, 1));
  }

  /** The first six bits of a SEQUENCE (`M`) or of `openssh-key-v1` (`b`). */
  mayStartKey(ordinal: number): boolean {
    const sextet = this.#sextets[ordinal];
    return sextet === 0x30 >> 2 || sextet === 0x6f >> 2;
  }

  /** Text index of a character. */
  startOf(ordinal: number): number {
    if (ordinal >= this.length) return this.stop;
    const segment = this.#segmentOf(this.#firsts, ordinal);
    return this.#begins[segment]! + ordinal - this.#firsts[segment]!;
  }

  /** Text index after a character. */
  #endOf(ordinal: number): number {
    return this.startOf(ordinal) + this.#widths[this.#segmentOf(this.#firsts, ordinal)]!;
  }

  /**
   * Text index after the characters of `bytes` bytes decoded from the character `first`, padding included.
   */
  endOf(first: number, bytes: number): number {
    const last = first + Math.ceil((bytes * 4) / 3) - 1;
    return last + 1 >= this.length ? this.stop : this.#endOf(last);
  }

  /** The bytes decoded from the character `first` on; each of the four alignments is decoded once. */
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
    const four =
      (sextets[at]! << 18) |
      ((sextets[at + 1] ?? 0) << 12) |
      ((sextets[at + 2] ?? 0) << 6) |
      (sextets[at + 3] ?? 0);
    // Writes past the end of a typed array are ignored.
    bytes[out++] = four >> 16;
    bytes[out++] = four >> 8;
    bytes[out++] = four;
  }
  return bytes;
}

/** `"MII…\n" + "…"` in source code: from the closing quote at `at` to the index after the opening one. */
export function concatenationEnd(text: Characters, at: number): number | undefined {
  const quote = text.code(at);
  if (quote !== 0x22 && quote !== 0x27) return undefined;
  let next = at + 1;
  const isOperator = (code: number) => code === 0x2b || code === 0x2e || base64Value(code) === -2;
  while (next < at + 80 && isOperator(text.code(next))) next++;
  return next > at + 1 && text.code(next) === quote ? next + 1 : undefined;
}

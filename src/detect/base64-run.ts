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

export class Base64Run {
  /** Index of the first character, and behind the last that belongs to the run (padding included). */
  readonly start: number;
  readonly stop: number;
  /** `=` characters at the end. */
  readonly padding: number;
  /** A `-` or `_` is among them. */
  readonly url: boolean;
  readonly #sextets: number[] = [];
  /** Index of each character in the text, and behind it. */
  readonly #begins: number[] = [];
  readonly #ends: number[] = [];
  readonly #decoded: (Uint8Array | undefined)[] = [];

  /** `end`: index of the text where it ends at the latest. */
  constructor(text: Characters, start: number, end: number = text.length) {
    let at = start;
    let padding = 0;
    let url = false;
    let lineBegan = false;
    while (at < end && !isBoundary(text, at)) {
      const code = text.read(at);
      const value = base64Value(code);
      if (value >= 0) {
        this.#sextets.push(value);
        this.#begins.push(at);
        this.#ends.push(text.next);
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
    this.start = this.#begins[0] ?? start;
    let stop = this.#ends[this.#ends.length - 1] ?? start;
    while (padding < 2 && at < end && text.read(at) === EQUALS) {
      padding++;
      at = stop = text.next;
    }
    this.stop = stop;
    this.padding = padding;
    this.url = url;
  }

  /** Characters without padding. */
  get length(): number {
    return this.#sextets.length;
  }

  /** Ordinal of the first character of the run that stands at or behind a text index. */
  ordinal(index: number): number {
    let [low, high] = [0, this.#begins.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#begins[middle]! < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A SEQUENCE's first six bits (`M`), or those of `openssh-key-v1` (`b`). */
  mayBegin(ordinal: number): boolean {
    const sextet = this.#sextets[ordinal];
    return sextet === 0x30 >> 2 || sextet === 0x6f >> 2;
  }

  /** Text index of a character. */
  beginOf(ordinal: number): number {
    return this.#begins[ordinal] ?? this.stop;
  }

  /** Text index behind the characters that hold `bytes` bytes decoded from the character `first` on, with its padding. */
  endOf(first: number, bytes: number): number {
    const last = first + Math.ceil((bytes * 4) / 3) - 1;
    return last + 1 >= this.length ? this.stop : this.#ends[last]!;
  }

  /** The bytes decoded from the character `first` on: each of the four alignments is decoded once for all who ask. */
  decode(first: number): Uint8Array {
    const phase = first % 4;
    this.#decoded[phase] ??= this.#decode(phase);
    return this.#decoded[phase].subarray(((first - phase) / 4) * 3);
  }

  #decode(phase: number): Uint8Array {
    const sextets = this.#sextets;
    const bytes = new Uint8Array(Math.floor((Math.max(0, sextets.length - phase) * 3) / 4));
    let [bits, buffer, out] = [0, 0, 0];
    for (let i = phase; i < sextets.length; i++) {
      buffer = ((buffer << 6) | sextets[i]!) & 0xffff;
      bits += 6;
      if (bits < 8) continue;
      bits -= 8;
      if (out < bytes.length) bytes[out++] = buffer >> bits;
    }
    return bytes;
  }
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

import type { HitList } from '../../../src/sweep/hits.js';

/** As in kernel/digits.as.ts, which this reproduces. */
const BLOCK = 64;
const HALF = 32;
const MOST = 2 ** 28;
const LARGE = 2 ** 24;
const TAG = 0xfffe0000;

/**
 * Finds runs of 64-byte blocks of data[from, to), or of halves of them, that hold digits of a JavaScript big
 * integer. A block that is cut by `end`, the end of the bytes read, does not count.
 */
export function scalarDigits(
  data: Uint8Array,
  from: number,
  to: number,
  end: number,
  base: number,
  runs: HitList,
): void {
  const words = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let length = 0;
  const add = (at: number, holds: boolean): void => {
    if (holds) length += HALF;
    else if (length > 0) {
      runs.push((base + at - length) / 8, length / 8);
      length = 0;
    }
  };
  for (let at = from; at < to; at += BLOCK) {
    const whole = at + BLOCK <= end;
    const all = whole && holdsDigits(words, at, BLOCK);
    for (const half of [at, at + HALF]) add(half, all || (whole && holdsDigits(words, half, HALF)));
  }
  add(from + Math.ceil((to - from) / BLOCK) * BLOCK, false);
}

/** Encodings recognised by the first word; anything else is read as a double. */
const KINDS = [smallDigit, taggedDigit];

function holdsDigits(words: DataView, at: number, length: number): boolean {
  const read = KINDS.find((kind) => kind(words, at) < MOST) ?? doubleDigit;
  let previous = 0;
  let large = 0;
  for (let q = at; q < at + length; q += 8) {
    const digit = read(words, q);
    if (!(digit >= 1 && digit < MOST) || digit === previous) return false;
    if (digit >= LARGE) large++;
    previous = digit;
  }
  return large > 1;
}

function smallDigit(words: DataView, at: number): number {
  return words.getUint32(at, true) === 0 ? words.getUint32(at + 4, true) : Number.POSITIVE_INFINITY;
}

function taggedDigit(words: DataView, at: number): number {
  return words.getUint32(at + 4, true) === TAG ? words.getUint32(at, true) : Number.POSITIVE_INFINITY;
}

function doubleDigit(words: DataView, at: number): number {
  const value = words.getFloat64(at, true);
  return Number.isInteger(value) ? value : 0;
}

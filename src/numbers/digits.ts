import type { NumberRecord } from '../noise/records.js';
import { readingCode, sizeOf, wordsOf } from './columns.js';
import { zeroBytes } from './gate.js';
import type { Kernel } from './kernel.js';
import { mayBePrime } from './products.js';
import { bitLength, lowWord, READINGS, storedLength, toNumber } from './readings.js';
import type { RsaWindows } from './rsa-windows.js';
import type { Piece, RunBytes } from './run-bytes.js';
import { type RunColumns, RunList } from './run-list.js';
import type { Shortfall } from './shortfall.js';
import type { Reading } from './types.js';

/** What one digit of a form looks like where it stands. */
export interface DigitForm {
  reading: Reading;
  bits: number;
  stride: number;
  /** The digit, or undefined where what stands there is none. */
  read(bytes: Buffer, at: number): number | undefined;
}

const upperHalf = (bits: number) => {
  const limit = 2 ** bits;
  return (bytes: Buffer, at: number) => {
    const digit = bytes.readUInt32LE(at + 4);
    return digit < limit && bytes.readUInt32LE(at) === 0 ? digit : undefined;
  };
};

const double = (bits: number) => {
  const limit = 2 ** bits;
  return (bytes: Buffer, at: number) => {
    const digit = bytes.readDoubleLE(at);
    return digit >= 1 && digit < limit && Number.isInteger(digit) ? digit : undefined;
  };
};

/** Digits of 60 and 63 bits as their upper 32 bits: the tests below need no more. */
const wide = (bits: number) => {
  const limit = 2 ** (bits - 32);
  return (bytes: Buffer, at: number) => {
    const upper = bytes.readUInt32LE(at + 4);
    return upper < limit ? upper : undefined;
  };
};

/** Digits of at most 30 bits, each `unit` times as large where it stands. */
const narrow = (bits: number, unit: number) => {
  const limit = 2 ** bits;
  return (bytes: Buffer, at: number) => {
    const digit = bytes.readUInt32LE(at) / unit;
    return digit < limit && Number.isInteger(digit) ? digit : undefined;
  };
};

/** Forms that lie inside runs of random-looking words, in the order of the extractor's numbers for them; those of one number are told by their widest digit. */
const IN_RUNS: readonly (readonly DigitForm[])[] = [
  [
    { reading: 'digits28-le32', bits: 28, stride: 4, read: narrow(28, 1) },
    { reading: 'digits30-le32', bits: 30, stride: 4, read: narrow(30, 1) },
  ],
  [{ reading: 'digits60-le64', bits: 60, stride: 8, read: wide(60) }],
  [{ reading: 'digits63-le64', bits: 63, stride: 8, read: wide(63) }],
  [
    { reading: 'v8-smi26c', bits: 26, stride: 4, read: narrow(26, 2) },
    { reading: 'v8-smi28c', bits: 28, stride: 4, read: narrow(28, 2) },
  ],
];

/** Forms with so many zeros that a net of their own must find them, the narrower one first: its digits fit the other, too. */
const V8: readonly DigitForm[] = [
  { reading: 'v8-smi26', bits: 26, stride: 8, read: upperHalf(26) },
  { reading: 'v8-smi28', bits: 28, stride: 8, read: upperHalf(28) },
  { reading: 'v8-double26', bits: 26, stride: 8, read: double(26) },
  { reading: 'v8-double28', bits: 28, stride: 8, read: double(28) },
];

/** All of them. */
export const DIGIT_FORMS: readonly DigitForm[] = [...IN_RUNS.flat(), ...V8];

/** Words of the shortest prime. */
const LEAST_WORDS = 4;
/** Bits of integers that do not fill their words, and digits beside one. */
const LEAST_ODD = 480;
const MOST_ODD = 16_640;
const BESIDE = 2;
/** Of the digits of a random number at least so many are distinct, */
const LEAST_DISTINCT = 0.9;
/** and half have their top bit set, give or take so many standard deviations. */
const DEVIATIONS = 4;
/** Zero bytes of a word that still holds digits, and bytes that are taken in beside a run at most. */
const MOST_ZEROS = 2;
const MOST_BYTES = 2048;
/** The odd primes up to 109. */
const SMALL = [
  3n,
  5n,
  7n,
  11n,
  13n,
  17n,
  19n,
  23n,
  29n,
  31n,
  37n,
  41n,
  43n,
  47n,
  53n,
  59n,
  61n,
  67n,
  71n,
  73n,
  79n,
  83n,
  89n,
  97n,
  101n,
  103n,
  107n,
  109n,
];

/** Finds integers written in digits and hands them to the RSA windows, as one more reading. */
export class DigitSearch {
  readonly #kernel: Kernel;
  readonly #bytes: RunBytes;
  readonly #windows: RsaWindows;
  /** Where digits stand: exponents are looked for there once a key is known. */
  readonly #places = new RunList();
  readonly #shortfall: Shortfall;

  constructor(kernel: Kernel, bytes: RunBytes, windows: RsaWindows, shortfall: Shortfall) {
    this.#shortfall = shortfall;
    this.#kernel = kernel;
    this.#bytes = bytes;
    this.#windows = windows;
  }

  /** Stretches of digits, in whole words from the first digit on. */
  get places(): RunColumns {
    return this.#places.columns;
  }

  /** A stretch of digits that the extractor has found. */
  add({ offset, detail, size: count }: NumberRecord): void {
    const forms = IN_RUNS[detail]!;
    const { stride } = forms[0]!;
    const bytes = this.#bytes.read(offset, count * stride);
    if (bytes.length < count * stride) return;
    for (const form of forms) this.#stretches(bytes, 0, bytes.length, offset, form);
  }

  /** A run of words that may be V8's digits: small integers shifted into the upper half, or doubles. */
  addV8(piece: Piece): void {
    const { start, end } = this.#widen(piece);
    for (const form of V8)
      this.#stretches(this.#kernel.bytes, start, end, piece.offset + start - piece.at, form);
  }

  /** Every stretch of digits in bytes[start, end), which stand at `offset` of the file; the number's last digit may be short, and stand behind what the net took. */
  #stretches(bytes: Buffer, start: number, end: number, offset: number, form: DigitForm): void {
    const { stride, bits, read } = form;
    // An exponent may have a digit less.
    const least = Math.floor((LEAST_WORDS * 64) / bits);
    let digits: number[] = [];
    for (let p = start; p < end; p += stride) {
      const digit = read(bytes, p);
      if (digit !== undefined) digits.push(digit);
      if (digit !== undefined && p + stride < end) continue;
      const behind = digit === undefined ? p : p + stride;
      if (digits.length < least) {
        digits = [];
        continue;
      }
      const from = behind - digits.length * stride;
      if (isRandom(digits, bits % 32)) {
        const place = offset + (from - start);
        if (!this.#places.push({ offset: place, words: Math.ceil((behind - from) / 8) }))
          this.#shortfall.add('rsa-exponents', 'digits were not kept', place, place + behind - from);
        this.#numbers(form, digits.length, place, bytes.subarray(from, behind));
      }
      digits = [];
    }
  }

  /**
   * Digits have fewer top bits than other words, so that the net loses some of theirs and ends its run early: on both sides
   * what has few zeros is taken in, and the last digit, which may be short.
   */
  #widen({ at, words, before, after }: Piece): { start: number; end: number } {
    const bytes = this.#kernel.bytes;
    const few = (p: number) => zeroBytes(bytes, p) <= MOST_ZEROS;
    const [low, high] = [at - Math.min(before, MOST_BYTES), at + Math.min(after, words * 8 + MOST_BYTES) - 8];
    let start = at;
    while (start - 8 >= low && few(start - 8)) start -= 8;
    let end = Math.min(at + words * 8, high);
    while (end < high && few(end)) end += 8;
    return { start, end: Math.min(end + 8, high) };
  }

  /** Integers at both ends of a stretch of `count` digits that begins at `offset` of the file. */
  #numbers(form: DigitForm, count: number, offset: number, stretch: Buffer): void {
    const { bits, stride, reading } = form;
    const code = READINGS.indexOf(reading);
    for (const words of this.#windows.bySize.keys()) {
      const length = Math.ceil((words * 64) / bits);
      if (words < LEAST_WORDS || length > count) continue;
      for (const start of new Set([0, 1, 2, count - length - 2, count - length - 1, count - length])) {
        if (start < 0 || start + length > count) continue;
        const from = start * stride;
        // Odd, and of so many bits, before it is read as a whole.
        const top = form.read(stretch, from + (length - 1) * stride);
        if (top !== undefined && !hasTop(top, words * 64 - 1 - (length - 1) * bits, bits)) continue;
        if (isEven(form, stretch, from)) continue;
        const value = toNumber(stretch.subarray(from, from + length * stride), reading);
        if ((value & 1n) === 0n || value >> BigInt(words * 64 - 1) !== 1n) continue;
        if (SMALL.some((p) => value % p === 0n)) continue;
        this.#windows.keep(words, offset + start * stride, code, lowWord(value));
      }
    }
    this.#odd(form, count, offset, stretch);
  }

  /** The one integer of such a stretch, give or take two digits at its ends, where it does not fill its words. */
  #odd(form: DigitForm, count: number, offset: number, stretch: Buffer): void {
    const { bits, stride, reading } = form;
    const code = READINGS.indexOf(reading);
    for (let first = 0; first <= BESIDE; first++)
      for (let end = count; end >= count - BESIDE; end--) {
        const digits = end - first;
        if (digits * bits < LEAST_ODD || digits * bits > MOST_ODD || isEven(form, stretch, first * stride))
          continue;
        const value = toNumber(stretch.subarray(first * stride, end * stride), reading);
        const length = bitLength(value);
        const size = sizeOf(length);
        if (length <= (digits - 1) * bits || length < LEAST_ODD || this.#windows.bySize.has(size)) continue;
        if (!mayBePrime(value)) continue;
        const lacking = storedLength(Math.ceil(wordsOf(size)), reading) / stride - digits;
        this.#windows.keep(size, offset + first * stride, readingCode(code, lacking), lowWord(value));
      }
  }
}

/** Of wide digits only the upper bits are read. */
const isEven = ({ bits, read }: DigitForm, bytes: Buffer, at: number): boolean =>
  (bits > 32 ? bytes[at]! : read(bytes, at)!) % 2 === 0;

/** This is the highest bit of a digit that is set, as far as `read` tells: of wide digits the upper 32 bits are at hand. */
function hasTop(digit: number, bit: number, bits: number): boolean {
  const shown = bits > 32 ? bit - 32 : bit;
  return shown < 0 ? digit === 0 : Math.floor(digit / 2 ** shown) === 1;
}

/** The digits of a random number, the last one aside. */
function isRandom(digits: readonly number[], bits: number): boolean {
  const top = digits.filter((digit) => digit >= 2 ** (bits - 1)).length;
  const distinct = new Set(digits).size / digits.length;
  const most = (DEVIATIONS * Math.sqrt(digits.length)) / 2;
  return distinct >= LEAST_DISTINCT && Math.abs(top - digits.length / 2) <= most;
}

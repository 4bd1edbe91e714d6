import type { NumberRecord } from '../../runs/records.js';
import { readingCode, sizeOf, wordsOf } from '../core/columns.js';
import { type DigitForm, ENGINES, IN_RUNS } from '../core/digit-forms.js';
import { INTEGER_ENCODINGS, lowWord, storedLength, toNumber } from '../core/integer-encodings.js';
import type { Kernel } from '../core/kernel.js';
import { mayBePrime } from '../core/product-tree.js';
import { zeroBytes } from '../core/randomness-test.js';
import type { Piece, RunBytes } from '../core/run-bytes.js';
import { type RunColumns, RunList } from '../core/run-list.js';
import type { SkippedWork } from '../core/skipped-work.js';
import type { RsaWindows } from './rsa-windows.js';

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
/** Primes of which the product, with a digit of 30 bits behind it, is exact as a double. */
const TINY = { primes: [3, 5, 7, 11, 13, 17, 19], product: 4_849_845 };
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
export class DigitRuns {
  readonly #kernel: Kernel;
  readonly #bytes: RunBytes;
  readonly #windows: RsaWindows;
  /** Where digits stand: exponents are looked for there once a key is known. */
  readonly #places = new RunList();
  readonly #shortfall: SkippedWork;

  constructor(kernel: Kernel, bytes: RunBytes, windows: RsaWindows, shortfall: SkippedWork) {
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
    this.#stretches(bytes, 0, bytes.length, offset, forms);
  }

  /** A run of words that may be digits of a JavaScript engine: small integers of V8's in the upper half, of JavaScriptCore's in the lower, or doubles. */
  addEngine(piece: Piece): void {
    const { start, end } = this.#widen(piece);
    for (const forms of ENGINES)
      this.#stretches(this.#kernel.bytes, start, end, piece.offset + start - piece.at, forms);
  }

  /** Every stretch of digits in bytes[start, end), which stand at `offset` of the file; the number's last digit may be short, and stand behind what the net took. */
  #stretches(bytes: Buffer, start: number, end: number, offset: number, forms: readonly DigitForm[]): void {
    for (const widest of stretchesOf(bytes, start, end, forms.at(-1)!))
      for (const form of forms)
        for (const { from, to } of form === forms.at(-1)
          ? [widest]
          : stretchesOf(bytes, widest.from, widest.to, form))
          this.#stretch(bytes.subarray(from, to), offset + from - start, form);
  }

  /** A stretch of digits, if it looks random. */
  #stretch(stretch: Buffer, offset: number, form: DigitForm): void {
    const digits: number[] = [];
    for (let at = 0; at < stretch.length; at += form.stride) digits.push(form.read(stretch, at)!);
    if (!isRandom(digits, form.bits % 32)) return;
    if (!this.#places.push({ offset, words: Math.ceil(stretch.length / 8) }))
      this.#shortfall.add('rsa-exponents', 'digits were not kept', offset, offset + stretch.length);
    this.#numbers(form, digits.length, offset, stretch);
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
    const code = INTEGER_ENCODINGS.indexOf(reading);
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
    const code = INTEGER_ENCODINGS.indexOf(reading);
    for (let first = 0; first <= BESIDE; first++)
      for (let end = count; end >= count - BESIDE; end--) {
        const digits = end - first;
        if (digits * bits < LEAST_ODD || digits * bits > MOST_ODD || isEven(form, stretch, first * stride))
          continue;
        const top = bitsIn(form, stretch, (end - 1) * stride);
        const length = (digits - 1) * bits + top;
        const size = sizeOf(length);
        if (top === 0 || length < LEAST_ODD || this.#windows.bySize.has(size)) continue;
        const number = stretch.subarray(first * stride, end * stride);
        if (hasSmallFactor(form, number)) continue;
        const value = toNumber(number, reading);
        if (!mayBePrime(value)) continue;
        const lacking = storedLength(Math.ceil(wordsOf(size)), reading) / stride - digits;
        this.#windows.keep(size, offset + first * stride, readingCode(code, lacking), lowWord(value));
      }
  }
}

/** Stretches of digits in bytes[start, end), long enough for an integer. An exponent may have a digit less. */
function* stretchesOf(
  bytes: Buffer,
  start: number,
  end: number,
  { stride, bits, read }: DigitForm,
): Generator<{ from: number; to: number }> {
  const least = Math.floor((LEAST_WORDS * 64) / bits) * stride;
  let from = start;
  for (let at = start; at < end; at += stride) {
    if (read(bytes, at) !== undefined) continue;
    if (at - from >= least) yield { from, to: at };
    from = at + stride;
  }
  const to = start + Math.ceil((end - start) / stride) * stride;
  if (to - from >= least) yield { from, to };
}

/** Bits of a digit without leading zeros. */
function bitsIn({ bits, read }: DigitForm, bytes: Buffer, at: number): number {
  const digit = read(bytes, at)!;
  if (bits <= 32) return 32 - Math.clz32(digit);
  return digit > 0 ? 64 - Math.clz32(digit) : 32 - Math.clz32(bytes.readUInt32LE(at));
}

/** A prime below 20 divides the number. Of wide digits nobody knows: they are few. */
function hasSmallFactor({ bits, stride, read }: DigitForm, number: Buffer): boolean {
  if (bits > 32) return false;
  let rest = 0;
  for (let at = number.length - stride; at >= 0; at -= stride)
    rest = (rest * 2 ** bits + read(number, at)!) % TINY.product;
  return TINY.primes.some((prime) => rest % prime === 0);
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
  const top = digits.reduce((sum, digit) => sum + (digit >= 2 ** (bits - 1) ? 1 : 0), 0);
  const most = (DEVIATIONS * Math.sqrt(digits.length)) / 2;
  if (Math.abs(top - digits.length / 2) > most) return false;
  return new Set(digits).size / digits.length >= LEAST_DISTINCT;
}

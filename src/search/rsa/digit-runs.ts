/**
 * Integers stored as digits with fewer bits than their place has (CPython, libtommath, Go, JavaScript
 * engines). Sequences of such digits are found, tested for randomness and passed to the RSA windows as one
 * more encoding.
 */

import type { NumberRecord } from '../../sweep/runs/records.js';
import { encodingCode, sizeOf, wordsOf } from '../core/columns.js';
import { type DigitForm, ENGINE_FORMS, RUN_FORMS } from '../core/digit-forms.js';
import { INTEGER_ENCODINGS, lowWord, storedLength, toNumber } from '../core/integer-encodings.js';
import type { NumberKernel } from '../core/kernel.js';
import { mayBePrime, primesBelow } from '../core/product-tree.js';
import { zeroBytes } from '../core/randomness-test.js';
import type { Piece, RunBytes } from '../core/run-bytes.js';
import { type RunColumns, RunList } from '../core/run-list.js';
import type { SkippedWork } from '../core/skipped-work.js';
import type { RsaWindows } from './rsa-windows.js';

/** Words of the shortest prime. */
const MIN_WORDS = 4;
/** Bits of integers that do not fill their words, and unrelated digits at either end of their sequence. */
const MIN_ODD_BITS = 480;
const MAX_ODD_BITS = 16_640;
const MAX_EXTRA_DIGITS = 2;
/** Starts tried from either end of a sequence. */
const BESIDE = 3;
/** Randomness test: share of distinct digits, */
const MIN_DISTINCT_SHARE = 0.9;
/** and standard deviations by which the count of set top bits may miss one half. */
const MAX_DEVIATIONS = 4;
/** Zero bytes of a word that can still hold digits, and bytes by which a run is extended at either end. */
const MAX_ZERO_BYTES = 2;
const MAX_WIDENING = 2048;
/** Primes whose product times a 30-bit digit is exact as a double. */
const TINY = { primes: [3, 5, 7, 11, 13, 17, 19], product: 4_849_845 };
const SMALL_PRIMES = primesBelow(110).slice(1).map(BigInt);

export class DigitRuns {
  readonly #kernel: NumberKernel;
  readonly #bytes: RunBytes;
  readonly #windows: RsaWindows;
  /** Kept to search them for exponents once a key is known. */
  readonly #sequences: RunList;
  readonly #skippedWork: SkippedWork;

  constructor(
    kernel: NumberKernel,
    bytes: RunBytes,
    windows: RsaWindows,
    skippedWork: SkippedWork,
    sequences = new RunList(),
  ) {
    this.#sequences = sequences;
    this.#skippedWork = skippedWork;
    this.#kernel = kernel;
    this.#bytes = bytes;
    this.#windows = windows;
  }

  /** Sequences of digits, in whole words from the first digit on. */
  get columns(): RunColumns {
    return this.#sequences.columns;
  }

  /** A sequence found by the extractor. */
  add({ offset, detail, size: count }: NumberRecord): void {
    const forms = RUN_FORMS[detail]!;
    const { cell } = forms[0]!;
    const bytes = this.#bytes.read(offset, count * cell);
    if (bytes.length < count * cell) return;
    this.#addSequences(bytes, 0, bytes.length, offset, forms);
  }

  /**
   * A run of words that may be digits of a JavaScript engine: small integers in the upper half (V8) or the
   * lower half (JavaScriptCore) of a word, or doubles.
   */
  addJsEngine(piece: Piece): void {
    const { start, end } = this.#widen(piece);
    for (const forms of ENGINE_FORMS)
      this.#addSequences(this.#kernel.bytes, start, end, piece.offset + start - piece.at, forms);
  }

  /**
   * Adds all sequences in bytes[start, end), which begin at `offset` of the file. A sequence of the widest
   * form is searched again for the narrower ones, whose digits also fit the wider form.
   */
  #addSequences(
    bytes: Buffer,
    start: number,
    end: number,
    offset: number,
    forms: readonly DigitForm[],
  ): void {
    for (const widest of sequencesOf(bytes, start, end, forms.at(-1)!))
      for (const form of forms)
        for (const { from, to } of form === forms.at(-1)
          ? [widest]
          : sequencesOf(bytes, widest.from, widest.to, form))
          this.#addSequence(bytes.subarray(from, to), offset + from - start, form);
  }

  /** Adds one sequence if it looks random. */
  #addSequence(sequence: Buffer, offset: number, form: DigitForm): void {
    const digits: number[] = [];
    for (let at = 0; at < sequence.length; at += form.cell) digits.push(form.digitAt(sequence, at)!);
    if (!isRandom(digits, form.bits % 32)) return;
    if (!this.#sequences.push({ offset, words: Math.ceil(sequence.length / 8) }))
      this.#skippedWork.add(
        'rsa-exponents',
        { target: 'any', left: 1 },
        'sequences of digits were not kept',
        offset,
        offset + sequence.length,
      );
    this.#keepNumbers(form, digits.length, offset, sequence);
  }

  /**
   * Words of digits have fewer set bits than random words, so the entropy net can end their run early. The
   * run is extended on both sides by words with few zero bytes, and by one more word for a short last digit.
   */
  #widen({ at, words, before, after }: Piece): { start: number; end: number } {
    const bytes = this.#kernel.bytes;
    const isDense = (p: number) => zeroBytes(bytes, p) <= MAX_ZERO_BYTES;
    const [low, high] = [
      at - Math.min(before, MAX_WIDENING),
      at + Math.min(after, words * 8 + MAX_WIDENING) - 8,
    ];
    let start = at;
    while (start - 8 >= low && isDense(start - 8)) start -= 8;
    let end = Math.min(at + words * 8, high);
    while (end < high && isDense(end)) end += 8;
    return { start, end: Math.min(end + 8, high) };
  }

  /** Keeps the integers at both ends of a sequence of `count` digits that begins at `offset` of the file. */
  #keepNumbers(form: DigitForm, count: number, offset: number, sequence: Buffer): void {
    const { bits, cell, name } = form;
    const code = INTEGER_ENCODINGS.indexOf(name);
    for (const words of this.#windows.bySize.keys()) {
      const length = Math.ceil((words * 64) / bits);
      const spare = count - length;
      if (words < MIN_WORDS || spare < 0) continue;
      for (let k = 0; k < 2 * BESIDE; k++) {
        const start = k < BESIDE ? k : spare + 1 + k - 2 * BESIDE;
        // One of the first is not tried again as one of the last.
        if (start > spare || start < (k < BESIDE ? 0 : BESIDE)) continue;
        const from = start * cell;
        // The highest and the lowest digit reject most candidates before the rest is read.
        const top = form.digitAt(sequence, from + (length - 1) * cell);
        if (top !== undefined && !hasTop(top, words * 64 - 1 - (length - 1) * bits, bits)) continue;
        if (isEven(form, sequence, from)) continue;
        const value = toNumber(sequence.subarray(from, from + length * cell), name);
        if ((value & 1n) === 0n || value >> BigInt(words * 64 - 1) !== 1n) continue;
        if (SMALL_PRIMES.some((p) => value % p === 0n)) continue;
        this.#windows.keep(words, offset + start * cell, code, lowWord(value));
      }
    }
    this.#keepOddLength(form, count, offset, sequence);
  }

  /**
   * Keeps the integer that fills a sequence, give or take two digits at either end, but not its highest word.
   */
  #keepOddLength(form: DigitForm, count: number, offset: number, sequence: Buffer): void {
    const { bits, cell, name } = form;
    const code = INTEGER_ENCODINGS.indexOf(name);
    for (let first = 0; first <= MAX_EXTRA_DIGITS; first++)
      for (let end = count; end >= count - MAX_EXTRA_DIGITS; end--) {
        const digits = end - first;
        if (
          digits * bits < MIN_ODD_BITS ||
          digits * bits > MAX_ODD_BITS ||
          isEven(form, sequence, first * cell)
        )
          continue;
        const top = bitsIn(form, sequence, (end - 1) * cell);
        const length = (digits - 1) * bits + top;
        const size = sizeOf(length);
        if (top === 0 || length < MIN_ODD_BITS || this.#windows.bySize.has(size)) continue;
        const number = sequence.subarray(first * cell, end * cell);
        if (hasSmallFactor(form, number)) continue;
        const value = toNumber(number, name);
        if (!mayBePrime(value)) continue;
        const lacking = storedLength(Math.ceil(wordsOf(size)), name) / cell - digits;
        this.#windows.keep(size, offset + first * cell, encodingCode(code, lacking), lowWord(value));
      }
  }
}

/**
 * Sequences of digits in bytes[start, end) that can hold an integer; an exponent can be one digit shorter.
 */
function* sequencesOf(
  bytes: Buffer,
  start: number,
  end: number,
  { cell, bits, digitAt }: DigitForm,
): Generator<{ from: number; to: number }> {
  const least = Math.floor((MIN_WORDS * 64) / bits) * cell;
  let from = start;
  for (let at = start; at < end; at += cell) {
    if (digitAt(bytes, at) !== undefined) continue;
    if (at - from >= least) yield { from, to: at };
    from = at + cell;
  }
  const to = start + Math.ceil((end - start) / cell) * cell;
  if (to - from >= least) yield { from, to };
}

/** Bit length of the digit at `at`. */
function bitsIn({ bits, digitAt }: DigitForm, bytes: Buffer, at: number): number {
  const digit = digitAt(bytes, at)!;
  if (bits <= 32) return 32 - Math.clz32(digit);
  return digit > 0 ? 64 - Math.clz32(digit) : 32 - Math.clz32(bytes.readUInt32LE(at));
}

/** True if a prime below 20 divides the number; always false for wide digits, which are rare. */
function hasSmallFactor({ bits, cell, digitAt }: DigitForm, number: Buffer): boolean {
  if (bits > 32) return false;
  let remainder = 0;
  for (let at = number.length - cell; at >= 0; at -= cell)
    remainder = (remainder * 2 ** bits + digitAt(number, at)!) % TINY.product;
  return TINY.primes.some((prime) => remainder % prime === 0);
}

/** For wide digits `digitAt` returns the upper bits only. */
const isEven = ({ bits, digitAt }: DigitForm, bytes: Buffer, at: number): boolean =>
  (bits > 32 ? bytes[at]! : digitAt(bytes, at)!) % 2 === 0;

/** True if `bit` is the highest set bit of a digit. For wide digits only bits from 32 on are compared. */
function hasTop(digit: number, bit: number, bits: number): boolean {
  const shown = bits > 32 ? bit - 32 : bit;
  return shown < 0 ? digit === 0 : Math.floor(digit / 2 ** shown) === 1;
}

/** Randomness test of digits, by their top bits and their repetitions. */
function isRandom(digits: readonly number[], bits: number): boolean {
  const half = 2 ** (bits - 1);
  let top = 0;
  for (const digit of digits) if (digit >= half) top++;
  const tolerance = (MAX_DEVIATIONS * Math.sqrt(digits.length)) / 2;
  if (Math.abs(top - digits.length / 2) > tolerance) return false;
  return new Set(digits).size / digits.length >= MIN_DISTINCT_SHARE;
}

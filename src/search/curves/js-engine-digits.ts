import { COMPRESSED, type DigitForm, ENGINES } from '../core/digit-forms.js';
import type { Piece, RunBytes } from '../core/run-bytes.js';
import type { EngineReading } from '../core/types.js';

/** Bits of a curve's numbers, and the bytes of their whole words. */
const SIZES = [
  { bits: 256, size: 32 },
  { bits: 384, size: 48 },
  { bits: 521, size: 72 },
] as const;
/** Leading zero bits that a number may have: more, one in a million. */
const MAX_LEADING_ZEROS = 20;
/** Digits that an array has room for: a product before it is reduced, in an array that grew by half. */
const MAX_DIGITS = 256;
/** Digits of a small array before it, which it may be instead of a length. */
const MIN_DIGITS = Math.ceil((256 - MAX_LEADING_ZEROS) / 28);

/** How many digits the array may hold that begins at `at`, by what stands before it; none where there is no array. */
type Lengths = (bytes: Buffer, at: number) => readonly number[];

/** V8: the array's length as a small integer, or, as later ones have it, as an integer of 32 bits before as many for padding. */
const v8Lengths: Lengths = (bytes, at) => {
  const [lower, upper] = [bytes.readUInt32LE(at - 8), bytes.readUInt32LE(at - 4)];
  return lower === 0 ? [upper] : upper === 0 ? [lower] : [];
};
/** The same where pointers are compressed. */
const v8CompressedLengths: Lengths = (bytes, at) => {
  const length = bytes.readUInt32LE(at - 4);
  return length % 2 === 0 ? [length, length / 2] : [length];
};
/** JavaScriptCore: elements in use and room for more (IndexingHeader). */
const jscLengths: Lengths = (bytes, at) => {
  const [used, room] = [bytes.readUInt32LE(at - 8), bytes.readUInt32LE(at - 4)];
  return used <= room && room <= 2 * MAX_DIGITS ? [used] : [];
};

/** Forms of which one takes the digits of the narrower ones as well, and where their array says how long it is. */
interface ArrayLayout {
  forms: readonly DigitForm[];
  stride: number;
  lengths: Lengths;
}

const LAYOUTS: readonly ArrayLayout[] = ENGINES.map((forms) => ({
  forms,
  stride: 8,
  lengths: forms[0]!.reading.startsWith('jsc') ? jscLengths : v8Lengths,
}));
const COMPRESSED_LAYOUT: ArrayLayout = { forms: COMPRESSED, stride: 4, lengths: v8CompressedLengths };

/** Room for a number's words. */
const words = new Uint32Array(18);
const octets = Buffer.from(words.buffer);

/** A number in digits. */
export interface JsEngineNumber {
  /** Words of 32 bits, the least significant first: good until the next number. */
  words: Uint32Array;
  size: number;
  reading: EngineReading;
  /** File offset of its first digit. */
  offset: number;
  /** Digits that its array has room for. */
  capacity: number;
  /** These are hardly more than it has: it was made as it is, of octets or text. */
  fits: boolean;
  /** It is no product that was reduced where it stood: an element of a field, no scalar. */
  mayBeScalar: boolean;
}

type KeepNumber = (number: JsEngineNumber) => void;
/** Digits that an array has room for beyond those of a number that was read into it: octets and text need not fill the last one. */
const SPARE_DIGITS = 1;
/** Bits of a digit of bn.js. */
const BN_BITS = 26;

/**
 * Numbers of a curve's size in digits of a JavaScript engine (elliptic with bn.js, jsbn), each in an array of its own, which its length tells: those whose
 * arrays begin in a piece. A field's element has the rest of the product behind it that it was reduced from, so that the digits alone do not tell where a
 * number ends.
 */
export function jsEngineNumbers(
  bytes: Buffer,
  { at: start, words, before, after, offset }: Piece,
  keep: KeepNumber,
): void {
  const memory = bytes.subarray(0, start + after);
  const end = Math.min(start + words * 8, memory.length);
  // What stands before the piece may be the length of an array that begins there.
  for (let at = before >= 8 ? start : start + 8; at < end; at += 8) {
    // Most words end here: both halves of a length are short, or one is zero.
    if (memory.readUInt32LE(at - 4) > 2 * MAX_DIGITS || memory.readUInt32LE(at - 8) > MAX_DIGITS) continue;
    for (const family of LAYOUTS) readArray(family, memory, at, offset + at - start, keep);
  }
}

/** The same of a stretch of `count` digits at `offset`, where pointers are compressed. */
export function compressedNumbers(bytes: RunBytes, offset: number, count: number, keep: KeepNumber): void {
  const { stride } = COMPRESSED_LAYOUT;
  // The array's length need not be among them.
  const from = Math.max(0, offset - stride);
  const memory = bytes.read(from, offset - from + count * stride);
  for (let at = stride; at < memory.length; at += stride)
    readArray(COMPRESSED_LAYOUT, memory, at, from + at, keep);
}

function readArray(
  { forms, stride, lengths }: ArrayLayout,
  bytes: Buffer,
  at: number,
  offset: number,
  keep: KeepNumber,
): void {
  const rooms = lengths(bytes, at).filter((length) => length >= MIN_DIGITS && length <= MAX_DIGITS);
  const room = rooms[0];
  if (room === undefined) return;
  const most = Math.min(room, Math.floor((bytes.length - at) / stride));
  for (const form of forms) {
    const digits: number[] = [];
    const enough = Math.min(most, Math.ceil(SIZES.at(-1)!.bits / form.bits));
    while (digits.length < enough) {
      const digit = form.read(bytes, at + digits.length * stride);
      if (digit === undefined) break;
      digits.push(digit);
    }
    let isNumber = false;
    for (const { bits, size } of SIZES) {
      if (!packDigits(digits, form.bits, bits)) continue;
      isNumber = true;
      const count = Math.ceil(bits / form.bits);
      const fits = rooms.some((each) => each >= count && each <= count + SPARE_DIGITS);
      const mayBeScalar =
        form.bits !== BN_BITS || rooms.some((each) => each < 2 * count - 1 || each === grownCapacity(count));
      keep({
        ...{ words: words.subarray(0, size / 4), size, reading: form.reading as EngineReading },
        ...{ offset, capacity: room, fits, mayBeScalar },
      });
    }
    // What fits narrow digits is a number in wider ones once in a million.
    if (isNumber) return;
  }
}

/** Elements that V8 makes room for where one is written behind an empty array: digits of jsbn are copied from the highest one on. bn.js multiplies into arrays of twice the digits. */
const grownCapacity = (count: number): number => count + (count >> 1) + 16;

/** Writes the lowest digits to the words, if these are a number of so many bits that looks random. */
function packDigits(digits: readonly number[], width: number, bits: number): boolean {
  const length = bitLengthOf(digits.slice(0, Math.ceil(bits / width)), width);
  if (length > bits || length < bits - MAX_LEADING_ZEROS) return false;
  const used = digits.slice(0, Math.ceil(length / width));
  if (new Set(used).size < used.length) return false;
  octets.fill(0);
  for (const [i, digit] of used.entries()) {
    const at = (i * width) >> 3;
    // With the bits before it in its first octet 35 at most.
    octets.writeUIntLE(octets.readUIntLE(at, 6) + digit * 2 ** ((i * width) & 7), at, 6);
  }
  return true;
}

/** Bits of an integer in these digits. */
function bitLengthOf(digits: readonly number[], bits: number): number {
  const last = digits.findLastIndex((digit) => digit > 0);
  return last < 0 ? 0 : last * bits + 32 - Math.clz32(digits[last]!);
}

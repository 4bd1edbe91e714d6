import { hasLengthBefore, MEMBER_LENGTHS, type Member } from './texts.js';

/**
 * What private scalars, seeds and points of curves look like as hexadecimal texts, which are runs of base64url too: digits of one case,
 * of the length that such a number has, with or without `0x`.
 */

/** Digits of a scalar, seed or coordinate of 256, 384 and 521 bits. */
const NUMBERS = [64, 96, 132] as const;
/** Of points: with the octet that says how they are written (SEC 1, 2.3.3), compressed and not, and as Ethereum has them, without; P-521's are not looked for. */
const POINTS = [66, 130, 98, 194, 128] as const;
const LENGTHS: ReadonlySet<number> = new Set([...NUMBERS, ...POINTS]);
/** `0x` */
const PREFIX = 2;
/** Numbers for which V8 needs no padding, so that the next object's address may follow; and how many characters of it. */
const UNPADDED = [64, 96] as const;
const BEHIND = 6;

/** Flags of a run: it may be such a text, and such a text may begin it. */
const MAY_BE_HEX = 0x8000;
const MAY_BEGIN_WITH_HEX = 0x4000;

function flagsOf(run: number): number {
  const whole = LENGTHS.has(run) || LENGTHS.has(run - PREFIX);
  const counted = UNPADDED.some((length) => run > length && run <= length + BEHIND);
  return (whole ? MAY_BE_HEX : 0) | (counted ? MAY_BEGIN_WITH_HEX : 0);
}

/** By the characters of a run of base64url what it may be: the length of a member of a JSON Web Key, and the flags; 0 is nothing of all. */
export const TEXT_RUNS: Uint16Array = MEMBER_LENGTHS.map((length, run) => length | flagsOf(run));

/**
 * Of random digits six of 16 are letters: fewer than 2 in a million texts of 64 have not so many of each, nor so many distinct
 * ones. Dates, counters and addresses lie outside.
 */
const LEAST = { letters: 8, digits: 16, distinct: 10 } as const;

const DIGIT = 1;
const LOWER = 2;
const UPPER = 4;
/** Of each byte, what it is as a hexadecimal digit. */
const KINDS = new Uint8Array(256);
for (const digit of Buffer.from('0123456789')) KINDS[digit] = DIGIT;
for (const letter of Buffer.from('abcdef')) KINDS[letter] = LOWER;
for (const letter of Buffer.from('ABCDEF')) KINDS[letter] = UPPER;

function isHex(bytes: Uint8Array, at: number, length: number): boolean {
  let kinds = 0;
  let digits = 0;
  let seen = 0;
  for (let i = at; i < at + length; i++) {
    const byte = bytes[i]!;
    const kind = KINDS[byte]!;
    if (kind === 0) return false;
    kinds |= kind;
    if (kind === DIGIT) digits++;
    // Decimal digits are 30 to 39, letters 41 to 46 and 61 to 66.
    seen |= kind === DIGIT ? 1 << (byte & 15) : 1 << (9 + (byte & 7));
  }
  return (
    kinds !== (DIGIT | LOWER | UPPER) &&
    digits >= LEAST.digits &&
    length - digits >= LEAST.letters &&
    bitCount(seen) >= LEAST.distinct
  );
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

const ZERO = 0x30;
const X = 0x78;

/** The digits in a run of base64url of `run` characters at `at` of `bytes`, which go on on both sides as for members of a JSON Web Key. */
export function hexIn(bytes: Uint8Array, at: number, run: number): Member | undefined {
  const flags = TEXT_RUNS[run] ?? 0;
  if ((flags & MAY_BE_HEX) !== 0) {
    const skip = bytes[at] === ZERO && bytes[at + 1] === X ? PREFIX : 0;
    const length = run - skip;
    if (LENGTHS.has(length) && isHex(bytes, at + skip, length)) return { skip, length };
  }
  if ((flags & MAY_BEGIN_WITH_HEX) === 0) return undefined;
  const length = UNPADDED.findLast((each) => each < run)!;
  return hasLengthBefore(bytes, at, length) && isHex(bytes, at, length) ? { skip: 0, length } : undefined;
}

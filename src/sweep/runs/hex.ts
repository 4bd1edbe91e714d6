import { hasLengthBefore, MEMBER_LENGTHS, type TextMember } from './texts.js';

/**
 * Private scalars, seeds and points of curves as hexadecimal texts, which are runs of base64url too: digits
 * of one case, of exactly the number's length, with or without `0x`.
 */

/** Digits of a scalar, seed or coordinate of 256, 384 and 521 bits. */
const NUMBERS = [64, 96, 132] as const;
/**
 * Digits of points with their form octet (SEC 1, 2.3.3), compressed and not, and without it (Ethereum). Not
 * P-521.
 */
const POINTS = [66, 130, 98, 194, 128] as const;
const LENGTHS: ReadonlySet<number> = new Set([...NUMBERS, ...POINTS]);
/** `0x` */
const PREFIX = 2;
/** Texts that V8 does not pad, so that up to `BEHIND` characters of the next object's address may follow. */
const UNPADDED = [64, 96] as const;
const BEHIND = 6;

/** Flags of a run: it may be a hexadecimal text, or begin with one. */
const MAY_BE_HEX = 0x8000;
const MAY_BEGIN_WITH_HEX = 0x4000;

function flagsOf(run: number): number {
  const whole = LENGTHS.has(run) || LENGTHS.has(run - PREFIX);
  const counted = UNPADDED.some((length) => run > length && run <= length + BEHIND);
  return (whole ? MAY_BE_HEX : 0) | (counted ? MAY_BEGIN_WITH_HEX : 0);
}

/**
 * By the length of a run of base64url: the length of a member of a JSON Web Key, and the flags; 0 if neither.
 */
export const TEXT_RUNS: Uint16Array = MEMBER_LENGTHS.map((length, run) => length | flagsOf(run));

/**
 * Six of 16 random digits are letters: fewer than 2 in a million random texts of 64 are below these bounds.
 * Dates, counters and addresses are.
 */
const LEAST = { letters: 8, decimals: 16, distinct: 10 } as const;

const DECIMAL = 1;
const LOWER = 2;
const UPPER = 4;
/** Kinds by byte; 0 if it is no hexadecimal digit. */
const KINDS = new Uint8Array(256);
for (const digit of Buffer.from('0123456789')) KINDS[digit] = DECIMAL;
for (const letter of Buffer.from('abcdef')) KINDS[letter] = LOWER;
for (const letter of Buffer.from('ABCDEF')) KINDS[letter] = UPPER;

function isHex(bytes: Uint8Array, at: number, length: number): boolean {
  let kinds = 0;
  let decimals = 0;
  let seen = 0;
  for (let i = at; i < at + length; i++) {
    const byte = bytes[i]!;
    const kind = KINDS[byte]!;
    if (kind === 0) return false;
    kinds |= kind;
    if (kind === DECIMAL) decimals++;
    // Decimal digits are 30 to 39, letters 41 to 46 and 61 to 66.
    seen |= kind === DECIMAL ? 1 << (byte & 15) : 1 << (9 + (byte & 7));
  }
  return (
    kinds !== (DECIMAL | LOWER | UPPER) &&
    decimals >= LEAST.decimals &&
    length - decimals >= LEAST.letters &&
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

/**
 * The hexadecimal text in a run of `run` base64url characters at `at` of `bytes`, with margins as for {@link
 * Member}.
 */
export function hexIn(bytes: Uint8Array, at: number, run: number): TextMember | undefined {
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

// Numbers of a curve's size that may be a coordinate, a private scalar or a seed: those at the start of a run
// and those following. If the net missed a number's first word, the number begins a word earlier; if the
// first word is the hash of a CPython `bytes`, a word later. Such a number has an object of its own or shares
// one with few others. A long run without a quiet word before it (a length, a header, a pointer) is
// compressed data.

import { curveDigits } from './digits.as';
import {
  headerKind, isDigits, isFitted, isGrey, isIntArray, isLength, isQuiet, looksRandom, mayLead, zeroBytes,
} from './gate.as';
import { LONG, NUMBER, record } from './records.as';

// SCALAR: the word before is not part of a number. LIKELY: that word is a small integer, zero or the hash of
// a `bytes`, and the run is short.
const SCALAR: u32 = 1;
const LIKELY: u32 = 2;
// The number begins an array of 32-bit integers.
const ARRAY: u32 = 4;
// The number lies between two copies of another one.
const BETWEEN: u32 = 8;
// The header before the number fits an object of its length (gate.as.ts).
const FITTED: u32 = 0x40;
const SMALL: i32 = 5;
const SHORT: i32 = 16;
// Words of X || Y of the largest size, plus one.
const FEW: i32 = 13;
// P-521: 66 octets, of which the first holds one bit; stored as nine little-endian words.
const RANDOM: usize = 64;
const STORED: i32 = 72;
const OCTETS: u32 = 66;
const INTEGERS: u32 = 68;
const MOST_TOP: u32 = 0x1ff;
// Eight whole words, of which either edge may lose one.
const LEAST_WORDS: i32 = 6;
const SHORTEST: i32 = 3;
// Octets of a Curve25519 key.
const KEY: i32 = 32;
// Fewest zero bytes of the eight before and after an unaligned number.
const FRAME: i32 = 5;
// Whole words of three unaligned keys, minus one at either edge; most words; most bytes outside the run.
const LEAST_BETWEEN: i32 = 9;
const MOST_BETWEEN: i32 = 96;
const BESIDE: i32 = 15;

// First readable byte.
let readable: usize = 0;

export function scalars(at: usize, words: i32, before: i32, after: i32): void {
  readable = at - before;
  first(at, words, before, after);
  // Another number may begin after a pointer that the run bridges, or after a hash.
  for (let i = 1; i <= words - SHORTEST; i++) {
    const skip = i << 3;
    if (leads(at, skip, before)) first(at + skip, words - i, before + skip, after - skip);
  }
  filled(at, words, before, after, 32);
  filled(at, words, before, after, 48);
  counted(at, words, before, after, 32);
  counted(at, words, before, after, 48);
  counted(at, words, before, after, 64);
  if (words >= LEAST_BETWEEN && words <= MOST_BETWEEN) between(at, words, before, after);
}

// A seed between two copies of its public key, at any byte: a public key next to NaCl's 64-octet secret key
// (crypto_sign), which ends with the public key.
function between(at: usize, words: i32, before: i32, after: i32): void {
  const last = at + min(after, words * 8 + BESIDE) - 3 * KEY;
  for (let p = at - min(before, BESIDE); p <= last; p++)
    if (load<u64>(p) == load<u64>(p, 64) && repeats(p) && looksRandom(p + KEY, KEY))
      keep(p + KEY, SCALAR | LIKELY | BETWEEN, KEY);
}

// An unaligned number, as in a packed structure: two zero bytes on one side, and mostly zeros (plus a type or
// a length) on the other.
function filled(at: usize, words: i32, before: i32, after: i32, size: i32): void {
  const slack = words * 8 - size;
  // The net may miss none of its whole words; the words at its ends have zeros.
  if (slack > 8 || slack < -16) return;
  if (before < 16 || after < size + 16) {
    filledAtEdge(at, before, after, size);
    return;
  }
  // Zero bytes around either end of a number that begins at `at`, one bit each: from eight bytes before the
  // end to eight after it, and one more on the side of the two zero bytes.
  const head = (zeroMask(at - 8) << 1) | (zeroMask(at) << 9) | u32(load<u8>(at - 9) == 0);
  const end = at + size;
  const tail = zeroMask(end - 8) | (zeroMask(end) << 8) | (u32(load<u8>(end + 8) == 0) << 16);
  const begins = ~(head >>> 2) & (head >>> 1) & head;
  const ends = ~tail & (tail >>> 1) & (tail >>> 2);
  // Bit i is the number i - 7 bytes behind `at`; the one at `at` is aligned.
  for (let found = (begins | ends) & 0x7f7f; found != 0; found &= found - 1) {
    const p = at + <usize>ctz(found) - 7;
    if (zeroBytes(p - 8) >= FRAME && zeroBytes(p + size) >= FRAME && looksRandom(p, size))
      keep(p, SCALAR, size);
  }
}

// {@link filled} byte by byte, where fewer bytes can be read.
function filledAtEdge(at: usize, before: i32, after: i32, size: i32): void {
  const last = min(at + 7, at + after - size - 8);
  for (let p = at + max(-7, 8 - before); p <= last; p++) {
    if (((p - at) & 7) == 0) continue;
    const begins = load<u16>(p - 2) == 0 && load<u8>(p) != 0;
    const ends = load<u16>(p + size) == 0 && load<u8>(p + size - 1) != 0;
    if (
      (begins || ends) && zeroBytes(p - 8) >= FRAME && zeroBytes(p + size) >= FRAME && looksRandom(p, size)
    ) keep(p, SCALAR, size);
  }
}

// Bit i is set if byte i of the word is zero.
@inline function zeroMask(p: usize): u32 {
  const x = load<u64>(p);
  const low: u64 = 0x7f7f7f7f7f7f7f7f;
  return <u32>(((~(((x & low) + low) | x | low) >>> 7) * 0x0102040810204080) >>> 56);
}

// A number half a word off the run's start, directly after its octet count: V8 with pointer compression
// aligns octet arrays to four bytes, and any data may follow.
function counted(at: usize, words: i32, before: i32, after: i32, size: i32): void {
  const slack = words * 8 - size;
  if (slack > 8 || slack < -16 || before < 12) return;
  for (let p = at - 4; p <= at + 4; p += 8)
    if (
      load<u32>(p - 4) == <u32>size && load<u16>(p - 6) == 0 && <i32>(p - at) + size <= after &&
      looksRandom(p, size)
    ) keep(p, SCALAR | LIKELY | FITTED, size);
}

function repeats(p: usize): bool {
  for (let i = 8; i < KEY; i += 8) if (load<u64>(p + i) != load<u64>(p + i, 64)) return false;
  return looksRandom(p, KEY);
}

function first(at: usize, words: i32, before: i32, after: i32): void {
  whole(at, words, before, after, 32);
  whole(at, words, before, after, 48);
  alone(at, words, before, after, 40);
  alone(at, words, before, after, 64);
  digits(at, words, before, after);
  if (words < LEAST_WORDS) return;
  if (before >= 8) long(at, -8, words, before, after);
  long(at, 0, words, before, after);
}

function digits(at: usize, words: i32, before: i32, after: i32): void {
  if (leads(at, 0, before)) curveDigits(at, at + after, scalar(at, 0, words, before), before >= 8);
  if (before >= 8 && isGrey(at - 8) && leads(at, -8, before))
    curveDigits(at - 8, at + after, scalar(at, -8, words, before), before >= 16);
}

function whole(at: usize, words: i32, before: i32, after: i32, size: i32): void {
  // The number's last word may lie after the run.
  const most = min(after, words * 8 + 8);
  if (before >= 8 && isGrey(at - 8)) row(at, -8, words, before, after, most, size);
  row(at, 0, words, before, after, most, size);
}

// A number and those following it.
function row(at: usize, x: i32, words: i32, before: i32, after: i32, most: i32, size: i32): void {
  if (x + size > most) return;
  number(at, x, words, before, size);
  const p = at + x + size;
  if (x + 2 * size > most || (words > FEW && !leads(at, x, before))) return;
  const others = size == KEY ? others32(at, x, before, after, most) : 0;
  const flags: u32 = others > 0 ? scalar(at, x, words, before) | fitted(p - size, size, before + x) : 0;
  // If the first word is a guess, only numbers in an object of their own.
  if ((x == 0 || flags != 0) && looksRandom(p, size)) keep(p, flags, size);
  if (others == 2 && looksRandom(p + size, size)) keep(p + size, flags, size);
}

// Sizes used only by Brainpool's curves: one or two numbers between a header and a non-number. Compressed
// data continues.
function alone(at: usize, words: i32, before: i32, after: i32, size: i32): void {
  if (before >= 8 && isGrey(at - 8)) pair(at, -8, words, before, after, size);
  pair(at, 0, words, before, after, size);
}

function pair(at: usize, x: i32, words: i32, before: i32, after: i32, size: i32): void {
  // The last word may lie after the run; the word of a header has zeros.
  const length = words * 8;
  const most = after >= length + 8 && isGrey(at + length) ? length + 8 : min(after, length);
  if (x + size > most || !isHeaded(at, x, before)) return;
  if (ends(at, x + size, after)) {
    number(at, x, words, before, size);
    return;
  }
  if (x + 2 * size > most || !ends(at, x + 2 * size, after)) return;
  number(at, x, words, before, size);
  if (looksRandom(at + x + size, size)) keep(at + x + size, 0, size);
}

// As leads(), and the word's last byte fits a header: the top byte of a size or a pointer, a hash of -1, or a
// heap dump's array type (11 at most). Libraries have tables of P-521 points, unaligned, with 64 random and a
// few quiet bytes in turn.
function isHeaded(at: usize, x: i32, before: i32): bool {
  if (before + x < 8 || (before + x >= 16 && isLength(at + x - 16))) return true;
  const last = load<u8>(at + x - 1);
  return mayLead(at + x - 8) && (last <= 11 || last == 0xff);
}

function number(at: usize, x: i32, words: i32, before: i32, size: i32): void {
  const p = at + x;
  const led = leads(at, x, before);
  if ((!led && words > FEW) || !looksRandom(p, size)) return;
  // An integer stored as digits also has its own object, and Python has thousands: as octets it is unlikely a
  // scalar.
  const flags: u32 = !led
    ? 0
    : isDigits(p) ? SCALAR : scalar(at, x, words, before) | fitted(p, size, before + x);
  keep(p, flags | array(p, size, before + x), size);
}

function keep(p: usize, detail: u32, size: u32): void {
  memory.copy(record(p, NUMBER, detail | behind(p), size, size), p, size);
}

// Record bits above the detail: hash of the header before the number.
function behind(p: usize): u32 {
  return p - 8 >= readable ? headerKind(p) << 8 : 0;
}

function fitted(p: usize, length: u32, before: i32): u32 {
  return isFitted(p, length, before) ? LIKELY | FITTED : 0;
}

function array(p: usize, size: u32, before: i32): u32 {
  return before >= 8 && isIntArray(p, size >>> 2) ? ARRAY : 0;
}

function scalar(at: usize, x: i32, words: i32, before: i32): u32 {
  const small = before + x < 8 || !isQuiet(at + x - 8) || zeroBytes(at + x - 8) >= SMALL;
  return small && words <= SHORT ? SCALAR | LIKELY : SCALAR;
}

// Number of 32-octet numbers after the first in an object of their own: the public key of a seed; the scalar
// and prefix that a seed expands to (RFC 8032, 5.1.5); or the seed followed by the public key once more.
function others32(at: usize, x: i32, before: i32, after: i32, most: i32): i32 {
  if (!leads(at, x, before)) return 0;
  if (ends(at, x + 2 * KEY, after)) return 1;
  return x + 3 * KEY <= most && ends(at, x + 3 * KEY, after) ? 2 : 0;
}

@inline function ends(at: usize, x: i32, after: i32): bool {
  return after < x + 8 || isQuiet(at + x);
}

// True if the words before allow a number to begin here.
@inline function leads(at: usize, x: i32, before: i32): bool {
  return before + x < 8 || mayLead(at + x - 8) || (before + x >= 16 && isLength(at + x - 16));
}

function long(at: usize, x: i32, words: i32, before: i32, after: i32): void {
  if (x + STORED > after) return;
  const p = at + x;
  const led = leads(at, x, before);
  const flags: u32 = led ? scalar(at, x, words, before) : 0;
  const ahead: i32 = led ? before + x : 0;
  if (load<u32>(p, 64) <= MOST_TOP && load<u32>(p, 68) == 0 && looksRandom(p, RANDOM)) {
    memory.copy(record(p, LONG, behind(p) | flags | fitted(p, STORED, ahead), STORED, STORED), p, STORED);
  }
  if (((<u32>load<u8>(p) << 8) | load<u8>(p, 1)) <= MOST_TOP && looksRandom(p + 2, RANDOM)) {
    const o = record(p, LONG, behind(p) | flags | fitted(p, OCTETS, ahead) | (1 << 2), STORED, STORED);
    store<u64>(o, 0, 64);
    for (let i: usize = 0; i < OCTETS; i++) store<u8>(o + i, load<u8>(p + OCTETS - 1 - i));
  }
  if (load<u32>(p) <= MOST_TOP && before + x >= 8 && isIntArray(p, 17) && looksRandom(p + 4, RANDOM)) {
    const o = record(p, LONG, behind(p) | flags | fitted(p, INTEGERS, ahead) | (2 << 2), STORED, STORED);
    store<u32>(o, 0, 68);
    for (let i: usize = 0; i < INTEGERS; i += 4) store<u32>(o + i, load<u32>(p + INTEGERS - 4 - i));
  }
}

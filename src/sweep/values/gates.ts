import { ALPHANUMERIC, DIGIT, HEX, hexDigit, KINDS, LOWER, UPPER } from './alphabet.js';

/**
 * Random-looking values that are no secrets: symbols, paths, pointers, tables. Of a million random values one
 * gate refuses at most a few hundred, {@link isOneCase} and {@link hasShortPieces} a few thousand.
 */

const MOST_READ = 512;

const isUnderscore = (byte: number): boolean => byte === 0x5f;

/** Letters and underscores, most of them in lower case. */
function isIdentifier(text: Uint8Array, from: number, to: number): boolean {
  let lower = 0;
  for (let at = from; at < to; at++) {
    const kind = KINDS[text[at]!]!;
    if ((kind & LOWER) !== 0) lower++;
    else if ((kind & UPPER) === 0 && !isUnderscore(text[at]!)) return false;
  }
  return 3 * lower >= 2 * (to - from);
}

/** Names behind their length in a symbol, one less if it ends in `E`, and characters between them. */
const MANGLED = { pieces: 3, gap: 4, end: 12 };

/** `_Z…`, `_R…`, or names that each follow their length, as in C++ and Rust. */
function isMangled(text: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && at - start < 3 && isUnderscore(text[at]!)) at++;
  if (at > start && (text[at] === 0x5a || text[at] === 0x52)) return true;
  let pieces = 0;
  let last = start;
  let upper = false;
  for (let i = start; i < end; i++) upper ||= (KINDS[text[i]!]! & UPPER) !== 0;
  if (!upper) return false;
  for (let i = start; i < end; ) {
    let next = i;
    let count = 0;
    while (next < end && next - i < 2 && (KINDS[text[next]!]! & DIGIT) !== 0)
      count = count * 10 + text[next++]! - 0x30;
    if (count < 3 || next + count > end || !isIdentifier(text, next, next + count)) {
      i = Math.max(next, i + 1);
      continue;
    }
    pieces = i - last <= MANGLED.gap ? pieces + 1 : 1;
    if (pieces >= MANGLED.pieces) return true;
    i = last = next + count;
  }
  return pieces === MANGLED.pieces - 1 && end - last <= MANGLED.end && text[end - 1] === 0x45;
}

/** One character six times in a row, and an eighth of the value. */
function hasRepeats(text: Uint8Array, start: number, end: number): boolean {
  let run = 1;
  for (let at = start + 1; at < end; at++) {
    run = text[at] === text[at - 1] ? run + 1 : 1;
    if (run >= 6 && run * 8 >= end - start) return true;
  }
  return false;
}

const seen = new Uint8Array(256);

/** Fewer than 8 different characters, or 6 of hex. */
function hasFew(text: Uint8Array, start: number, end: number): boolean {
  let distinct = 0;
  let hex = true;
  seen.fill(0);
  for (let at = start; at < end && at - start < 256; at++) {
    const byte = text[at]!;
    if (seen[byte] === 0) distinct++;
    seen[byte] = 1;
    if ((KINDS[byte]! & (HEX | DIGIT)) === 0) hex = false;
  }
  return distinct < (hex ? 6 : 8);
}

/** Letters of one case only; letters only in a short value. */
function isOneCase(text: Uint8Array, start: number, end: number): boolean {
  let kinds = 0;
  for (let at = start; at < end; at++) kinds |= KINDS[text[at]!]! & ALPHANUMERIC;
  if (kinds === LOWER || kinds === UPPER) return true;
  return (kinds & DIGIT) === 0 && end - start < 24;
}

/** True if hex digits go on to the end, or to a sign. */
function endsHex(text: Uint8Array, from: number, end: number): boolean {
  let at = from;
  while (at < end && hexDigit(text[at]!) >= 0) at++;
  return at === end || text[at] === 0x2d || text[at] === 0x2b;
}

/** `0x…`, `0x…-…` */
function isPointer(text: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at + 2 < end && at - start < 6; at++)
    if (text[at] === 0x30 && (text[at + 1]! | 0x20) === 0x78 && hexDigit(text[at + 2]!) >= 0)
      return endsHex(text, at + 2, end);
  return false;
}

/** Eight zeros or F in a row in hex. */
function hasZeros(text: Uint8Array, start: number, end: number): boolean {
  let run = 0;
  let zeros = false;
  for (let at = start; at < end; at++) {
    const byte = text[at]!;
    if ((KINDS[byte]! & (HEX | DIGIT)) === 0 && byte !== 0x2d) return false;
    run = at > start && byte === text[at - 1] ? run + 1 : 1;
    zeros ||= run >= 8 && (byte === 0x30 || (byte | 0x20) === 0x66);
  }
  return zeros;
}

/** Every piece between `-` and `_` is short; a UUID has one of 12. */
function hasShortPieces(text: Uint8Array, start: number, end: number): boolean {
  let piece = 0;
  let longest = 0;
  for (let at = start; at < end; at++) {
    const byte = text[at]!;
    piece = byte === 0x2d || byte === 0x5f ? 0 : piece + 1;
    longest = Math.max(longest, piece);
  }
  return longest < 8;
}

const ROOTS = new Set(
  'tmp usr etc var home opt proc sys dev run lib srv nix root mnt data www org com java sun javax jdk'.split(
    ' ',
  ),
);

/** A path: an absolute one below a known root, or three and more pieces that are words. */
function isPath(text: Uint8Array, start: number, end: number): boolean {
  let pieces = 0;
  let wordy = 0;
  let from = start;
  for (let at = start; at <= end; at++) {
    if (at < end && text[at] === 0x2b) return false;
    if (at < end && text[at] !== 0x2f) continue;
    if (at > from) {
      pieces++;
      if (isWordy(text, from, at)) wordy++;
      const absolute = pieces === 1 && from > start && at < end;
      if (absolute && at - from <= 5 && ROOTS.has(textOf(text, from, at))) return true;
    }
    from = at + 1;
  }
  return pieces >= 3 && wordy >= 2 && 2 * wordy >= pieces;
}

const textOf = (text: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...text.subarray(from, to));

/** Lower-case letters, at most one capital in front. */
function isWordy(text: Uint8Array, from: number, to: number): boolean {
  if (to - from < 3) return false;
  for (let at = from; at < to; at++) {
    const kind = KINDS[text[at]!]!;
    if ((kind & LOWER) === 0 && !(at === from && (kind & UPPER) !== 0) && text[at] !== 0x2d) return false;
  }
  return true;
}

/** Tables of characters: most steps go up, of all characters or of every other one. */
function isRising(text: Uint8Array, start: number, end: number): boolean {
  const last = Math.min(end, start + 64);
  let all = 0;
  const by = [0, 0];
  for (let at = start + 1; at < last; at++) {
    if (text[at]! > text[at - 1]!) all++;
    if (at >= start + 2 && text[at]! > text[at - 2]!) by[(at - start) & 1]!++;
  }
  const half = Math.floor((last - start) / 2) - 1;
  const [even, odd] = [by[0]! / half, by[1]! / half];
  return all > 0.8 * (last - start - 1) || (Math.max(even, odd) > 0.85 && Math.min(even, odd) > 0.6);
}

/** Position of a character in base64. */
function digitOf(byte: number): number {
  const kind = KINDS[byte]!;
  if ((kind & UPPER) !== 0) return byte - 0x41;
  if ((kind & LOWER) !== 0) return byte - 0x61 + 26;
  if ((kind & DIGIT) !== 0) return byte - 0x30 + 52;
  return byte === 0x2b ? 62 : 63;
}

/** DER in base64, of its own length: keys and certificates, which have detectors of their own. */
function isDer(text: Uint8Array, start: number, end: number): boolean {
  let last = end;
  while (last > start && text[last - 1] === 0x3d) last--;
  const digit = (index: number): number => digitOf(text[start + index]!);
  // `M`: the tag of a SEQUENCE, 0x30 (X.690, 8.9), and two bits of its length.
  if (last - start < 40 || digit(0) !== 12 || digit(1) >> 4 !== 0) return false;
  const bytes = Math.floor(((last - start) * 3) / 4);
  const length = ((digit(1) & 15) << 4) | (digit(2) >> 2);
  if (length === 0x82) return true;
  return length === 0x81 || length + 2 === bytes;
}

/** Fewest characters of a name that is compared with its hex: chance makes six agree in one of 10^10. */
const SHORTEST_NAME = 6;

/** A name behind its own hex: compiled functions of Emacs, `F…_find_file_0`. */
function followsHex(text: Uint8Array, start: number, end: number): boolean {
  let sign = start;
  while (sign < end && hexDigit(text[sign]!) >= 0) sign++;
  const count = (sign - start) >> 1;
  if (count < SHORTEST_NAME || sign + count >= end || !isUnderscore(text[sign]!)) return false;
  for (let i = 0; i < count; i++) {
    const at = sign - 2 * (count - i);
    const byte = 16 * hexDigit(text[at]!) + hexDigit(text[at + 1]!);
    const shown = (KINDS[byte]! & ALPHANUMERIC) === 0 ? 0x5f : byte;
    if (text[sign + 1 + i] !== shown) return false;
  }
  return true;
}

const GATES = [
  isMangled,
  followsHex,
  hasRepeats,
  hasFew,
  isOneCase,
  isPointer,
  hasZeros,
  hasShortPieces,
  isPath,
  isRising,
  isDer,
];

/** True if text[start, end) is one of these. */
export function isGated(text: Uint8Array, start: number, end: number): boolean {
  const last = Math.min(end, start + MOST_READ);
  return GATES.some((gate) => gate(text, start, last));
}

import { type Reading, ReadingBuilder } from './reading.js';
import { allIn, kindsOf, type RunKind, runEnd, runFrom, type SpanFound } from './runs.js';

/** Bytes as groups of characters: base32 (RFC 4648, section 6), ascii85 of Adobe, uuencode of POSIX. */

const [LF, CR, SPACE, LAST_UU] = [0x0a, 0x0d, 0x20, 0x60];

const [UPPER, LOWER] = [1, 2];
const BASE32_KINDS = kindsOf({ AZ: UPPER, az: LOWER, '27': UPPER | LOWER });
/** Base32 in one case. */
const BASE32_RUNS: readonly RunKind[] = [UPPER, LOWER].map((kind) => ({
  kinds: BASE32_KINDS,
  kind,
  least: 20,
}));

/** Runs of base32 in one case, with line breaks between long lines. */
export function base32In(text: Uint8Array, from: number, to: number, found: SpanFound): void {
  for (const run of BASE32_RUNS)
    for (let at = from; at < to; at++) {
      const start = runFrom(text, at, to, run);
      at = runEnd(text, start, to, run);
      if (at > start) found(start, at);
    }
}

const [FIRST_85, ZEROS_85] = [0x21, 0x7a];
const [DIGIT_85, LETTER] = [1, 2];
const ASCII85_KINDS = kindsOf({ '!u': DIGIT_85, zz: DIGIT_85, '09': LETTER, AZ: LETTER, az: LETTER });
const ASCII85_RUN: RunKind = { kinds: ASCII85_KINDS, kind: DIGIT_85, least: 20 };
/** Most characters for each mark (neither letter nor number), and the least number of distinct marks. */
const ASCII85_MARKS = { each: 6, distinct: 5 };

/** Runs that are ascii85: unlike names, paths and code they have many distinct marks. */
export function ascii85In(text: Uint8Array, from: number, to: number, found: SpanFound): void {
  for (let at = from; at < to; at++) {
    const start = runFrom(text, at, to, ASCII85_RUN);
    at = runEnd(text, start, to, ASCII85_RUN);
    if (at > start && isMarked(text, start, at)) found(start, at);
  }
}

const seen = new Uint8Array(256);

function isMarked(text: Uint8Array, start: number, end: number): boolean {
  let [marks, distinct] = [0, 0];
  seen.fill(0);
  for (let at = start; at < end; at++) {
    const byte = text[at]!;
    if ((ASCII85_KINDS[byte]! & LETTER) !== 0) continue;
    marks++;
    distinct += 1 - seen[byte]!;
    seen[byte] = 1;
  }
  return marks * ASCII85_MARKS.each >= end - start && distinct >= ASCII85_MARKS.distinct;
}

/** The bytes of groups of five digits, the first `skip` of them left out. */
function groupsOf85(whole: Reading, [start, end]: readonly [number, number], skip: number): Reading {
  const { bytes: text } = whole;
  let zeros = 0;
  for (let at = start; at < end; at++) if (text[at] === ZEROS_85) zeros++;
  const groups = new ReadingBuilder(whole, end - start + 4 * zeros + 4);
  let [value, count, first, left] = [0, 0, start, skip];
  const add = (bytes: number, to: number): void => {
    for (let byte = 0; byte < bytes; byte++)
      groups.add(Math.floor(value / 2 ** (24 - 8 * byte)) & 0xff, first, to);
    [value, count] = [0, 0];
  };
  for (let at = start; at < end; at++) {
    const byte = text[at]!;
    if (byte < FIRST_85) continue;
    if (left > 0) {
      left--;
      continue;
    }
    if (count === 0) first = at;
    if (byte === ZEROS_85 && count === 0) add(4, at + 1);
    else {
      value = value * 85 + byte - FIRST_85;
      if (++count === 5) add(4, at + 1);
    }
  }
  if (count < 2) return groups.finish();
  const bytes = count - 1;
  for (; count < 5; count++) value = value * 85 + 84;
  add(bytes, end);
  return groups.finish();
}

/** Ascii85, from each of the five digits of a group. */
export function* readAscii85(text: Reading): Generator<Reading> {
  for (const run of allIn(text.bytes, ascii85In))
    for (let skip = 0; skip < 5; skip++) yield groupsOf85(text, run, skip);
}

/** Bytes of the shortest line of uuencode that is looked at, and of the longest. */
const UU_LINE = { least: 12, most: 45 };
const UU_MOST = 1 + (UU_LINE.most / 3) * 4;
const UU_LEAST = 1 + (UU_LINE.least / 3) * 4;

/**
 * Start of the line of uuencode that ends at an index: its first character is the number of its bytes. -1 if
 * there is none from `from` on. What is before it in memory may be any bytes.
 */
function uuLineBefore(text: Uint8Array, from: number, end: number): number {
  const most = Math.max(from, end - UU_MOST);
  let first = end;
  while (first > most && text[first - 1]! >= SPACE && text[first - 1]! <= LAST_UU) first--;
  for (let start = end - UU_MOST; start <= end - UU_LEAST; start += 4)
    if (start >= first && isUuLine(text, start, end)) return start;
  return -1;
}

/** True for a line of as many bytes as its first character says. */
function isUuLine(text: Uint8Array, start: number, end: number): boolean {
  const bytes = text[start]! - SPACE;
  return bytes > 0 && 4 * Math.ceil(bytes / 3) === end - start - 1;
}

/** Lines of uuencode in a row, of which the last may be short. */
export function uuencodeIn(text: Uint8Array, from: number, to: number, found: SpanFound): void {
  let [start, end] = [-1, -1];
  const finish = (): void => {
    if (start >= 0) found(start, end);
    start = -1;
  };
  // No longer than the part: a search for the end of a line must not go on behind it.
  const lines = text.subarray(0, to);
  for (let next = from; next < to; ) {
    const feed = lines.indexOf(LF, next);
    const stop = feed < 0 ? to : feed;
    const last = text[stop - 1] === CR ? stop - 1 : stop;
    const isLast = start >= 0 && last - next < UU_LEAST && isUuLine(text, next, last);
    const line = isLast ? next : uuLineBefore(text, next, last);
    if (line !== next) finish();
    if (line >= next) {
      if (start < 0) start = line;
      end = last;
    }
    next = stop + 1;
  }
  finish();
}

/** Lines of uuencode. */
export function* readUuencode(text: Reading): Generator<Reading> {
  for (const [start, end] of allIn(text.bytes, uuencodeIn)) {
    const lines = new ReadingBuilder(text, end - start);
    for (let at = start; at < end; ) {
      const left = text.bytes[at]! - SPACE;
      at = addLine(text.bytes, at + 1, left, lines);
      while (at < end && (text.bytes[at] === CR || text.bytes[at] === LF)) at++;
    }
    yield lines.finish();
  }
}

/** Adds the bytes of a line from its second character on. Returns the index behind it. */
function addLine(text: Uint8Array, from: number, bytes: number, lines: ReadingBuilder): number {
  let at = from;
  for (let left = bytes; left > 0; left -= 3, at += 4) {
    let value = 0;
    for (let digit = 0; digit < 4; digit++) value = (value << 6) | ((text[at + digit]! - SPACE) & 0x3f);
    for (let byte = 0; byte < Math.min(3, left); byte++)
      lines.add((value >> (16 - 8 * byte)) & 0xff, at, at + 4);
  }
  return at;
}

import { HEX_VALUES, isHexPrefix } from './digits.js';
import { escapedByte } from './escapes.js';
import { type Reading, ReadingBuilder } from './reading.js';

/**
 * Listings of memory, as hexdump, od, xxd and debuggers print them: lines that begin with addresses that
 * count up, and may end with the same bytes as characters.
 */

/** Characters of the longest line. */
const LONGEST_LINE = 512;
/** Characters before an address on its line. */
const LONGEST_PREFIX = 64;
/** Digits of the shortest address. */
const LEAST_ADDRESS = 4;
/** Bytes of the longest line. */
const MOST_STEP = 512;
/** Characters from one cell of `od -c` to the next. */
const CELL = 4;
/** Bytes of the shortest listing of cells. */
const LEAST_CELLS = 6;

const [LF, CR, SPACE, TAB, COLON, QUOTE, LESS, GREATER, BAR, BACKSLASH, GRAVE] = [
  0x0a, 0x0d, 0x20, 0x09, 0x3a, 0x27, 0x3c, 0x3e, 0x7c, 0x5c, 0x60,
];
const isBlank = (byte: number | undefined): boolean => byte === SPACE || byte === TAB;
const isHex = (byte: number | undefined): boolean => byte !== undefined && HEX_VALUES[byte]! >= 0;

/** A line with an address. */
interface Line {
  start: number;
  end: number;
  /** Index behind the address, a symbol and a colon. */
  after: number;
  address: Address;
}

/** An address in base 16, 10 and 8: a double is too short for those of kernels. */
interface Address {
  lows: readonly number[];
  /** The upper 32 bits of each; NaN if it has other digits. */
  highs: readonly number[];
}

const BASES = [16, 10, 8] as const;

function addressAt(
  text: Uint8Array,
  from: number,
  end: number,
): { to: number; address: Address } | undefined {
  let at = isHexPrefix(text, from) ? from + 2 : from;
  const first = at;
  const lows = [0, 0, 0];
  const highs = [0, 0, 0];
  let digits = 0;
  for (; at < end && at < first + 20; at++) {
    const digit = HEX_VALUES[text[at]!]!;
    // WinDbg writes it between the halves of an address.
    if (digit < 0 && text[at] === GRAVE && digits === 8) continue;
    if (digit < 0) break;
    digits++;
    for (let index = 0; index < BASES.length; index++) {
      const base = BASES[index]!;
      const sum = lows[index]! * base + digit;
      lows[index] = sum >>> 0;
      highs[index] = digit < base ? highs[index]! * base + Math.floor(sum / 2 ** 32) : Number.NaN;
    }
  }
  const isShort = digits < LEAST_ADDRESS && (digits === 0 || first === from);
  return isShort || digits > 16 ? undefined : { to: at, address: { lows, highs } };
}

/** The address of a line: its first word, or one before a colon. */
function lineAt(text: Uint8Array, start: number, end: number): Line | undefined {
  const limit = Math.min(end, start + LONGEST_PREFIX);
  let isFirst = true;
  for (let at = start; at < limit; at++) {
    if (isBlank(text[at])) continue;
    const found = isHex(text[at]) ? addressAt(text, at, end) : undefined;
    if (found !== undefined && (isFirst ? isBehindAddress(text, found.to) : text[found.to] === COLON))
      return { start, end, after: afterSymbol(text, found.to, end), address: found.address };
    isFirst = false;
    while (at < limit && !isBlank(text[at])) at++;
  }
  return undefined;
}

const isBehindAddress = (text: Uint8Array, at: number): boolean =>
  text[at] === COLON || isBlank(text[at]) || (text[at] === BACKSLASH && text[at + 1] === 0x74);

/** Index behind ` <symbol+16>:`, or a colon. */
function afterSymbol(text: Uint8Array, from: number, end: number): number {
  let at = from;
  if (isBlank(text[at]) && text[at + 1] === LESS) {
    const close = text.subarray(at, Math.min(end, at + LONGEST_LINE)).indexOf(GREATER);
    if (close > 0) at += close + 1;
  }
  if (text[at] === COLON) at++;
  // A tab as JSON and C write it.
  return text[at] === BACKSLASH && text[at + 1] === 0x74 ? at + 2 : at;
}

/** Bytes from one line to the next; 0 if the addresses do not count up. */
function stepOf({ address }: Line, next: Line): number {
  const { lows, highs } = next.address;
  for (let index = 0; index < BASES.length; index++) {
    const step = (highs[index]! - address.highs[index]!) * 2 ** 32 + lows[index]! - address.lows[index]!;
    if (step > 0 && step <= MOST_STEP) return step;
  }
  return 0;
}

/** What ends a line: a line feed, or `\n` in a text with escapes. */
export const LINE_ENDS: readonly Buffer[] = ['\n', '\\n'].map((end) => Buffer.from(end, 'latin1'));

/** Lines in a row, at least two. */
type Listing = readonly Line[];

/** Receives the lines of a listing. Every line is in one listing at most for each way to end lines. */
export function listingsIn(
  text: Uint8Array,
  begin: number,
  to: number,
  found: (lines: Listing) => void,
): void {
  // No longer than the part: a search for the end of a line must not go on behind it.
  const buffer = Buffer.from(text.buffer, text.byteOffset, to);
  for (const lineEnd of LINE_ENDS) {
    let lines: Line[] = [];
    const end = (): void => {
      if (lines.length > 1) found(lines);
      lines = [];
    };
    let from = begin;
    for (let feed = buffer.indexOf(lineEnd, begin); feed >= 0; ) {
      const start = feed + lineEnd.length;
      const next = buffer.indexOf(lineEnd, start);
      const stop = next < 0 ? to : next;
      const line = lineAt(text, start, Math.min(stop, start + LONGEST_LINE));
      if (line === undefined) end();
      else {
        const before = lines.at(-1) ?? lineBefore(text, Math.max(from, feed - LONGEST_LINE), feed, line);
        if (before === undefined || stepOf(before, line) === 0) end();
        else if (lines.length === 0) lines.push(before);
        if (lines.length > 0) lines.push(line);
      }
      if (lines.length === 0) from = start;
      feed = next;
    }
    end();
  }
}

/** The line of [from, to) with an address that a line follows: other text may be before it. */
function lineBefore(text: Uint8Array, from: number, to: number, next: Line): Line | undefined {
  let last: Line | undefined;
  for (let at = from; at < to; at++) {
    if (!isHex(text[at])) continue;
    const found = addressAt(text, at, to);
    if (found !== undefined && isBehindAddress(text, found.to)) {
      const line = { start: at, end: to, after: afterSymbol(text, found.to, to), address: found.address };
      if (stepOf(line, next) > 0) last ??= line;
    }
    while (at + 1 < to && isHex(text[at + 1])) at++;
  }
  return last;
}

/** Where the numbers of a line end, and the characters begin if it has them, counted from its address. */
interface Columns {
  numbers: number;
  characters: number;
}

/** Digits of a byte in base 16 and base 2. */
const DIGITS_OF_BYTE = [2, 8];

/** `step`: bytes of a line. `last`: the columns of the line before. */
function columnsOf(text: Uint8Array, { after, end }: Line, step: number, last: Columns | undefined): Columns {
  let [digits, gap] = [0, 0];
  for (let at = after; at < end; at++) {
    const byte = text[at]!;
    if (isBlank(byte)) {
      gap++;
      continue;
    }
    const column = at - after;
    const isBehindAll = gap > 1 && DIGITS_OF_BYTE.some((each) => digits === each * step);
    if (digits > 0 && gap > 0)
      if (byte === BAR || byte === GREATER || isBehindAll || column === last?.characters)
        return { numbers: column - gap, characters: column };
    if (isHexPrefix(text, at)) at++;
    else if (isHex(byte)) digits++;
    gap = 0;
  }
  return { numbers: end - after, characters: -1 };
}

/** The numbers of a listing alone. What has characters beside it comes from its whole line. */
function numbersOf(whole: Reading, lines: Listing): Reading {
  const { bytes: text } = whole;
  const size = lines.reduce((sum, { start, end }) => sum + end - start + 1, 0);
  const numbers = new ReadingBuilder(whole, size);
  let last: Columns | undefined;
  for (const [index, line] of lines.entries()) {
    const step = index + 1 < lines.length ? stepOf(line, lines[index + 1]!) : stepOf(lines[index - 1]!, line);
    const columns = columnsOf(text, line, step, last);
    const hasCharacters = columns.characters >= 0;
    if (hasCharacters) last = columns;
    const until = line.after + columns.numbers;
    for (let at = line.after; at < until; ) {
      const next = Math.max(at + 1, afterCharacter(text, at, until));
      const byte = next > at + 1 ? SPACE : text[at]!;
      numbers.add(byte, hasCharacters ? line.after : at, hasCharacters ? line.end : at + 1);
      at = next;
    }
    numbers.add(LF, line.after, line.end);
  }
  return numbers.finish();
}

/** Index behind a character in quotes; that of its first quote if there is none. */
function afterCharacter(text: Uint8Array, at: number, end: number): number {
  if (text[at] !== QUOTE) return at;
  const from = at + (text[at + 1] === BACKSLASH ? 3 : 2);
  for (let close = from; close < Math.min(end, from + 3); close++)
    if (text[close] === QUOTE) return close + 1;
  return at;
}

function listingsOf(text: Uint8Array): Listing[] {
  const listings: Listing[] = [];
  listingsIn(text, 0, text.length, (lines) => listings.push(lines));
  return listings;
}

/** The numbers of listings, as text: without addresses and characters. */
export function* readListings(text: Reading): Generator<Reading> {
  for (const lines of listingsOf(text.bytes)) yield numbersOf(text, lines);
}

/** Listings of characters, each in a cell: `od -c`, `hexdump -c`. */
export function* readCells(text: Reading): Generator<Reading> {
  for (const lines of listingsOf(text.bytes)) {
    const cells = new ReadingBuilder(
      text,
      lines.reduce((sum, { start, end }) => sum + end - start, 0),
    );
    for (const [index, line] of lines.entries()) {
      addCells(text.bytes, line, cells);
      // Most listings have no cells. The first line may be cut off.
      if (index > 0 && cells.length === 0) break;
    }
    if (cells.length >= LEAST_CELLS) yield cells.finish();
  }
}

/** What some cells show by other names. */
const NAMES: Readonly<Record<string, number>> = { sp: SPACE, nl: LF, del: 0x7f };

/** Adds the bytes of a line whose words end at the same multiples of a cell. */
function addCells(text: Uint8Array, { after, end }: Line, cells: ReadingBuilder): void {
  const before = cells.length;
  let last = -1;
  for (let at = after; at < end; at++) {
    if (isBlank(text[at]) || text[at] === CR) continue;
    const start = at;
    while (at < end && !isBlank(text[at]) && text[at] !== CR) at++;
    const byte = cellByte(text, start, at);
    const offset = last < 0 ? Math.floor((at - after) / CELL) * CELL : at - last;
    if (byte < 0 || (last >= 0 && offset % CELL !== 0)) {
      cells.length = before;
      return;
    }
    for (let space = CELL; space < offset; space += CELL) cells.add(SPACE, start, at);
    cells.add(byte, start, at);
    last = at;
  }
  for (; last >= 0 && last + CELL <= end; last += CELL) cells.add(SPACE, last, last + CELL);
}

const isOctal = (byte: number): boolean => byte >= 0x30 && byte <= 0x37;
const isLetter = (byte: number): boolean => byte >= 0x61 && byte <= 0x7a;

/** The byte that a cell shows: a character, an escape, three octal digits or a name; -1 for other text. */
function cellByte(text: Uint8Array, start: number, end: number): number {
  const [first, second, third] = [text[start]!, text[start + 1]!, text[start + 2]!];
  const length = end - start;
  if (length === 1) return first;
  if (length === 2 && first === BACKSLASH) return escapedByte(second);
  if (length === 3 && isOctal(first) && isOctal(second) && isOctal(third))
    return ((first & 3) << 6) | ((second & 7) << 3) | (third & 7);
  if (length > 3 || !isLetter(first)) return -1;
  return NAMES[String.fromCharCode(...text.subarray(start, end))] ?? 0;
}

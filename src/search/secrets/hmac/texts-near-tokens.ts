import { isUtf8 } from 'node:buffer';
import type { StoredKey } from './candidate-list.js';

/** Bytes on either side of a token that are searched for texts. */
export const TEXTS_REACH = 16 << 10;

/** Least bytes of a delimited text. */
const MIN_BYTES = 4;
/** Distance from the token within which unquoted lines and words are tried. */
const UNQUOTED_REACH = 4 << 10;

/**
 * Control characters end every text; other delimiters depend on the writer. Bytes above ASCII are UTF-8 or
 * noise.
 */
const LINE = /[^\0-\x08\x0a-\x1f\x7f]+/g;
const WORD = /[^\0-\x20\x7f"'`,;:=(){}[\]<>&|\\]+/g;
const QUOTES = ['"', "'", '`'];
/** Text in UTF-16, little-endian. */
const WIDE = /(?:[\x20-\x7e\t]\0){4,}/g;
/** The sign between a name and its value. */
const ASSIGNED = /[:=][ \t]*/g;

/** Bounds in a line. */
type Span = readonly [from: number, to: number];

/** Likelihood of a text: 0 a printable, quoted or assigned one; 1 a line or word; 2 one that is not UTF-8. */
export type Rank = 0 | 1 | 2;
export const RANKS: readonly Rank[] = [0, 1, 2];

/** What is known of the tokens around. */
interface Surroundings {
  /** True if the text is a part of a token. */
  covers(offset: number, length: number): boolean;
  /** True if a token begins within `reach` of the offset. */
  isNear(offset: number, reach: number): boolean;
}

export interface NearText extends StoredKey {
  rank: Rank;
}

/**
 * All texts in these bytes near tokens: printable ones, quoted ones, values up to the end of the line, lines
 * and words; also short ones, with blanks or UTF-8, and in UTF-16. `base`: offset of the first byte.
 * `most`: no line begins at or after this index.
 */
export function* textsNear(
  bytes: Buffer,
  base: number,
  tokens: Surroundings,
  most = bytes.length,
): Generator<NearText> {
  yield* printableTexts(bytes, base, most);
  const text = bytes.toString('latin1');
  yield* delimitedTexts(text, bytes, base, tokens, most);
  for (const { 0: run, index } of text.matchAll(WIDE)) {
    if (index >= most) break;
    const narrow = run.replaceAll('\0', '');
    const near = {
      covers: (offset: number, length: number) => tokens.covers(wide(offset), 2 * length),
      isNear: (offset: number, reach: number) => tokens.isNear(wide(offset), reach),
    };
    const wide = (offset: number): number => base + index + 2 * offset;
    const characters = Buffer.from(narrow, 'latin1');
    for (const found of delimitedTexts(narrow, characters, 0, near, characters.length))
      yield { ...found, offset: wide(found.offset), length: 2 * found.length };
  }
}

function* printableTexts(bytes: Buffer, base: number, most: number): Generator<NearText> {
  let start = 0;
  for (let i = 0; i <= bytes.length && start < most; i++) {
    const byte = i < bytes.length ? bytes[i]! : 0;
    if (byte > 0x20 && byte < 0x7f) continue;
    if (i - start >= TEXT.least && i - start <= TEXT.most) yield textOf(bytes, base, [start, i], 0);
    start = i + 1;
  }
}

/** `text`: the bytes, one character each. */
function* delimitedTexts(
  text: string,
  bytes: Buffer,
  base: number,
  tokens: Surroundings,
  most: number,
): Generator<NearText> {
  for (const { 0: line, index } of text.matchAll(LINE)) {
    if (index >= most) break;
    if (line.length < MIN_BYTES || tokens.covers(base + index, line.length)) continue;
    const spanOf = ([first, end]: Span): Span => [index + first, index + end];
    for (const span of quotedOrAssigned(line))
      if (span[1] - span[0] <= TEXT.most) yield textOf(bytes, base, spanOf(span), 0);
    if (!tokens.isNear(base + index, UNQUOTED_REACH)) continue;
    for (const span of lineAndWords(line))
      if (span[1] - span[0] <= TEXT.most) yield textOf(bytes, base, spanOf(span), 1);
  }
}

/** Trims blanks. */
function trimmed(line: string, from: number, to: number): Span {
  while (to > from && isBlank(line, to - 1)) to--;
  while (from < to && isBlank(line, from)) from++;
  return [from, to];
}

/** Quoted texts, and values from a sign to the end of the line. */
function* quotedOrAssigned(line: string): Generator<Span> {
  for (const quote of QUOTES)
    for (let at = line.indexOf(quote); at >= 0; ) {
      const next = line.indexOf(quote, at + 1);
      // A backslash before a quote is part of the escaped quote.
      const end = line[next - 1] === '\\' ? next - 1 : next;
      if (end > at + 1) yield [at + 1, end];
      at = next;
    }
  // Computed once: a line may consist of signs and end with as many blanks.
  const [, end] = trimmed(line, 0, line.length);
  for (const { 0: sign, index } of line.matchAll(ASSIGNED)) {
    const from = index + sign.length;
    if (end - from >= MIN_BYTES) yield [from, end];
  }
}

/** The line itself, and its words. */
function* lineAndWords(line: string): Generator<Span> {
  const whole = trimmed(line, 0, line.length);
  if (whole[1] - whole[0] >= MIN_BYTES) yield whole;
  for (const { 0: word, index } of line.matchAll(WORD))
    if (word.length >= MIN_BYTES) yield [index, index + word.length];
}

const isBlank = (text: string, at: number): boolean => text[at] === ' ' || text[at] === '\t';

/** Not as a view of the bytes: there are millions of texts, and few are distinct. */
function textOf(bytes: Buffer, base: number, [from, to]: Span, rank: Rank): NearText {
  const isText = isAscii(bytes, from, to) || isUtf8(bytes.subarray(from, to));
  return { bytes, from, to, offset: base + from, length: to - from, rank: isText ? rank : 2 };
}

function isAscii(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i]! > 0x7f) return false;
  return true;
}

/** Printable bytes of a secret. */
export const TEXT = { least: 16, most: 256 };
/** The 32-bit word at `at`, or -1 before the bytes. */
export const wordAt = (bytes: Buffer, at: number): number => (at < 0 ? -1 : bytes.readUInt32LE(at));

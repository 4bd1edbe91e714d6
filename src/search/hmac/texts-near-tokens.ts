import type { RunBytes } from '../core/run-bytes.js';
import type { SignedToken } from '../core/types.js';
import { plainKey, type SecretCandidate } from './secret-candidate.js';
import { TEXT } from './text-headers.js';

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
/** The sign between a name and its value. */
const ASSIGNED = /[:=][ \t]*/g;

/** Bounds in a line. */
type Span = readonly [from: number, to: number];

/** Printable texts around a token: a configuration, an environment, or strings of the service. */
export function* printableTexts({ offset }: SignedToken, bytes: RunBytes): Generator<SecretCandidate> {
  const from = Math.max(0, offset - TEXTS_REACH);
  const around = bytes.read(from, 2 * TEXTS_REACH);
  let start = 0;
  for (let i = 0; i <= around.length; i++) {
    const byte = around[i] ?? 0;
    if (byte > 0x20 && byte < 0x7f) continue;
    if (i - start >= TEXT.least && i - start <= TEXT.most) yield textOf(around, from, [start, i]);
    start = i + 1;
  }
}

/**
 * All delimited texts around a token: quoted texts, values up to the end of the line, lines and words; also
 * short ones, and with blanks or UTF-8.
 */
export function* delimitedTexts({ offset }: SignedToken, bytes: RunBytes): Generator<SecretCandidate> {
  const from = Math.max(0, offset - TEXTS_REACH);
  const around = bytes.read(from, 2 * TEXTS_REACH);
  const text = around.toString('latin1');
  const seen = new Set<string>();
  for (const { 0: line, index } of text.matchAll(LINE)) {
    if (line.length < MIN_BYTES) continue;
    const isNear = Math.abs(from + index - offset) <= UNQUOTED_REACH;
    for (const [first, end] of isNear
      ? [...quotedOrAssigned(line), ...lineAndWords(line)]
      : quotedOrAssigned(line)) {
      const length = end - first;
      if (length > TEXT.most) continue;
      const key = line.slice(first, end);
      if (seen.has(key)) continue;
      seen.add(key);
      yield textOf(around, from, [index + first, index + end]);
    }
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

const textOf = (around: Buffer, base: number, [from, to]: Span): SecretCandidate =>
  plainKey(around.subarray(from, to), base + from);

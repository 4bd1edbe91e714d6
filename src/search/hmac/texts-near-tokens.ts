import type { RunBytes } from '../core/run-bytes.js';
import type { SignedToken } from '../core/types.js';
import type { SecretText } from './secret-texts.js';
import { TEXT } from './text-headers.js';

/** Bytes on either side of a token in which all texts are looked at. */
export const TEXTS_REACH = 16 << 10;

/** Bytes of a text that nothing but its end marks, and how far from the token it may be. */
const MIN_BYTES = 4;
const UNQUOTED_REACH = 4 << 10;

/** Control characters end every text; what else does depends on who has written it. Bytes beyond ASCII are UTF-8 or noise. */
const LINE = /[^\0-\x08\x0a-\x1f\x7f]+/g;
const WORD = /[^\0-\x20\x7f"'`,;:=(){}[\]<>&|\\]+/g;
const QUOTES = ['"', "'", '`'];
/** What stands between a name and its value. */
const ASSIGNED = /[:=][ \t]*/g;

/** Bounds in the text around a token. */
type Span = readonly [from: number, to: number];

/** Printable text around a token: a configuration, an environment, the string that the service was given. */
export function* printableTexts({ offset }: SignedToken, bytes: RunBytes): Generator<SecretText> {
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

/** All that a writer may have meant there: words, what stands in quotes, values to the end of their line, lines; short ones, with blanks, in UTF-8. */
export function* delimitedTexts({ offset }: SignedToken, bytes: RunBytes): Generator<SecretText> {
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

/** Without blanks at its ends. */
function trimmed(line: string, from: number, to: number): Span {
  while (to > from && isBlank(line, to - 1)) to--;
  while (from < to && isBlank(line, from)) from++;
  return [from, to];
}

/** What stands in quotes or behind a sign, to the end of the line. */
function* quotedOrAssigned(line: string): Generator<Span> {
  for (const quote of QUOTES)
    for (let at = line.indexOf(quote); at >= 0; ) {
      const next = line.indexOf(quote, at + 1);
      // A backslash before either belongs to the text around them.
      const end = line[next - 1] === '\\' ? next - 1 : next;
      if (end > at + 1) yield [at + 1, end];
      at = next;
    }
  // Once: a line may be full of signs, and end with as many blanks.
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

const textOf = (around: Buffer, base: number, [from, to]: Span): SecretText => ({
  key: around.subarray(from, to),
  offset: base + from,
  length: to - from,
  form: 'key',
  reading: 'bytes-be',
});

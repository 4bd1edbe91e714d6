import { Base64Run, base64Value, joint } from '../core/base64-run.js';
import type { Characters } from '../core/characters.js';

/** Boundary lines and encapsulated headers of PEM (RFC 7468; RFC 1421, 4.4; RFC 9580, 6.2). */

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';
const LABEL_MOST = 48;
const NEWLINE = 10;

/** Text from a BEGIN line on, as far as it goes. Indices are characters of the text. */
export interface Block {
  label: string;
  start: number;
  /** Behind the END line, or behind the body where there is none. */
  stop: number;
  /** The BEGIN line is whole, and an END line follows the body. */
  closed: boolean;
  headers: string[];
  run: Base64Run;
  /** OpenPGP's CRC-24, where it follows the body. */
  crc?: number;
}

const isLabel = (code: number): boolean =>
  (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x20;

/** A label from `at` on and the index behind its dashes. */
function readLabel(text: Characters, at: number): { label: string; next: number } | undefined {
  let end = at;
  while (end < at + LABEL_MOST && isLabel(text.code(end))) end++;
  return end > at && text.has(DASHES, end)
    ? { label: text.slice(at, end - at), next: end + DASHES.length }
    : undefined;
}

export interface Boundary {
  kind: 'begin' | 'end';
  /** First dash; of a line whose front is cut, the first character that is left. */
  start: number;
  /** Of a line whose front is cut, what is left of it. */
  label: string;
  /** Behind the last dash. */
  next: number;
  cut: boolean;
}

/** The boundary line that the character at `at` belongs to. */
export function boundaryAt(text: Characters, at: number): Boundary | undefined {
  let start = at;
  if (isLabel(text.code(at))) {
    while (start > at - LABEL_MOST && isLabel(text.code(start - 1))) start--;
    while (start > at - LABEL_MOST - 5 && text.code(start - 1) === 0x2d) start--;
  }
  for (const [kind, intro] of [
    ['begin', BEGIN],
    ['end', END],
  ] as const) {
    const line = text.has(intro, start) ? readLabel(text, start + intro.length) : undefined;
    if (line !== undefined) return { kind, start, ...line, cut: false };
  }
  return cutBoundary(text, at) ?? cutBoundary(text, start);
}

/** What is left of a BEGIN line whose front is lost, from a character of its label on. */
function cutBoundary(text: Characters, at: number): Boundary | undefined {
  const rest = isLabel(text.code(at)) ? readLabel(text, at) : undefined;
  if (rest === undefined || !/KEY( BLOCK)?$/.test(rest.label)) return undefined;
  // From where its anchor is, so that it is the same line whichever hit leads here.
  const skip = Math.max(0, rest.label.lastIndexOf('PRIVATE KEY'));
  return { kind: 'begin', start: at + skip, label: rest.label.slice(skip), next: rest.next, cut: true };
}

/** The BEGIN line right before a body at `at`, with nothing but white space and escapes between them. */
export function boundaryBefore(text: Characters, at: number): Boundary | undefined {
  let dash = at - 1;
  // White space, \n, \r and the quotes of a joined literal.
  const isBetween = (code: number) =>
    base64Value(code) === -2 || [0x5c, 0x6e, 0x72, 0x22, 0x27, 0x2b].includes(code);
  while (dash > at - 24 && isBetween(text.code(dash))) dash--;
  if (text.code(dash) !== 0x2d || !text.has(DASHES, dash - 4)) return undefined;
  return boundaryAt(text, dash - 5);
}

/** Behind white space, and the quotes between two lines of a joined literal. */
function skipSpace(text: Characters, at: number): number {
  let next = at;
  let lineBegan = false;
  for (;;) {
    const code = text.read(next);
    const behind = base64Value(code) === -2 ? text.next : lineBegan ? joint(text, next) : undefined;
    if (behind === undefined) return next;
    lineBegan ||= code === NEWLINE;
    next = behind;
  }
}

const isName = (code: number): boolean => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;

/** A field's name and its colon stand at `at`. */
function isHeader(text: Characters, at: number): boolean {
  let end = at;
  while (end < at + 24 && (isName(text.code(end)) || (end > at && text.code(end) === 0x2d))) end++;
  return end > at && text.code(end) === 0x3a;
}

/** `Name: value` lines up to a blank one; the body's first index. */
function readHeaders(text: Characters, at: number): { headers: string[]; next: number } {
  const headers: string[] = [];
  let start = at;
  // A line that begins with a space goes on with the header before it (RFC 822, 3.1.1).
  while (
    headers.length < 16 &&
    (isHeader(text, start) || (headers.length > 0 && text.code(start) === 0x20))
  ) {
    let line = '';
    let next = start;
    for (let code = text.read(next); code !== NEWLINE && code >= 0; code = text.read(next)) {
      if (line.length === 256) return { headers, next: start };
      if (code !== 13) line += String.fromCharCode(code);
      next = text.next;
    }
    headers.push(line);
    start = text.read(next) === NEWLINE ? text.next : next;
  }
  return { headers, next: start };
}

/** Shortest body that is looked at: a label in a library's read-only data has none. */
const BODY_LEAST = 16;

/** The block that begins with a boundary line; undefined where no body follows. */
export function readBlock(text: Characters, boundary: Boundary): Block | undefined {
  const { label } = boundary;
  const { headers, next } = readHeaders(text, skipSpace(text, boundary.next));
  const run = new Base64Run(text, next);
  if (run.length < BODY_LEAST) return undefined;
  const check = label.startsWith('PGP') ? readChecksum(text, run) : undefined;
  const end = skipSpace(text, check?.next ?? run.stop);
  const last = text.has(END, end) ? readLabel(text, end + END.length) : undefined;
  const closed = last !== undefined && last.label === label;
  return {
    label,
    start: boundary.start,
    stop: closed ? last.next : (check?.next ?? run.stop),
    closed: closed && !boundary.cut,
    headers,
    run,
    ...(check === undefined ? {} : { crc: check.crc }),
  };
}

/** `=` and four characters (RFC 9580, 6.1); where the body is full, the run has taken the `=` for padding. */
function readChecksum(text: Characters, run: Base64Run): { crc: number; next: number } | undefined {
  let at = run.stop;
  if (!(run.length % 4 === 0 && run.padding > 0)) {
    at = skipSpace(text, at);
    if (text.read(at) !== 0x3d) return undefined;
    at = text.next;
  }
  let crc = 0;
  for (let i = 0; i < 4; i++, at = text.next) {
    const value = base64Value(text.read(at));
    if (value < 0) return undefined;
    crc = crc * 64 + value;
  }
  return { crc, next: at };
}

/** Characters of base64, its escapes and white space. */
const isBody = (code: number): boolean =>
  base64Value(code) !== -1 || code === 0x5c || code === 0x3d || code === 0x25;

/** The body before an END line, read back to `floor` at most. */
export function bodyBefore(text: Characters, end: Boundary, floor: number): Base64Run | undefined {
  let start = end.start;
  while (start > floor && isBody(text.code(start - 1)) && !text.has(DASHES, start - 5)) start--;
  const run = new Base64Run(text, start);
  return run.length >= BODY_LEAST && skipSpace(text, run.stop) === end.start ? run : undefined;
}

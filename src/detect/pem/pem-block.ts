import { definedFields } from '../../core/base/runtime/defined.js';
import { Base64Run, base64Value, concatenationEnd } from '../core/base64-run.js';
import type { Characters } from '../core/characters.js';

/** Boundary lines and encapsulated headers of PEM (RFC 7468; RFC 1421, 4.4; RFC 9580, 6.2). */

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';
const MAX_LABEL = 48;
const NEWLINE = 10;

/** A block from its BEGIN line on, whole or truncated. Indices are characters of the text. */
export interface Block {
  label: string;
  start: number;
  /** Index after the END line, or after the body if there is none. */
  stop: number;
  /** Has a whole BEGIN line and an END line. */
  closed: boolean;
  headers: string[];
  run: Base64Run;
  /** OpenPGP's CRC-24 after the body. */
  crc?: number;
}

const isLabel = (code: number): boolean =>
  (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x20;

/** The label at `at`, and the index after its dashes. */
function readLabel(text: Characters, at: number): { label: string; next: number } | undefined {
  let end = at;
  while (end < at + MAX_LABEL && isLabel(text.code(end))) end++;
  return end > at && text.has(DASHES, end)
    ? { label: text.slice(at, end - at), next: end + DASHES.length }
    : undefined;
}

export interface Boundary {
  kind: 'begin' | 'end';
  /** First dash; of a line whose front is lost, the first remaining character. */
  start: number;
  /** Label of the line; its rest if the front is lost. */
  label: string;
  /** Index after the last dash. */
  next: number;
  /** The front of the line is lost. */
  cut: boolean;
}

/** The boundary line that contains the character at `at`. */
export function boundaryAt(text: Characters, at: number): Boundary | undefined {
  let start = at;
  if (isLabel(text.code(at))) {
    while (start > at - MAX_LABEL && isLabel(text.code(start - 1))) start--;
    while (start > at - MAX_LABEL - 5 && text.code(start - 1) === 0x2d) start--;
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

/** The rest of a BEGIN line whose front is lost, from a character of its label on. */
function cutBoundary(text: Characters, at: number): Boundary | undefined {
  const rest = isLabel(text.code(at)) ? readLabel(text, at) : undefined;
  if (rest === undefined || !/KEY( BLOCK)?$/.test(rest.label)) return undefined;
  // Starts at its anchor: the same place for every hit on this line.
  const skip = Math.max(0, rest.label.lastIndexOf('PRIVATE KEY'));
  return { kind: 'begin', start: at + skip, label: rest.label.slice(skip), next: rest.next, cut: true };
}

/**
 * The BEGIN line directly before a body at `at`; only white space, escapes and quotes may be between them.
 */
export function boundaryBefore(text: Characters, at: number): Boundary | undefined {
  let dash = at - 1;
  // White space, \n, \r, and the quotes of joined literals.
  const isBetween = (code: number) =>
    base64Value(code) === -2 || [0x5c, 0x6e, 0x72, 0x22, 0x27, 0x2b].includes(code);
  while (dash > at - 24 && isBetween(text.code(dash))) dash--;
  if (text.code(dash) !== 0x2d || !text.has(DASHES, dash - 4)) return undefined;
  return boundaryAt(text, dash - 5);
}

/** Index after white space and the quotes of joined literals. */
function skipSpace(text: Characters, at: number): number {
  let next = at;
  let lineBegan = false;
  for (;;) {
    const code = text.read(next);
    const after = base64Value(code) === -2 ? text.next : lineBegan ? concatenationEnd(text, next) : undefined;
    if (after === undefined) return next;
    lineBegan ||= code === NEWLINE;
    next = after;
  }
}

const isName = (code: number): boolean => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;

/** True if a header's name and colon are at `at`. */
function isHeader(text: Characters, at: number): boolean {
  let end = at;
  while (end < at + 24 && (isName(text.code(end)) || (end > at && text.code(end) === 0x2d))) end++;
  return end > at && text.code(end) === 0x3a;
}

/** The `Name: value` lines up to a blank line, and the index after them. */
function readHeaders(text: Characters, at: number): { headers: string[]; next: number } {
  const headers: string[] = [];
  let start = at;
  // A line that starts with a space continues the header before it (RFC 822, 3.1.1).
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

/** Shortest body, in characters: labels in the read-only data of libraries have none. */
const MIN_BODY = 16;

/** The block of a BEGIN line; undefined without a body. */
export function readBlock(text: Characters, boundary: Boundary): Block | undefined {
  const { label } = boundary;
  const { headers, next } = readHeaders(text, skipSpace(text, boundary.next));
  const run = new Base64Run(text, next);
  if (run.length < MIN_BODY) return undefined;
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
    ...definedFields({ crc: check?.crc }),
  };
}

/** `=` and four characters (RFC 9580, 6.1). If the body has no padding, the run has read this `=` as one. */
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

/** Base64, escapes and white space. */
const isBody = (code: number): boolean =>
  base64Value(code) !== -1 || code === 0x5c || code === 0x3d || code === 0x25;

/** The body before an END line; it is not read back beyond `floor`. */
export function bodyBefore(text: Characters, end: Boundary, floor: number): Base64Run | undefined {
  let start = end.start;
  while (start > floor && isBody(text.code(start - 1)) && !text.has(DASHES, start - 5)) start--;
  const run = new Base64Run(text, start);
  return run.length >= MIN_BODY && skipSpace(text, run.stop) === end.start ? run : undefined;
}

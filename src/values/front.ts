import {
  ALPHANUMERIC,
  code,
  isBlank,
  isControl,
  isEnclosed,
  isLineEnd,
  isQuote,
  RUN,
  setOf,
} from './alphabet.js';
import { context } from './context.js';
import { at, kindAt } from './place.js';

/** Where a value begins: its run may be only a part of it. */

const MOST = { front: 64, enclosed: 80 };

const EQUALS = code('=');
const COLON = code(':');
const SLASH = code('/');
const DASH = code('-');

/** Between pieces of one value. */
const JOINTS = setOf('.~!*^%$#@?|');

/** Start of a value whose run begins at `start`, with the pieces before it: `abc.run`, `123:abc.run`. */
export function frontOf(start: number): number {
  let front = start;
  while (front > 1 && JOINTS[at(front - 1)] === 1 && (kindAt(front - 2) & ALPHANUMERIC) !== 0) {
    let piece = front - 1;
    while ((kindAt(piece - 1) & RUN) !== 0) piece--;
    if (start - piece > MOST.front) return start;
    front = piece;
  }
  if (front === start) return start;
  const before = at(front - 1);
  return isQuote(before) || before === EQUALS || isBlank(before) || before === COLON ? front : start;
}

/**
 * Start of a value in quotes, or in an environment entry, whose run other characters precede; -1 if there are
 * none, or if it is a URL.
 */
export function startOfEnclosed(): number {
  const { length } = context;
  let start = length;
  let first = -1;
  while (start > 0 && length - start < MOST.enclosed && isEnclosed(at(start - 1))) {
    start--;
    if (at(start) === EQUALS) first = start;
    if (at(start) === COLON && at(start + 1) === SLASH && at(start + 2) === SLASH) return -1;
  }
  const before = at(start - 1);
  const value = isQuote(before) ? start : isControl(before) || isLineEnd(before) ? first + 1 : 0;
  return value > 0 && value < length && value >= context.plain ? value : -1;
}

/** Characters between a header of PEM and its first line, in source code too. */
const ARMOUR = 40;
/** Dashes of such a header (RFC 7468, section 2). */
const DASHES = 5;

/** True if the value begins behind a header of PEM: other rules read the whole block. */
export function isArmoured(): boolean {
  let dashes = 0;
  for (let i = Math.max(0, context.length - ARMOUR); i < context.length; i++) {
    dashes = at(i) === DASH ? dashes + 1 : 0;
    if (dashes === DASHES) return true;
  }
  return false;
}

const isOfPath = (byte: number): boolean => byte > 0x20 && byte < 0x7f && !isQuote(byte);

/** True if a slash is beside the name context[from, to), with nothing between that ends a path. */
export function isInPath(from: number, to: number): boolean {
  for (let i = from; i > 0 && isOfPath(at(i - 1)); i--) if (at(i - 1) === SLASH) return true;
  for (let i = to; i < context.length && isOfPath(at(i)); i++) if (at(i) === SLASH) return true;
  return false;
}

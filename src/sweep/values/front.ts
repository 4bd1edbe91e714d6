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
import type { RunContext } from './context.js';

/** Where a value begins: its run may be only a part of it. */

const MOST = { front: 64, enclosed: 80 };

const EQUALS = code('=');
const COLON = code(':');
const SLASH = code('/');
const DASH = code('-');

/** Between pieces of one value. */
const JOINTS = setOf('.~!*^%$#@?|');

/** Start of a value whose run begins at `start`, with the pieces before it: `abc.run`, `123:abc.run`. */
export function frontOf(context: RunContext, start: number): number {
  let front = start;
  while (
    front > 1 &&
    JOINTS[context.at(front - 1)] === 1 &&
    (context.kindAt(front - 2) & ALPHANUMERIC) !== 0
  ) {
    let piece = front - 1;
    while ((context.kindAt(piece - 1) & RUN) !== 0) piece--;
    if (start - piece > MOST.front) return start;
    front = piece;
  }
  if (front === start) return start;
  const before = context.at(front - 1);
  return isQuote(before) || before === EQUALS || isBlank(before) || before === COLON ? front : start;
}

/**
 * Start of a value in quotes, or in an environment entry, whose run other characters precede; -1 if there are
 * none, or if it is a URL.
 */
export function startOfEnclosed(context: RunContext): number {
  const { length } = context;
  let start = length;
  let first = -1;
  while (start > 0 && length - start < MOST.enclosed && isEnclosed(context.at(start - 1))) {
    start--;
    if (context.at(start) === EQUALS) first = start;
    if (context.at(start) === COLON && context.at(start + 1) === SLASH && context.at(start + 2) === SLASH)
      return -1;
  }
  const before = context.at(start - 1);
  const value = isQuote(before) ? start : isControl(before) || isLineEnd(before) ? first + 1 : 0;
  return value > 0 && value < length && value >= context.plain ? value : -1;
}

/** Characters between a header of PEM and its first line, in source code too. */
const ARMOUR = 40;
/** Dashes of such a header (RFC 7468, section 2). */
const DASHES = 5;

/** True if the value begins behind a header of PEM: other rules read the whole block. */
export function isArmoured(context: RunContext): boolean {
  let dashes = 0;
  for (let i = Math.max(0, context.length - ARMOUR); i < context.length; i++) {
    dashes = context.at(i) === DASH ? dashes + 1 : 0;
    if (dashes === DASHES) return true;
  }
  return false;
}

const isOfPath = (byte: number): boolean => byte > 0x20 && byte < 0x7f && !isQuote(byte);

/** True if a slash is beside the name context[from, to), with nothing between that ends a path. */
export function isInPath(context: RunContext, from: number, to: number): boolean {
  for (let i = from; i > 0 && isOfPath(context.at(i - 1)); i--) if (context.at(i - 1) === SLASH) return true;
  for (let i = to; i < context.length && isOfPath(context.at(i)); i++)
    if (context.at(i) === SLASH) return true;
  return false;
}

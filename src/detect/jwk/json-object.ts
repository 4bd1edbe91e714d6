import type { Characters } from '../core/characters.js';

/**
 * Finds the JSON object around a member, in text of unknown bounds that may itself be inside a JSON string.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Deepest nesting of a key: `{ "keys": [ { "oth": [ { … } ] } ] }`. */
const MAX_DEPTH = 4;

/** Characters [start, stop) of an object; `whole` if it has both braces. */
export interface JsonText {
  start: number;
  stop: number;
  whole: boolean;
  /** It may go on beyond the characters that were to be read. */
  cut: boolean;
  /** Backslashes before each structural quote: 0; 1 inside a string; 3 inside a string inside a string. */
  slashes: number;
  /** Number of characters examined. */
  read: number;
}

function slashesBefore(text: Characters, quote: number): number {
  let at = quote;
  while (at > quote - 16 && text.code(at - 1) === BACKSLASH) at--;
  return quote - at;
}

const isSpace = (code: number): boolean => code === 0x20 || (code >= 9 && code <= 13);
/** Characters outside strings: punctuation, numbers, literals, and escaped line ends (`\n`, `\r`, `\t`). */
const OUTSIDE: ReadonlySet<number> = new Set(
  [...'{}[],:+-.0123456789eEtrufalsn\\'].map((c) => c.charCodeAt(0)),
);
const isOutside = (code: number): boolean => isSpace(code) || OUTSIDE.has(code);

const DEPTH_CHANGE: ReadonlyMap<number, number> = new Map([
  [0x7b, 1],
  [0x5b, 1],
  [0x7d, -1],
  [0x5d, -1],
]);

/** Index of the other quote of a string, in direction `step`; -1 if there is none, `limit` if beyond it. */
function otherQuote(text: Characters, from: number, step: 1 | -1, slashes: number, limit: number): number {
  for (let at = from + step; at !== limit; at += step) {
    const code = text.code(at);
    if (code < 0x20) return -1;
    if (code === QUOTE && slashesBefore(text, at) <= slashes) return at;
  }
  return limit;
}

interface Walk {
  at: number;
  found: boolean;
  /** Number of characters examined. */
  read: number;
  cut: boolean;
}

/**
 * Walks from a place outside strings to the brace that closes (or opens) the object, or else to the last
 * whole string. Undefined if it passes `known` on the object's own level: the name examined before this one.
 */
function walk(
  text: Characters,
  from: number,
  step: 1 | -1,
  slashes: number,
  limit: number,
  known = -1,
): Walk | undefined {
  let depth = 0;
  let last = from;
  let at = from;
  let afterString = false;
  const isCut = (end: number) => end === limit && limit >= 0 && limit < text.length;
  for (; at !== limit; at += step) {
    const code = text.code(at);
    if (code === QUOTE) {
      // Adjacent strings are not JSON: they need a colon or a comma between them.
      if (afterString) break;
      const other = otherQuote(text, at, step, slashes, limit);
      if (other < 0 || other === limit)
        return { at: last, found: false, read: Math.abs(limit - from), cut: isCut(other) };
      at = other;
      last = at;
      afterString = true;
      if (depth === 0 && at <= known) return undefined;
      continue;
    }
    if (!isOutside(code)) break;
    if (code !== BACKSLASH && !isSpace(code)) afterString = false;
    depth += (DEPTH_CHANGE.get(code) ?? 0) * step;
    if (depth < 0)
      return { at, found: code === 0x7b || code === 0x7d, read: Math.abs(at - from), cut: false };
    if (depth > MAX_DEPTH) break;
  }
  return { at: last, found: false, read: Math.abs(at - from), cut: isCut(at) };
}

/**
 * The object of the member whose name's opening quote is at `quote`. Reads at most `most` characters in each
 * direction; the object is truncated if a brace is farther. Undefined if `known`, the name examined before
 * this one, is a member of the same object.
 */
export function objectAround(
  text: Characters,
  quote: number,
  most: number,
  known: number,
): JsonText | undefined {
  const slashes = slashesBefore(text, quote);
  const back = walk(text, quote - slashes - 1, -1, slashes, Math.max(-1, quote - most), known);
  const forward = back && walk(text, quote, 1, slashes, Math.min(text.length, quote + most));
  if (back === undefined || forward === undefined) return undefined;
  const start = back.found ? back.at : Math.min(back.at, quote - slashes);
  return {
    start,
    stop: forward.at + 1,
    whole: back.found && forward.found,
    cut: back.cut || forward.cut,
    slashes,
    read: back.read + forward.read,
  };
}

/** The first whole string without escapes of each member in `names`, at any depth. */
export function stringMembers(
  text: Characters,
  json: JsonText,
  names: ReadonlySet<string>,
): Map<string, string> {
  const members = new Map<string, string>();
  let at = json.start;
  while (at < json.stop) {
    if (text.code(at) !== QUOTE) {
      at++;
      continue;
    }
    const end = otherQuote(text, at, 1, json.slashes, json.stop);
    if (end < 0 || end === json.stop) break;
    const length = end - json.slashes - at - 1;
    const name = length > 0 && length < 16 ? text.slice(at + 1, length) : '';
    at = end + 1;
    if (!names.has(name)) continue;
    let colon = at;
    while (isSpace(text.code(colon))) colon++;
    if (text.code(colon) !== 0x3a) continue;
    let open = colon + 1;
    while (isSpace(text.code(open)) || text.code(open) === BACKSLASH) open++;
    if (text.code(open) !== QUOTE) continue;
    const close = otherQuote(text, open, 1, json.slashes, json.stop);
    if (close < 0 || close === json.stop) break;
    at = close + 1;
    if (!members.has(name)) members.set(name, text.slice(open + 1, close - json.slashes - open - 1));
  }
  return members;
}

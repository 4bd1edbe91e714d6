import { hexDigit, KINDS, RUN } from './alphabet.js';
import { CONTEXT } from './value-run.js';

/**
 * The text before a run with its escapes resolved: `\"`, `\n`, `\u0022`, `%22`, `&quot;`. One buffer a
 * thread, so that a search allocates nothing.
 */

/** Escape of a character of the run itself: the `n` of `\n` is read as its first character. */
const LONGEST_ESCAPE = 6;

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const AMPERSAND = 0x26;

const ESCAPES = new Uint8Array(256);
for (const byte of [BACKSLASH, PERCENT, AMPERSAND]) ESCAPES[byte] = 1;

const SIMPLE = new Uint8Array(256);
for (const [from, to] of ['n\n', 'r\r', 't\t', '""', "''", '//', '``'])
  SIMPLE[from!.charCodeAt(0)] = to!.charCodeAt(0);

const ENTITIES: readonly [Uint8Array, number][] = (
  [
    ['&quot;', '"'],
    ['&#34;', '"'],
    ['&apos;', "'"],
    ['&#39;', "'"],
    ['&amp;', '&'],
    ['&lt;', '<'],
    ['&gt;', '>'],
    ['&#61;', '='],
  ] as const
).map(([from, to]) => [Uint8Array.from(Buffer.from(from, 'latin1')), to.charCodeAt(0)]);

class Context {
  readonly bytes = new Uint8Array(CONTEXT + LONGEST_ESCAPE);
  /** Bytes in use. */
  length = 0;
  /** Where the value starts in the text: behind an escape that the run began with. */
  start = 0;
  /** Index behind the last character that was an escape. */
  plain = 0;
}

export const context = new Context();

/** The character of the last escape. */
let escaped = 0;

function number(text: Uint8Array, at: number, digits: number, end: number): number {
  if (at + digits > end) return -1;
  let value = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = hexDigit(text[i]!);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** Only characters that end names and values are resolved. */
const isMark = (character: number): boolean =>
  character >= 9 && character < 0x7f && (KINDS[character]! & RUN) === 0;

/** Length of the escape at `at`, or 0; its character in `escaped`. */
function escapeAt(text: Uint8Array, at: number, end: number): number {
  const byte = text[at]!;
  if (byte === BACKSLASH) {
    let next = at + 1;
    while (next < end && text[next] === BACKSLASH) next++;
    const letter = next < end ? text[next]! : 0;
    escaped = SIMPLE[letter]!;
    if (escaped !== 0) return next + 1 - at;
    const digits = letter === 0x75 ? 4 : letter === 0x78 ? 2 : 0;
    escaped = digits === 0 ? -1 : number(text, next + 1, digits, end);
    return isMark(escaped) ? next + 1 + digits - at : 0;
  }
  if (byte === PERCENT) {
    escaped = number(text, at + 1, 2, end);
    return isMark(escaped) ? 3 : 0;
  }
  return entityAt(text, at, end);
}

function entityAt(text: Uint8Array, at: number, end: number): number {
  for (const [entity, character] of ENTITIES) {
    if (at + entity.length > end) continue;
    let i = 0;
    while (i < entity.length && text[at + i] === entity[i]) i++;
    if (i < entity.length) continue;
    escaped = character;
    return i;
  }
  return 0;
}

/** Reads text[from, start) into {@link context}; a last escape may go on up to `end`. */
export function readContext(text: Uint8Array, from: number, start: number, end: number): void {
  const { bytes } = context;
  let length = 0;
  let at = from;
  context.plain = 0;
  while (at < start) {
    const byte = text[at]!;
    if (ESCAPES[byte] === 1) {
      const size = escapeAt(text, at, Math.min(end, start + LONGEST_ESCAPE));
      if (size > 0) {
        bytes[length++] = escaped;
        context.plain = length;
        at += size;
        continue;
      }
    }
    bytes[length++] = byte;
    at++;
  }
  context.length = length;
  context.start = at;
}

import { hexDigit, KINDS, RUN } from './alphabet.js';
import { CONTEXT } from './value-run.js';

/** Escape of a character of the run itself: the `n` of `\n` is read as its first character. */
export const LONGEST_ESCAPE = 6;

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

/** The text before a run with its escapes resolved: `\"`, `\n`, `\u0022`, `%22`, `&quot;`. */
export class RunContext {
  readonly bytes = new Uint8Array(CONTEXT + LONGEST_ESCAPE);
  /** Bytes in use. */
  length = 0;
  /** Where the value starts in the text: behind an escape that the run began with. */
  start = 0;
  /** Index behind the last character that was an escape. */
  plain = 0;
  /** The character of the last escape. */
  #escaped = 0;

  /** Byte at an index; -1 before the first. */
  at(index: number): number {
    return index < 0 ? -1 : this.bytes[index]!;
  }

  /** Kind of the byte at an index. */
  kindAt(index: number): number {
    return index < 0 ? 0 : KINDS[this.bytes[index]!]!;
  }

  /** Reads text[from, start); a last escape may go on up to `end`. */
  read(text: Uint8Array, from: number, start: number, end: number): void {
    const { bytes } = this;
    let length = 0;
    let at = from;
    this.plain = 0;
    while (at < start) {
      const byte = text[at]!;
      if (ESCAPES[byte] === 1) {
        const size = this.#escapeAt(text, at, Math.min(end, start + LONGEST_ESCAPE));
        if (size > 0) {
          bytes[length++] = this.#escaped;
          this.plain = length;
          at += size;
          continue;
        }
      }
      bytes[length++] = byte;
      at++;
    }
    this.length = length;
    this.start = at;
  }

  /** Length of the escape at `at`, or 0; its character in `escaped`. */
  #escapeAt(text: Uint8Array, at: number, end: number): number {
    const byte = text[at]!;
    if (byte === BACKSLASH) {
      let next = at + 1;
      while (next < end && text[next] === BACKSLASH) next++;
      const letter = next < end ? text[next]! : 0;
      this.#escaped = SIMPLE[letter]!;
      if (this.#escaped !== 0) return next + 1 - at;
      const digits = letter === 0x75 ? 4 : letter === 0x78 ? 2 : 0;
      this.#escaped = digits === 0 ? -1 : number(text, next + 1, digits, end);
      return isMark(this.#escaped) ? next + 1 + digits - at : 0;
    }
    if (byte === PERCENT) {
      this.#escaped = number(text, at + 1, 2, end);
      return isMark(this.#escaped) ? 3 : 0;
    }
    return this.#entityAt(text, at, end);
  }

  #entityAt(text: Uint8Array, at: number, end: number): number {
    for (const [entity, character] of ENTITIES) {
      if (at + entity.length > end) continue;
      let i = 0;
      while (i < entity.length && text[at + i] === entity[i]) i++;
      if (i < entity.length) continue;
      this.#escaped = character;
      return i;
    }
    return 0;
  }
}

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

import type { Target } from './needles.js';

/** Extent of a copy: indices in the window, and positions in the stream. */
export interface Span {
  /** First byte, and the byte after the last one, in the window. */
  start: number;
  end: number;
  /** Characters of the stream that match: [from, to). */
  from: number;
  to: number;
}

/** White space, and quotes between the pieces of a string literal. */
const BREAKS = new Set(Buffer.from(' \t\r\n"\'', 'latin1'));
const ESCAPED = new Set(Buffer.from('nrt', 'latin1'));
const BACKSLASH = 0x5c;
const SLASH = 0x2f;
/** Longest run of line breaks and indentation that is skipped between two characters. */
const LONGEST_BREAK = 128;

const BASE64 = new Set(
  Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_', 'latin1'),
);

type Direction = 1 | -1;

/** Characters of a window in one direction; wide ones are two bytes apart. */
class Walker {
  readonly #bytes: Uint8Array;
  readonly #direction: Direction;
  readonly step: number;
  readonly #wide: boolean;

  constructor(bytes: Uint8Array, direction: Direction, wide: boolean) {
    this.#bytes = bytes;
    this.#direction = direction;
    this.#wide = wide;
    this.step = direction * (wide ? 2 : 1);
  }

  /**
   * The character at `index`; undefined at the window's end, or if the byte between it and its neighbour is
   * not NUL.
   */
  read(index: number): number | undefined {
    if (this.#wide && this.#bytes[index - this.#direction] !== 0) return undefined;
    return this.#bytes[index];
  }

  /**
   * Index of the next character from `index` on that is not part of a line break: real, JSON-escaped, or
   * between string literals.
   */
  skipBreaks(index: number): number {
    let at = index;
    for (let skipped = 0; skipped < LONGEST_BREAK; skipped++) {
      const length = this.#breakAt(at);
      if (length === 0) break;
      at += length * this.step;
    }
    return at;
  }

  #breakAt(at: number): number {
    const character = this.read(at);
    if (character === undefined) return 0;
    if (BREAKS.has(character)) return 1;
    const beyond = this.read(at + this.step);
    if (this.#direction === 1) {
      if (character !== BACKSLASH || beyond === undefined) return 0;
      // `\/` in JSON: the slash is the next character.
      return ESCAPED.has(beyond) ? 2 : beyond === SLASH ? 1 : 0;
    }
    if (character === BACKSLASH) return this.read(at - this.step) === SLASH ? 1 : 0;
    return ESCAPED.has(character) && beyond === BACKSLASH ? 2 : 0;
  }
}

/**
 * Index and position of the last character that matches, from `index` (position `position` of the stream) on.
 */
function walk(
  walker: Walker,
  text: boolean,
  stream: Uint8Array,
  index: number,
  position: number,
  direction: Direction,
): { index: number; position: number } {
  let last = { index, position };
  for (;;) {
    const expected = stream[last.position + direction];
    if (expected === undefined) return last;
    const adjacent = last.index + walker.step;
    const next = text ? walker.skipBreaks(adjacent) : adjacent;
    if (walker.read(next) !== expected) return last;
    last = { index: next, position: last.position + direction };
  }
}

/** Index of the shared character beyond the end of the copy, if there is one. */
function sharedCharacter(walker: Walker, index: number): number {
  const next = walker.skipBreaks(index + walker.step);
  const character = walker.read(next);
  return character !== undefined && BASE64.has(character) ? next : index;
}

/**
 * The copy around a literal at `at` of the window; undefined if the literal is not there, because the window
 * continues in another order than the sweep. Linear in the window.
 */
export function extend(bytes: Uint8Array, at: number, target: Target): Span | undefined {
  const { form, wide, encoded, shared } = target.stream;
  const stream = encoded.reveal();
  const stride = wide ? 2 : 1;
  for (let i = 0; i < target.length; i++)
    if (bytes[at + i * stride] !== stream[target.at + i]) return undefined;
  if (wide) for (let i = 1; i < target.length; i++) if (bytes[at + 2 * i - 1] !== 0) return undefined;
  const [backward, forward] = [new Walker(bytes, -1, wide), new Walker(bytes, 1, wide)];
  const first = walk(backward, form.text, stream, at, target.at, -1);
  const end = at + (target.length - 1) * stride;
  const last = walk(forward, form.text, stream, end, target.at + target.length - 1, 1);
  const reachesStart = first.position === 0 && shared.before === 1;
  const reachesEnd = last.position === stream.length - 1 && shared.after === 1;
  return {
    start: reachesStart ? sharedCharacter(backward, first.index) : first.index,
    end: (reachesEnd ? sharedCharacter(forward, last.index) : last.index) + 1,
    from: first.position,
    to: last.position + 1,
  };
}

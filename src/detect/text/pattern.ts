import type { CharacterSet } from '../core/needs.js';

/** Syntax tree of the RE2 subset that rules use: no flags, no assertions, no negated classes. */

/** Alternatives, each a sequence of items. */
export interface Group {
  alternatives: Item[][];
  /** The group is named `secret`. */
  secret: boolean;
}

export interface Item {
  node: CharacterSet | Group;
  min: number;
  max: number;
  /** Prefers fewer repetitions. */
  lazy: boolean;
}

export const isSet = (node: Item['node']): node is CharacterSet => node instanceof Uint8Array;

/** Thrown inside this file for syntax outside the subset. */
class Unsupported extends Error {}

const CLASS = /\[(?!\^)((?:\\[^A-Za-z]|\\[wds]|[^\]\\])+)\]/y;
const ESCAPED = /\\(?:[wds]|[^0-9A-Za-z])/y;
const LITERAL = /[^()[\]{}|?*+.^$\\]/y;
const QUANTIFIER = /(?:[?*+]|\{(\d+)(,?)(\d*)\})\??/y;
const GROUP = /\((?:\?:|(\?P?<secret>))?/y;

const RANGES: Readonly<Record<string, [number, number]>> = {
  '?': [0, 1],
  '*': [0, Number.POSITIVE_INFINITY],
  '+': [1, Number.POSITIVE_INFINITY],
};

/** Interned sets: the rules share a few. */
const sets = new Map<string, CharacterSet>();

/** The set of a bracket expression's inside, or of one character or escape. */
export function setOf(spelt: string): CharacterSet {
  const set = sets.get(spelt) ?? new Uint8Array(256);
  if (!sets.has(spelt)) for (const character of expand(spelt)) set[character.charCodeAt(0) & 0xff] = 1;
  sets.set(spelt, set);
  return set;
}

class Reader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  #take(what: RegExp): RegExpExecArray | undefined {
    what.lastIndex = this.#at;
    const found = what.exec(this.#pattern) ?? undefined;
    if (found) this.#at += found[0].length;
    return found;
  }

  /** Reads up to the closing parenthesis or the end of the pattern. */
  group(secret: boolean): Group {
    const alternatives: Item[][] = [[]];
    for (;;) {
      const next = this.#pattern[this.#at];
      if (next === undefined || next === ')') {
        this.#at++;
        return { alternatives, secret };
      }
      if (next === '|') {
        this.#at++;
        alternatives.push([]);
      } else {
        const node = this.#atom();
        alternatives[alternatives.length - 1]!.push({ node, ...this.#times() });
      }
    }
  }

  #atom(): Item['node'] {
    const group = this.#take(GROUP);
    if (group) return this.group(group[1] !== undefined);
    const spelt = this.#take(CLASS)?.[1] ?? (this.#take(ESCAPED) ?? this.#take(LITERAL))?.[0];
    if (spelt === undefined) throw new Unsupported();
    return setOf(spelt);
  }

  #times(): Omit<Item, 'node'> {
    const [quantifier, least, comma, most] = this.#take(QUANTIFIER) ?? [];
    if (quantifier === undefined) return { min: 1, max: 1, lazy: false };
    const lazy = quantifier.length > 1 && quantifier.endsWith('?');
    if (least === undefined) {
      const [min, max] = RANGES[quantifier[0]!]!;
      return { min, max, lazy };
    }
    const min = Number(least);
    return { min, max: comma === '' ? min : most === '' ? Number.POSITIVE_INFINITY : Number(most), lazy };
  }
}

/** The tree of a pattern; undefined if it leaves the subset. */
export function readPattern(pattern: string): Group | undefined {
  // Flags change the meaning of characters.
  if (/\(\?[a-zA-Z-]+[:)]/.test(pattern)) return undefined;
  try {
    return new Reader(pattern).group(false);
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

/** Minimum length of a node, and the set of its characters. */
export function leastOf(node: Item['node']): { least: number; characters: CharacterSet } {
  if (isSet(node)) return { least: 1, characters: node };
  const characters = new Uint8Array(256);
  let least = Number.POSITIVE_INFINITY;
  for (const row of node.alternatives) {
    let sum = 0;
    for (const item of row) {
      const part = leastOf(item.node);
      sum += part.least * item.min;
      for (let i = 0; i < 256; i++) characters[i]! |= part.characters[i]!;
    }
    least = Math.min(least, sum);
  }
  return { least, characters };
}

const BASE62 = /[0-9A-Za-z]/;

/** The characters of a bracket expression, given its inside. */
function expand(inside: string): string[] {
  const spelt = inside
    .replaceAll('\\w', '0-9A-Za-z_')
    .replaceAll('\\d', '0-9')
    .replaceAll('\\s', '\t\n\f\r ');
  const characters: string[] = [];
  for (let i = 0; i < spelt.length; i++) {
    if (spelt[i] === '\\') i++;
    const from = spelt.charCodeAt(i);
    const to = spelt[i + 1] === '-' && i + 2 < spelt.length ? spelt.charCodeAt(i + 2) : from;
    if (to > from) i += 2;
    for (let code = from; code <= Math.max(from, to); code++) characters.push(String.fromCharCode(code));
  }
  return characters;
}

/** A bracket expression and its inside, an escaped character, or a parenthesis. */
const PIECES = /\[(\^?)((?:\\.|[^\]\\])+)\]|\\.|[()]/g;

/**
 * The alphabet of a pattern's token, for its boundaries: letters, digits, and the characters of all bracket
 * expressions in its group `secret` that are not negated.
 */
export function alphabetOf(pattern: string): ReadonlySet<string> {
  const alphabet = new Set(expand('0-9A-Za-z'));
  const group = /\(\?P?<secret>/.exec(pattern);
  let depth = 1;
  for (const [piece, negated, inside] of pattern
    .slice((group?.index ?? 0) + (group?.[0].length ?? 0))
    .matchAll(PIECES)) {
    if (piece === '(') depth++;
    if (piece === ')' && --depth === 0) break;
    if (inside !== undefined && negated === '')
      for (const character of expand(inside)) alphabet.add(character);
  }
  return alphabet;
}

/** An escape at the end of a text: the `n` of `\n` before a token does not belong to it. */
const ESCAPE = /(?:\\[abefnrtv0]|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|%[0-9a-f]{2})$/i;

/**
 * True if the token at [start, end) continues one that starts earlier. After a character of its alphabet a
 * token counts as continued, with an issuer's prefix only after a letter or digit. A byte equal to the
 * token's length is the length of a string in msgpack, protobuf or DER.
 */
export function continuesBefore(
  text: string,
  start: number,
  end: number,
  alphabet: ReadonlySet<string>,
  prefixed: boolean,
): boolean {
  if (start === 0) return false;
  const before = text[start - 1]!;
  if (!(prefixed ? BASE62.test(before) : alphabet.has(before))) return false;
  if (ESCAPE.test(text.slice(Math.max(0, start - 6), start))) return false;
  const isLength = before.charCodeAt(0) === end - start;
  return !(isLength && (start === 1 || !alphabet.has(text[start - 2]!)));
}

/** True if the run of the token's alphabet continues at `end`. */
export function continuesAfter(text: string, end: number, alphabet: ReadonlySet<string>): boolean {
  return end < text.length && alphabet.has(text[end]!);
}

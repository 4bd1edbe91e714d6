import type { CharacterSet } from '../core/needs.js';
import { expand } from './boundary.js';

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

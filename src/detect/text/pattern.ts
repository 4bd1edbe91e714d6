import type { CharacterSet } from '../core/needs.js';
import { expand } from './boundary.js';

/** RE2 syntax as rules use it, read into a tree: no flags, no assertions, no negated classes. */

/** Alternatives, each a row of items. */
export interface Group {
  alternatives: Item[][];
  /** It is the group `secret`. */
  secret: boolean;
}

export interface Item {
  node: CharacterSet | Group;
  min: number;
  max: number;
  /** As few as possible come first. */
  lazy: boolean;
}

export const isSet = (node: Item['node']): node is CharacterSet => node instanceof Uint8Array;

/** Thrown within for what is not understood: then nothing is promised. */
class Unclear extends Error {}

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

/** Sets by how they are spelt: the rules have the same few, each one object. */
const sets = new Map<string, CharacterSet>();

/** The characters of a bracket expression's inside, or of one character or escape. */
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

  /** To the closing parenthesis, or to the pattern's end. */
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
    if (spelt === undefined) throw new Unclear();
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

/** The pattern as a group of its alternatives; undefined where it says something in a way that is not understood here. */
export function readPattern(pattern: string): Group | undefined {
  // Flags change what a character stands for.
  if (/\(\?[a-zA-Z-]+[:)]/.test(pattern)) return undefined;
  try {
    return new Reader(pattern).group(false);
  } catch (error) {
    if (error instanceof Unclear) return undefined;
    throw error;
  }
}

/** What a node is at least: so many characters of a set. */
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

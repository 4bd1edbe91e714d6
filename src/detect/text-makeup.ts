import { expand } from './text-boundary.js';

/** What a secret is at least: a run of so many of these characters. */
export interface Makeup {
  /** 1 for each Latin-1 character that the secret may hold. */
  characters: Uint8Array;
  least: number;
}

/** Thrown within for what is not understood: then nothing is promised. */
class Unclear extends Error {}

const CLASS = /\[(?!\^)((?:\\[^A-Za-z]|\\[wd]|[^\]\\])+)\]/y;
const ESCAPED = /\\(?:[wd]|[^0-9A-Za-z])/y;
const LITERAL = /[^()[\]{}|?*+.^$\\]/y;
const QUANTIFIER = /(?:[?*+]|\{(\d+)(?:,\d*)?\})\??/y;
const GROUP = /\((?:\?:)?/y;

/** Reads the inside of the group `secret`: RE2 syntax as rules use it, without flags, assertions and negated classes. */
class Reader {
  readonly characters = new Uint8Array(256);
  readonly #pattern: string;
  #at: number;

  constructor(pattern: string, at: number) {
    this.#pattern = pattern;
    this.#at = at;
  }

  #take(what: RegExp): RegExpExecArray | undefined {
    what.lastIndex = this.#at;
    const found = what.exec(this.#pattern) ?? undefined;
    if (found) this.#at += found[0].length;
    return found;
  }

  /** To the group's closing parenthesis: the least length of its alternatives. */
  group(): number {
    let [least, sum] = [Number.POSITIVE_INFINITY, 0];
    for (;;) {
      const next = this.#pattern[this.#at];
      if (next === '|' || next === ')') {
        this.#at++;
        least = Math.min(least, sum);
        if (next === ')') return least;
        sum = 0;
      } else sum += this.#atom() * this.#times();
    }
  }

  #atom(): number {
    if (this.#take(GROUP)) return this.group();
    const set = this.#take(CLASS)?.[1] ?? (this.#take(ESCAPED) ?? this.#take(LITERAL))?.[0];
    if (set === undefined) throw new Unclear();
    for (const character of expand(set)) this.characters[character.charCodeAt(0) & 0xff] = 1;
    return 1;
  }

  /** How often the last atom stands there at least. */
  #times(): number {
    const [quantifier, least] = this.#take(QUANTIFIER) ?? [];
    if (least !== undefined) return Number(least);
    return quantifier === undefined || quantifier.startsWith('+') ? 1 : 0;
  }
}

/** The makeup of a pattern's group `secret`; undefined where the pattern says it in a way that is not understood here. */
export function makeupOf(pattern: string): Makeup | undefined {
  const open = /\(\?P?<secret>/.exec(pattern);
  // Flags change what a character stands for.
  if (open === null || /\(\?[a-zA-Z-]+[:)]/.test(pattern)) return undefined;
  const reader = new Reader(pattern, open.index + open[0].length);
  try {
    return { least: reader.group(), characters: reader.characters };
  } catch (error) {
    if (error instanceof Unclear) return undefined;
    throw error;
  }
}

/** False where `text` from `from` on holds no run that could be the secret: far cheaper than asking the pattern. */
export function mayHold(text: string, from: number, { characters, least }: Makeup): boolean {
  let run = 0;
  for (let at = from; at < text.length && run < least; at++)
    run = characters[text.charCodeAt(at) & 0xff] === 1 ? run + 1 : 0;
  return run >= least;
}

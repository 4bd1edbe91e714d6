import type { Rule } from '../../rules/types.js';
import type { CharacterSet } from '../core/needs.js';
import { type Group, type Item, isSet, leastOf, readPattern } from '../text/pattern.js';

/** Which characters may follow an issuer's prefix in its tokens: `test_` and hex is no `test_private_key`. */

function secretIn(group: Group): Group | undefined {
  if (group.secret) return group;
  for (const { node } of group.alternatives.flat()) {
    const found = isSet(node) ? undefined : secretIn(node);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isCharacter = ({ node, min, max }: Item, code: number): boolean =>
  isSet(node) && min === 1 && max === 1 && node[code] === 1 && node.reduce((sum, each) => sum + each) === 1;

/** The items of an alternative behind the prefix that it begins with. */
function behind(row: readonly Item[], prefix: Uint8Array): readonly Item[] {
  const begins = row.length > prefix.length && prefix.every((code, at) => isCharacter(row[at]!, code));
  return begins ? row.slice(prefix.length) : row;
}

/** Longest text that is compared with the form of a token. */
const LONGEST = 512;

/** Positions of a text up to which the items of a pattern match, all ways at once. */
class Walk {
  readonly #text: string;
  /** The text ends within the pattern, or with it. */
  isBeginning = false;

  constructor(text: string) {
    this.#text = text;
  }

  row(items: readonly Item[], from: ReadonlySet<number>): ReadonlySet<number> {
    return items.reduce((at, item) => this.#item(item, at), from);
  }

  #item({ node, min, max }: Item, from: ReadonlySet<number>): ReadonlySet<number> {
    const reached = new Set(min === 0 ? from : []);
    let at = from;
    // Without a character for each repetition, further ones change nothing.
    for (let count = 1; count <= max && count <= this.#text.length + 1 && at.size > 0; count++) {
      at = isSet(node) ? this.#set(node, at) : this.#group(node, at);
      if (count >= min) for (const each of at) reached.add(each);
    }
    return reached;
  }

  #group({ alternatives }: Group, from: ReadonlySet<number>): ReadonlySet<number> {
    return new Set(alternatives.flatMap((row) => [...this.row(row, from)]));
  }

  #set(set: CharacterSet, from: ReadonlySet<number>): ReadonlySet<number> {
    const next = new Set<number>();
    for (const at of from) {
      if (at === this.#text.length) this.isBeginning = true;
      else if (set[this.#text.charCodeAt(at)] === 1) next.add(at + 1);
    }
    return next;
  }
}

/** True if `rest` is the beginning of what follows the prefix in a token of the rule, or all of it. */
export function isBeginning({ pattern }: Rule, prefix: Uint8Array, rest: string): boolean {
  const tree = pattern === undefined ? undefined : readPattern(pattern);
  const secret = tree && secretIn(tree);
  if (secret === undefined || rest.length > LONGEST) return true;
  const walk = new Walk(rest);
  return secret.alternatives.some(
    (row) => walk.row(behind(row, prefix), new Set([0])).has(rest.length) || walk.isBeginning,
  );
}

function tailOf({ pattern }: Rule, prefix: Uint8Array): CharacterSet | undefined {
  const tree = pattern === undefined ? undefined : readPattern(pattern);
  const secret = tree && secretIn(tree);
  if (secret === undefined) return undefined;
  const tail = new Uint8Array(256);
  for (const { node } of secret.alternatives.flatMap((row) => behind(row, prefix))) {
    const { characters } = leastOf(node);
    for (let code = 0; code < tail.length; code++) tail[code]! |= characters[code]!;
  }
  return tail;
}

const tails = new WeakMap<Uint8Array, Map<Rule, CharacterSet | undefined>>();

/**
 * How many characters at the start of `rest` may follow the prefix in a token of the rule. Tokens of other
 * rules may begin with the same prefix and have more parts.
 */
export function tailLength(rule: Rule, prefix: Uint8Array, rest: string): number {
  const known = tails.get(prefix) ?? new Map<Rule, CharacterSet | undefined>();
  tails.set(prefix, known);
  if (!known.has(rule)) known.set(rule, tailOf(rule, prefix));
  const tail = known.get(rule);
  if (tail === undefined) return rest.length;
  let length = 0;
  while (length < rest.length && (tail[rest.charCodeAt(length)] === 1 || /[-_.]/.test(rest[length]!)))
    length++;
  return length;
}

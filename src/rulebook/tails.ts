import type { CharacterSet } from '../detect/core/needs.js';
import { type Group, type Item, isSet, leastOf, readPattern } from '../detect/text/pattern.js';
import type { Rule } from '../rules/types.js';

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

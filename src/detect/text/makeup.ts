import type { CharacterSet } from '../core/needs.js';
import { type Group, isSet, leastOf, readPattern } from './pattern.js';

/** A necessary condition on a secret: a run of at least `least` characters of a set. */
export interface NeededCharacters {
  characters: CharacterSet;
  least: number;
}

function secretIn(group: Group): Group | undefined {
  if (group.secret) return group;
  for (const { node } of group.alternatives.flat()) {
    const found = isSet(node) ? undefined : secretIn(node);
    if (found) return found;
  }
  return undefined;
}

/** The makeup of a pattern's group `secret`; undefined for syntax that `readPattern` does not support. */
export function makeupOf(pattern: string): NeededCharacters | undefined {
  const group = readPattern(pattern);
  const secret = group && secretIn(group);
  return secret && leastOf(secret);
}

/** False if `text` has no such run at or after `from`. Much cheaper than matching the pattern. */
export function mayHold(text: string, from: number, { characters, least }: NeededCharacters): boolean {
  let run = 0;
  for (let at = from; at < text.length && run < least; at++)
    run = characters[text.charCodeAt(at) & 0xff] === 1 ? run + 1 : 0;
  return run >= least;
}

import { type Group, isSet, leastOf, readPattern } from './pattern.js';

/** What a secret is at least: a run of so many of these characters. */
export interface Makeup {
  /** 1 for each Latin-1 character that the secret may hold. */
  characters: Uint8Array;
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

/** The makeup of a pattern's group `secret`; undefined where the pattern says it in a way that is not understood here. */
export function makeupOf(pattern: string): Makeup | undefined {
  const group = readPattern(pattern);
  const secret = group && secretIn(group);
  return secret && leastOf(secret);
}

/** False where `text` from `from` on holds no run that could be the secret: far cheaper than asking the pattern. */
export function mayHold(text: string, from: number, { characters, least }: Makeup): boolean {
  let run = 0;
  for (let at = from; at < text.length && run < least; at++)
    run = characters[text.charCodeAt(at) & 0xff] === 1 ? run + 1 : 0;
  return run >= least;
}

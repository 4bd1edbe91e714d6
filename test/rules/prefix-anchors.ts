import { type Group, type Item, isSet, readPattern } from '../../src/detect/text/pattern.js';
import type { Anchor, Rule } from '../../src/rules/types.js';

/** Characters of a value, and the least length of its run. */
const OF_VALUES = /[0-9A-Za-z+/_-]/;
const RUN = 16;
/** Alternatives that are followed; a pattern with more counts as one that needs its literals. */
const MOST = 500;

interface Step {
  set: Uint8Array;
  /** False if the character may be missing. */
  sure: boolean;
}

/** The first characters of every way through some items, about 64 each. Of those that may be missing, one. */
function paths(items: readonly Item[]): Step[][] {
  let all: Step[][] = [[]];
  for (const { node, min, max } of items) {
    const once: Step[][] = isSet(node) ? [[{ set: node, sure: true }]] : node.alternatives.flatMap(paths);
    const times = isSet(node)
      ? [Array.from({ length: Math.min(max, min + 1, 64) }, (_, i) => ({ set: node, sure: i < min }))]
      : min === 0
        ? [[], ...once]
        : once;
    all = all.flatMap((path) => (path.length > 64 ? [path] : times.map((next) => [...path, ...next])));
    if (all.length > MOST) return [[]];
  }
  return all;
}

function secretOf(group: Group): Group | undefined {
  if (group.secret) return group;
  const groups = group.alternatives.flat().flatMap(({ node }) => (isSet(node) ? [] : [node]));
  return groups.map(secretOf).find((found) => found !== undefined);
}

const isOfValues = (set: Uint8Array): boolean =>
  set.every((has, code) => has === 0 || OF_VALUES.test(String.fromCharCode(code)));

/** Characters at the start of a path that are certain, and are those of a value. */
function lead(path: readonly Step[]): number {
  const end = path.findIndex(({ set }) => !isOfValues(set));
  return path.slice(0, end < 0 ? path.length : end).filter(({ sure }) => sure).length;
}

/**
 * True if an anchor begins the secret and every match with it begins with a run of a value: the value net
 * finds it, and the literal net does not need it.
 */
export function isPrefix(rule: Rule, { text, bytes }: Anchor): boolean {
  const tree = rule.pattern === undefined ? undefined : readPattern(rule.pattern);
  const secret = tree && secretOf(tree);
  if (!secret || !text || rule.caseless || !rule.anchors.some((each) => each.bytes === bytes)) return false;
  const fitting = secret.alternatives
    .flatMap(paths)
    .filter((path) => [...bytes].every((byte, i) => path[i]?.set[byte] === 1));
  return fitting.length > 0 && fitting.every((path) => lead(path) >= RUN);
}

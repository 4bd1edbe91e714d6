import { type Group, type Item, isSet } from './pattern.js';

/** Upper bound of an item's repetitions in a prefix. */
const MAX_COPIES = 64;

/** The part of an item in a prefix, and whether the prefix continues after it. */
interface Part {
  item?: Item;
  continues: boolean;
}

function partOf({ node, min, max, lazy }: Item): Part {
  if (isSet(node) || min !== 1 || max !== 1) {
    if (max <= MAX_COPIES) return { item: { node, min, max, lazy }, continues: true };
    const copies = Math.min(min, MAX_COPIES);
    return copies === 0
      ? { continues: false }
      : { item: { node, min: copies, max: copies, lazy }, continues: false };
  }
  const { group, whole } = cut(node);
  return { item: { node: group, min, max, lazy }, continues: whole };
}

function cut({ alternatives, secret }: Group): { group: Group; whole: boolean } {
  let whole = true;
  const fronts = alternatives.map((items) => {
    const front: Item[] = [];
    for (const each of items) {
      const { item, continues } = partOf(each);
      if (item !== undefined) front.push(item);
      if (continues) continue;
      whole = false;
      break;
    }
    return front;
  });
  return { group: { alternatives: fronts, secret }, whole };
}

/**
 * The prefix of a pattern that every match starts with: all items up to the first unbounded repetition, and
 * the minimum of that one.
 */
export const frontOf = (pattern: Group): Group => cut(pattern).group;

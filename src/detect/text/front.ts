import { type Group, type Item, isSet } from './pattern.js';

/** Copies of a repeated item that are taken into a front. */
const COPIES_MOST = 64;

/** An item's part of a front, and whether what follows it in the pattern follows it there. */
interface Part {
  item?: Item;
  goesOn: boolean;
}

function partOf({ node, min, max, lazy }: Item): Part {
  if (isSet(node) || min !== 1 || max !== 1) {
    if (max <= COPIES_MOST) return { item: { node, min, max, lazy }, goesOn: true };
    const copies = Math.min(min, COPIES_MOST);
    return copies === 0
      ? { goesOn: false }
      : { item: { node, min: copies, max: copies, lazy }, goesOn: false };
  }
  const { group, whole } = cut(node);
  return { item: { node: group, min, max, lazy }, goesOn: whole };
}

function cut({ alternatives, secret }: Group): { group: Group; whole: boolean } {
  let whole = true;
  const fronts = alternatives.map((items) => {
    const front: Item[] = [];
    for (const each of items) {
      const { item, goesOn } = partOf(each);
      if (item !== undefined) front.push(item);
      if (goesOn) continue;
      whole = false;
      break;
    }
    return front;
  });
  return { group: { alternatives: fronts, secret }, whole };
}

/**
 * What every match of a pattern begins with: the pattern as far as its repetitions have an end, and of the first without one what it
 * has at least.
 */
export const frontOf = (pattern: Group): Group => cut(pattern).group;

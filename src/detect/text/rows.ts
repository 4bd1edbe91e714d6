import type { CharacterSet } from '../core/needs.js';
import { type Group, type Item, isSet, leastOf } from './pattern.js';

/** A set for one character of it, or a repetition. */
export type Cell = CharacterSet | Open;

/** `least` to `most` characters of a set. */
interface Open {
  open: CharacterSet;
  least: number;
  most: number;
  /** A repeated group that can match the same text in more than one path. */
  ambiguous: boolean;
}

/** Upper bounds: rows of a pattern, and cells of a row. */
const MAX = { rows: 64, cells: 512 };

/** True if the sets have a character in common. */
export const intersect = (a: CharacterSet, b: CharacterSet): boolean =>
  a.some((one, i) => one === 1 && b[i] === 1);

/** True if the next character decides between the alternatives of a group, and each has a fixed length. */
function isUnambiguous({ alternatives }: Group): boolean {
  const fronts: CharacterSet[] = [];
  for (const items of alternatives) {
    const front = items[0]?.node;
    if (front === undefined || !isSet(front)) return false;
    if (!items.every(({ node, min, max }) => isSet(node) && min === max && min > 0)) return false;
    if (fronts.some((other) => intersect(front, other))) return false;
    fronts.push(front);
  }
  return true;
}

function* rowsOfItem({ node, min, max, lazy }: Item): Iterable<Cell[]> {
  if (isSet(node) && min === max && min <= MAX.cells) yield new Array<Cell>(min).fill(node);
  else if (min === 0 && max === 1) {
    yield [];
    yield* rowsOfItem({ node, min: 1, max: 1, lazy });
  } else if (!isSet(node) && min === 1 && max === 1) yield* pathsOf(node);
  else {
    const { least, characters } = leastOf(node);
    yield [
      { open: characters, least: least * min, most: max, ambiguous: !isSet(node) && !isUnambiguous(node) },
    ];
  }
}

function pathsOf({ alternatives }: Group): Cell[][] {
  return alternatives.flatMap((items) => {
    let rows: Cell[][] = [[]];
    for (const item of items) {
      const more = [...rowsOfItem(item)];
      rows = rows.flatMap((row) => more.map((path) => [...row, ...path]));
      if (rows.length > MAX.rows) return rows;
    }
    return rows;
  });
}

/**
 * All paths through a pattern, each as a row of cells; undefined if there are too many or one is too long.
 */
export function rowsOf(group: Group): Cell[][] | undefined {
  const rows = pathsOf(group);
  const fits = rows.length <= MAX.rows && rows.every((row) => row.length <= MAX.cells);
  return fits ? rows : undefined;
}

import type { CharacterSet } from '../core/needs.js';
import { type Group, type Item, isSet, leastOf } from './pattern.js';

/** A set stands for one character of it; `open` for `least` to `most`. */
export type Cell = CharacterSet | Open;

interface Open {
  open: CharacterSet;
  least: number;
  most: number;
  /** A repeated group that may be read in more than one way. */
  ambiguous: boolean;
}

/** Ways that a pattern is spelt out into, and cells of one. */
const MOST = { rows: 64, cells: 512 };

/** Have they a character in common? */
export const meet = (a: CharacterSet, b: CharacterSet): boolean =>
  a.some((one, i) => one === 1 && b[i] === 1);

/** True where the next character alone tells which of a group's alternatives it is, and each has one length. */
function isUnambiguous({ alternatives }: Group): boolean {
  const fronts: CharacterSet[] = [];
  for (const items of alternatives) {
    const front = items[0]?.node;
    if (front === undefined || !isSet(front)) return false;
    if (!items.every(({ node, min, max }) => isSet(node) && min === max && min > 0)) return false;
    if (fronts.some((other) => meet(front, other))) return false;
    fronts.push(front);
  }
  return true;
}

function* rowsOfItem({ node, min, max, lazy }: Item): Iterable<Cell[]> {
  if (isSet(node) && min === max && min <= MOST.cells) yield new Array<Cell>(min).fill(node);
  else if (min === 0 && max === 1) {
    yield [];
    yield* rowsOfItem({ node, min: 1, max: 1, lazy });
  } else if (!isSet(node) && min === 1 && max === 1) yield* ways(node);
  else {
    const { least, characters } = leastOf(node);
    yield [
      { open: characters, least: least * min, most: max, ambiguous: !isSet(node) && !isUnambiguous(node) },
    ];
  }
}

function ways({ alternatives }: Group): Cell[][] {
  return alternatives.flatMap((items) => {
    let rows: Cell[][] = [[]];
    for (const item of items) {
      const more = [...rowsOfItem(item)];
      rows = rows.flatMap((row) => more.map((way) => [...row, ...way]));
      if (rows.length > MOST.rows) return rows;
    }
    return rows;
  });
}

/** All ways through a pattern, each as one row of cells; undefined where they are too many or too long. */
export function rowsOf(group: Group): Cell[][] | undefined {
  const rows = ways(group);
  const fits = rows.length <= MOST.rows && rows.every((row) => row.length <= MOST.cells);
  return fits ? rows : undefined;
}

import { type CharacterSet, type Group, type Item, isSet, leastOf } from './text-pattern.js';

/** A set stands for one character of it; `open` for `least` to `most`. */
export type Cell = CharacterSet | Open;

interface Open {
  open: CharacterSet;
  least: number;
  most: number;
  /** A repeated group: its characters may not stand in any order. */
  grouped: boolean;
}

/** Ways that a pattern is spelt out into, and cells of one. */
const MOST = { rows: 64, cells: 512 };

function* rowsOfItem({ node, min, max, lazy }: Item): Iterable<Cell[]> {
  if (isSet(node) && min === max && min <= MOST.cells) yield new Array<Cell>(min).fill(node);
  else if (min === 0 && max === 1) {
    yield [];
    yield* rowsOfItem({ node, min: 1, max: 1, lazy });
  } else if (!isSet(node) && min === 1 && max === 1) yield* ways(node);
  else {
    const { least, characters } = leastOf(node);
    yield [{ open: characters, least: least * min, most: max, grouped: !isSet(node) }];
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

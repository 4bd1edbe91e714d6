/** Findings as the page keeps them: columns whose texts are in one dictionary. */
export interface Searchable {
  count: number;
  /** Lower-case texts of the dictionary. */
  lower: readonly string[];
  /** Columns of text that a search looks in. */
  columns: readonly ArrayLike<number>[];
  /** True if a number, as it is written, is a part of the row's offset or address. */
  hasNumber(row: number, digits: string): boolean;
}

/** A word that may be a part of an offset or an address. */
const NUMBER = /^(?:0x[0-9a-f]+|\d+)$/;

/**
 * Rows that have all words of a query, each in any column, and for which all choices hold. The dictionary is
 * searched in place of the rows: 100,000 of them have some hundred texts beside their ids.
 */
export function rowsOf(
  all: Searchable,
  query: string,
  choices: readonly ((row: number) => boolean)[],
): Uint32Array {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => ({
      word,
      isNumber: NUMBER.test(word),
      holds: Uint8Array.from(all.lower, (text) => (text.includes(word) ? 1 : 0)),
    }));
  const rows = new Uint32Array(all.count);
  let count = 0;
  for (let row = 0; row < all.count; row++) {
    if (!choices.every((holds) => holds(row))) continue;
    const isFound = ({ word, holds, isNumber }: (typeof words)[number]): boolean =>
      all.columns.some((column) => holds[column[row]!] === 1) || (isNumber && all.hasNumber(row, word));
    if (words.every(isFound)) rows[count++] = row;
  }
  return rows.slice(0, count);
}

/** A column: its width is that of its widest cell, at most `most` on a terminal. */
export interface Column {
  heading?: string;
  most?: number;
  right?: boolean;
}

const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;

/** Lines of a table with two spaces between columns; cut to `width` columns if there is one. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width?: number,
): string[] {
  const headings = columns.map(({ heading = '' }) => heading);
  const all = headings.some((heading) => heading !== '') ? [headings, ...rows] : rows;
  const widths = columns.map(({ most = Number.POSITIVE_INFINITY }, i) => {
    const longest = all.reduce((longest, row) => Math.max(longest, row[i]!.length), 0);
    return width === undefined ? longest : Math.min(longest, most);
  });
  return all.map((row) => {
    const cells = row.map((cell, i) =>
      columns[i]!.right ? cell.padStart(widths[i]!) : cut(cell, widths[i]!).padEnd(widths[i]!),
    );
    const line = cells.join('  ').trimEnd();
    return width === undefined ? line : cut(line, width);
  });
}

/** Columns of the terminal; undefined if the output is none. */
export const terminalWidth = (): number | undefined => process.stdout.columns || undefined;

import type { ChalkInstance } from 'chalk';
import type { FindStatus } from '../core/model/report.js';
import { COLUMNS, type FindRow, type FindTable } from './find-table.js';
import type { Paper } from './paper.js';
import { columns, wrap } from './text.js';

/** Columns of a path in the table; with a longer one the rows are written line by line. */
const WIDEST_FILE = 80;

/** The answers to `--find`: a table if it fits, else each answer below its file. */
export function writeAnswers(paper: Paper, answers: FindTable): void {
  const rows = answers.rows();
  if (rows.length === 0) return;
  paper.heading('Targets of --find');
  const widths = COLUMNS.map((name, i) =>
    rows.reduce((most, { cells }) => Math.max(most, columns(cells[i]!)), name.length),
  );
  const whole = widths.reduce((sum, width) => sum + width + 2, 0);
  if (whole <= paper.width && widths[0]! <= WIDEST_FILE) writeTable(paper, rows, widths);
  else
    for (const [i, row] of rows.entries()) {
      const [file] = row.cells;
      if (file !== '' && file !== rows[i - 1]?.cells[0])
        paper.line(`  ${painted(paper.paint, row.status)(file)}`);
      writeAnswer(paper, row);
    }
  for (const note of answers.notes()) paper.paragraph(note, 2);
  paper.line();
}

function writeTable(paper: Paper, rows: readonly FindRow[], widths: readonly number[]): void {
  const padded = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell + ' '.repeat(widths[i]! - columns(cell)))
      .join('  ')
      .trimEnd();
  paper.line(`  ${paper.paint.dim(padded(COLUMNS.map((name) => name.toLowerCase())))}`);
  for (const { status, cells } of rows) paper.line(`  ${painted(paper.paint, status)(padded(cells))}`);
}

/** An answer of a table that is too wide, below its file. */
function writeAnswer(paper: Paper, { cells: [, what, answer, form, coverage] }: FindRow): void {
  const text = [`${what}: ${answer}`, ...(form === '' ? [] : [form]), coverage].join('; ');
  for (const line of wrap(text, paper.width - 4)) paper.line(`    ${line}`);
}

function painted({ red, yellow }: ChalkInstance, status: FindStatus): (text: string) => string {
  return { present: red.bold, 'public-only': yellow, absent: String }[status] ?? String;
}

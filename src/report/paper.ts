import { Chalk, type ChalkInstance } from 'chalk';
import { wrap } from './text.js';

/** A labelled paragraph. `verbatim` lines (commands, digests) are not wrapped, so that they can be copied. */
export interface TextRow {
  label: string;
  text: string;
  verbatim?: boolean;
  /** Lines at most; the last one ends in an ellipsis if there are more. */
  most?: number;
}

/** Columns of labels. */
export const LABEL = 11;
/** Columns of lists where lines are not wrapped. */
const LIST = 100;

/** Lines of text, broken at spaces to fit a terminal. `width`: Infinity for a pipe or a file. */
export class Paper {
  readonly width: number;
  readonly paint: ChalkInstance;
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void, color: boolean, width: number) {
    this.#write = write;
    this.width = width;
    this.paint = new Chalk({ level: color ? 1 : 0 });
  }

  line(text = ''): void {
    this.#write(`${text}\n`);
  }

  heading(text: string): void {
    for (const line of wrap(text, this.width)) this.line(this.paint.bold(line));
  }

  row(row: TextRow): void {
    for (const [i, line] of linesOf(row, this.width).entries()) {
      const head = (i === 0 ? `  ${row.label}` : '').padEnd(LABEL);
      this.line(`${this.paint.dim(head)}${line}`);
    }
  }

  /** Text of any length, each line painted. */
  paragraph(text: string, indent: number, painted: (line: string) => string = String): void {
    for (const line of wrap(text, this.width - indent)) this.line(`${' '.repeat(indent)}${painted(line)}`);
  }

  /** Short items side by side, each unbroken. */
  list(items: readonly string[]): void {
    const text = items.map((item, i) => (i === items.length - 1 ? item : `${item},`)).join(' ');
    for (const line of wrap(text, Math.min(this.width, LIST) - 2)) this.line(`  ${line}`);
  }
}

/** The lines of a row, without its label. */
export function linesOf({ text, verbatim, most }: TextRow, width: number): string[] {
  return verbatim ? [text] : wrap(text, width - LABEL, most);
}

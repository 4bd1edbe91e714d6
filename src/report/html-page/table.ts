import { html, say } from './dom.js';

/** Pixels of a row; the style has the same. */
const ROW = 28;
/** Rows that are drawn beyond both edges. */
const BEYOND = 4;

export interface TableOptions {
  id: string;
  label: string;
  /** Title and width, as a track of a CSS grid. */
  columns: readonly [title: string, width: string][];
  /** What is said where there is no row. */
  empty: string;
  /** Rows in view. */
  rows: number;
  /** Texts of a row's cells; a class for the first of them. */
  cells(row: number): { texts: readonly string[]; mark?: string };
  /** A row is selected. */
  onSelect(row: number): void;
  /** A row is opened: Enter, or a double click. */
  onOpen(row: number): void;
}

/** A table of any number of rows of one height, of which those in view are drawn. */
export class Table {
  readonly element: HTMLElement;
  readonly #options: TableOptions;
  readonly #grid: HTMLElement;
  readonly #body: HTMLElement;
  readonly #empty: HTMLElement;
  /** Elements of rows that are drawn, by row. */
  readonly #drawn = new Map<number, HTMLElement>();
  #rows = 0;
  #selected = -1;
  #pending = false;

  constructor(options: TableOptions) {
    this.#options = options;
    const head = html(
      'div',
      { role: 'row', class: 'row head', 'aria-rowindex': 1 },
      ...options.columns.map(([title]) => html('div', { role: 'columnheader', class: 'cell' }, title)),
    );
    this.#body = html('div', { role: 'presentation', class: 'rows' });
    this.#empty = html('p', { class: 'empty' }, options.empty);
    this.#grid = html(
      'div',
      { id: options.id, role: 'grid', class: 'grid', tabindex: 0, 'aria-label': options.label },
      head,
      this.#body,
    );
    this.#grid.style.setProperty('--tracks', options.columns.map(([, width]) => width).join(' '));
    this.element = html('div', { class: 'table' }, this.#grid, this.#empty);
    this.#grid.addEventListener('scroll', () => this.#later());
    this.#grid.addEventListener('keydown', (event) => this.#key(event));
    this.#body.addEventListener('click', (event) => this.#pick(event, false));
    this.#body.addEventListener('dblclick', (event) => this.#pick(event, true));
    new ResizeObserver(() => this.#later()).observe(this.#grid);
    this.setRows(0);
  }

  get rows(): number {
    return this.#rows;
  }

  get selected(): number {
    return this.#selected;
  }

  /** Other rows: none is selected. */
  setRows(rows: number): void {
    this.#rows = rows;
    this.#selected = -1;
    this.#grid.hidden = rows === 0;
    this.#empty.hidden = rows > 0;
    this.#body.style.height = `${rows * ROW}px`;
    this.#grid.setAttribute('aria-rowcount', String(rows + 1));
    this.#grid.removeAttribute('aria-activedescendant');
    this.#grid.scrollTop = 0;
    this.#fit();
    this.redraw();
  }

  /** Draws all rows in view anew. */
  redraw(): void {
    for (const element of this.#drawn.values()) element.remove();
    this.#drawn.clear();
    this.#draw();
  }

  focus(): void {
    this.#grid.focus();
  }

  /** Selects a row, if there is one, and brings it into view. */
  select(row: number): void {
    if (this.#rows === 0) return;
    this.#mark(false);
    this.#selected = Math.max(0, Math.min(this.#rows - 1, row));
    this.#reveal();
    this.#draw();
    this.#mark(true);
    this.#grid.setAttribute('aria-activedescendant', this.#idOf(this.#selected));
    this.#options.onSelect(this.#selected);
  }

  #idOf(row: number): string {
    return `${this.#options.id}-${row}`;
  }

  #mark(isSelected: boolean): void {
    this.#drawn.get(this.#selected)?.setAttribute('aria-selected', String(isSelected));
  }

  #reveal(): void {
    const top = this.#selected * ROW;
    const height = this.#grid.clientHeight - 2 * ROW;
    if (top < this.#grid.scrollTop) this.#grid.scrollTop = top;
    else if (top > this.#grid.scrollTop + height) this.#grid.scrollTop = top - height;
  }

  #later(): void {
    if (this.#pending) return;
    this.#pending = true;
    requestAnimationFrame(() => {
      this.#pending = false;
      this.#fit();
      this.#draw();
    });
  }

  /** Whole rows, with the scroll bar of a narrow window below them. */
  #fit(): void {
    const most = Math.min(this.#options.rows, Math.max(1, this.#rows));
    const bar = this.#grid.offsetHeight - this.#grid.clientHeight;
    this.#grid.style.height = `${(most + 1) * ROW + bar}px`;
  }

  #draw(): void {
    const first = Math.max(0, Math.floor(this.#grid.scrollTop / ROW) - BEYOND);
    const last = Math.min(
      this.#rows,
      Math.ceil((this.#grid.scrollTop + this.#grid.clientHeight) / ROW) + BEYOND,
    );
    for (const [row, element] of this.#drawn) {
      const isKept = (row >= first && row < last) || row === this.#selected;
      if (isKept) continue;
      element.remove();
      this.#drawn.delete(row);
    }
    for (let row = first; row < last; row++) this.#drawRow(row);
    if (this.#selected >= 0) this.#drawRow(this.#selected);
  }

  #drawRow(row: number): void {
    if (this.#drawn.has(row)) return;
    const { texts, mark } = this.#options.cells(row);
    const cells = texts.map((text, index) => {
      const cell = html('div', { role: 'gridcell', class: `cell ${index === 0 ? (mark ?? '') : ''}` });
      say(cell, text);
      cell.title = cell.textContent;
      return cell;
    });
    const element = html(
      'div',
      {
        id: this.#idOf(row),
        role: 'row',
        class: row % 2 === 0 ? 'row' : 'row odd',
        'aria-rowindex': row + 2,
        'aria-selected': String(row === this.#selected),
      },
      ...cells,
    );
    element.style.transform = `translateY(${row * ROW}px)`;
    this.#drawn.set(row, element);
    this.#body.append(element);
  }

  #pick(event: MouseEvent, opens: boolean): void {
    const element = (event.target as Element).closest('[role=row]');
    if (element === null) return;
    this.select(Number(element.getAttribute('aria-rowindex')) - 2);
    if (opens) this.#options.onOpen(this.#selected);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.#grid.clientHeight / ROW) - 2);
    const to: Readonly<Record<string, number>> = {
      ArrowDown: this.#selected + 1,
      ArrowUp: this.#selected - 1,
      PageDown: this.#selected + page,
      PageUp: this.#selected - page,
      Home: 0,
      End: this.#rows - 1,
    };
    const row = to[event.key];
    if (row !== undefined) this.select(row);
    else if (event.key === 'Enter' && this.#selected >= 0) this.#options.onOpen(this.#selected);
    else return;
    event.preventDefault();
  }
}

import { rowsOf, type Searchable } from '../html/filter.js';
import { detailView } from './detail.js';
import { html, say, section, show } from './dom.js';
import type { StatusLine } from './status-line.js';
import type { Store } from './store.js';
import { Table } from './table.js';
import { grouped, hex, plural } from './words.js';

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'];
/** Milliseconds without a key after which a search begins. */
const PAUSE = 60;

/** The findings, with search and filters, and the one that is selected. */
export class FindingsView {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #status: StatusLine;
  readonly #table: Table;
  readonly #search = html('input', {
    id: 'search',
    type: 'search',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-label': 'Search findings: title, owner, file, place, rule or id',
    placeholder: 'search (press /)',
  });
  readonly #severity: HTMLSelectElement;
  readonly #kind: HTMLSelectElement;
  readonly #gate: HTMLSelectElement;
  readonly #count = html('span', { class: 'count' });
  readonly #file = html('button', { type: 'button', class: 'chosen', hidden: true });
  readonly #detail = html('div', {
    id: 'detail',
    role: 'region',
    'aria-label': 'Selected finding',
    tabindex: 0,
  });
  readonly #searchable: Searchable;
  /** Rows that are listed. */
  #listed: Uint32Array = new Uint32Array();
  /** Index of the artifact that rows must have a place in. */
  #artifact: number | undefined;
  /** Called with the row of the finding that is selected. */
  onSelect: (row: number) => void = () => {};

  constructor(store: Store, status: StatusLine) {
    this.#store = store;
    this.#status = status;
    this.#searchable = searchableOf(store);
    this.#severity = choice('Severity', 'every severity', present(store, 'severity', SEVERITIES));
    this.#kind = choice('Kind', 'every kind', present(store, 'kind'));
    this.#gate = choice('Gate', 'all findings', present(store, 'status'), GATE);
    this.#table = new Table({
      id: 'findings-table',
      label: 'Findings',
      columns: [
        ['Severity', '6.5rem'],
        ['What', 'minmax(14rem, 3fr)'],
        ['Whose', 'minmax(8rem, 2fr)'],
        ['File', 'minmax(10rem, 3fr)'],
        ['Where', 'minmax(10rem, 3fr)'],
        ['Places', '5rem'],
        ['Id', '6rem'],
      ],
      empty: store.count === 0 ? 'No finding.' : 'No finding matches.',
      rows: 14,
      cells: (index) => this.#cells(this.#listed[index]!),
      onSelect: (index) => this.#select(index),
      onOpen: () => this.#detail.focus(),
    });
    const controls = html(
      'div',
      { class: 'controls' },
      this.#search,
      this.#severity,
      this.#kind,
      this.#gate,
      this.#file,
      this.#count,
    );
    this.element = section('findings', 'Findings', controls, this.#table.element, this.#detail);
    this.#listen();
    this.#filter();
    this.#showDetail(-1);
  }

  focusSearch(): void {
    this.#search.focus();
    this.#search.select();
  }

  /** Lists only findings that have a place in an artifact; undefined: all. */
  onlyIn(artifact: number | undefined): void {
    this.#artifact = artifact;
    this.#file.hidden = artifact === undefined;
    if (artifact !== undefined) say(this.#file, `in ${this.#store.pathOf(artifact)} ✕`);
    this.#filter();
  }

  /** Selects a finding, and lists all if it is not among those listed. */
  reveal(row: number): void {
    if (!this.#listed.includes(row)) {
      for (const each of [this.#severity, this.#kind, this.#gate]) each.value = '';
      this.#search.value = '';
      this.onlyIn(undefined);
    }
    this.#table.select(this.#listed.indexOf(row));
    this.#table.focus();
  }

  #listen(): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.#search.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#filter(), PAUSE);
    });
    this.#search.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
      event.preventDefault();
      clearTimeout(timer);
      this.#filter();
      this.#table.focus();
      this.#table.select(0);
    });
    for (const each of [this.#severity, this.#kind, this.#gate])
      each.addEventListener('change', () => this.#filter());
    this.#file.addEventListener('click', () => {
      this.onlyIn(undefined);
      this.#search.focus();
    });
  }

  #filter(): void {
    const { columns, places, count, texts } = this.#store;
    const choices: ((row: number) => boolean)[] = [];
    for (const [select, column] of [
      [this.#severity, columns.severity],
      [this.#kind, columns.kind],
      [this.#gate, columns.status],
    ] as const) {
      const value = texts.indexOf(select.value);
      if (select.value !== '') choices.push((row) => column[row] === value);
    }
    if (this.#artifact !== undefined) {
      const has = new Uint8Array(count);
      for (let i = 0; i < places.artifact.length; i++)
        if (places.artifact[i] === this.#artifact) has[places.finding[i]!] = 1;
      choices.push((row) => has[row] === 1);
    }
    this.#listed = rowsOf(this.#searchable, this.#search.value, choices);
    this.#table.setRows(this.#listed.length);
    const all = plural(count, 'finding');
    const text = this.#listed.length === count ? all : `${grouped(this.#listed.length)} of ${all}`;
    say(this.#count, text);
    this.#status.say(text);
  }

  #cells(row: number): { texts: string[]; mark: string } {
    const text = (column: Parameters<Store['text']>[0]): string => this.#store.text(column, row);
    const isFailing = text('status') === 'counts';
    const severity = text('severity');
    return {
      mark: `severity ${SEVERITIES.includes(severity) ? severity : ''} ${isFailing ? '' : 'passed'}`,
      texts: [
        severity,
        `${text('title')}, ${text('confidence')}${isFailing ? '' : ` (${text('status')})`}`,
        text('whose'),
        text('path'),
        `${text('region')} ${this.#store.pointText(this.#store.firstPlace[row]!)}`,
        grouped(this.#store.occurrences[row]!),
        text('id'),
      ],
    };
  }

  #select(index: number): void {
    const row = this.#listed[index]!;
    const { title, region, path } = {
      title: this.#store.text('title', row),
      region: this.#store.text('region', row),
      path: this.#store.text('path', row),
    };
    const place = this.#store.placeText(this.#store.firstPlace[row]!);
    const order = `${grouped(index + 1)} of ${grouped(this.#listed.length)}`;
    this.#status.say(`${order}: ${title}, ${region}, ${place}, in ${path}`);
    this.#showDetail(row);
    this.onSelect(row);
  }

  #showDetail(row: number): void {
    this.#detail.hidden = row < 0;
    if (row >= 0) show(this.#detail, ...detailView(this.#store, row));
  }
}

const GATE: Readonly<Record<string, string>> = { counts: 'fails the gate' };

/** Values that findings have in a column. */
function present(
  store: Store,
  column: 'severity' | 'kind' | 'status',
  order: readonly string[] = [],
): string[] {
  const values = [...new Set(store.columns[column])].map((index) => store.texts[index]!);
  return values.sort((a, b) => order.indexOf(a) - order.indexOf(b) || (a < b ? -1 : 1));
}

function choice(
  label: string,
  all: string,
  values: readonly string[],
  names: Readonly<Record<string, string>> = {},
): HTMLSelectElement {
  const options = values.map((value) => html('option', { value }, names[value] ?? value));
  return html('select', { 'aria-label': label }, html('option', { value: '' }, all), ...options);
}

function searchableOf(store: Store): Searchable {
  const { columns, texts, firstPlace, places } = store;
  return {
    count: store.count,
    lower: texts.map((text) => text.toLowerCase()),
    columns: Object.values(columns),
    hasNumber(row, digits) {
      const place = firstPlace[row]!;
      const offset = places.offset[place]!;
      if (!digits.startsWith('0x')) return String(offset).includes(digits);
      if (hex(offset).includes(digits)) return true;
      const address = store.addressOf(place);
      return address !== undefined && hex(address).includes(digits);
    },
  };
}

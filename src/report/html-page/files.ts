import { section } from './dom.js';
import type { StatusLine } from './status-line.js';
import type { Store } from './store.js';
import { Table } from './table.js';
import { grouped, plural, sizeText } from './words.js';

const VERDICTS: Readonly<Record<string, string>> = {
  findings: 'secrets',
  incomplete: 'incomplete',
  'nothing-found': 'nothing found',
};

/** All artifacts, those with most findings first. */
export class FilesView {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #status: StatusLine;
  readonly #table: Table;
  /** Findings with a place in each artifact. */
  readonly #findings: number[];
  /** Artifacts as they are listed. */
  readonly #order: number[];
  onSelect: (artifact: number) => void = () => {};
  onOpen: (artifact: number) => void = () => {};

  constructor(store: Store, status: StatusLine) {
    this.#store = store;
    this.#status = status;
    this.#findings = findingsByArtifact(store);
    this.#order = store.artifacts.map((_, index) => index);
    this.#order.sort((a, b) => this.#findings[b]! - this.#findings[a]! || a - b);
    this.#table = new Table({
      id: 'files-table',
      label: 'Files: Enter lists the findings of one',
      columns: [
        ['Verdict', '8rem'],
        ['File', 'minmax(12rem, 4fr)'],
        ['Format', '8rem'],
        ['Process', 'minmax(8rem, 2fr)'],
        ['Size', '6rem'],
        ['Not read', '6rem'],
        ['Findings', '5.5rem'],
      ],
      empty: 'No file.',
      rows: 7,
      cells: (index) => this.#cells(this.#order[index]!),
      onSelect: (index) => this.#select(index),
      onOpen: (index) => this.onOpen(this.#order[index]!),
    });
    this.element = section('files', 'Files', this.#table.element);
    this.#table.setRows(this.#order.length);
  }

  /** The artifact at the top of the list. */
  get first(): number | undefined {
    return this.#order[0];
  }

  #cells(artifact: number): { texts: string[]; mark: string } {
    const { path, format, size, verdict, process = {} } = this.#store.artifacts[artifact]!;
    const { name, executable, pid } = process;
    const who = [name ?? executable ?? '', pid === undefined ? '' : `pid ${pid}`].filter(
      (part) => part !== '',
    );
    const mark = `verdict ${verdict in VERDICTS ? verdict : ''}`;
    const findings = grouped(this.#findings[artifact]!);
    const texts = [
      VERDICTS[verdict] ?? verdict,
      path,
      format,
      who.join(', '),
      sizeText(size),
      this.#unread(artifact),
      findings,
    ];
    return { texts, mark };
  }

  #unread(artifact: number): string {
    const { unread } = this.#store.artifacts[artifact]!.coverage.file;
    const bytes = unread.reduce((sum, { length }) => sum + (length ?? 0), 0);
    const isEndless = unread.some(({ length }) => length === null);
    return bytes === 0 && !isEndless ? '' : `${isEndless ? 'at least ' : ''}${sizeText(bytes)}`;
  }

  #select(index: number): void {
    const artifact = this.#order[index]!;
    const { path, verdict } = this.#store.artifacts[artifact]!;
    const order = `${grouped(index + 1)} of ${grouped(this.#order.length)}`;
    const found = plural(this.#findings[artifact]!, 'finding');
    this.#status.say(`${order}: ${path}, ${VERDICTS[verdict] ?? verdict}, ${found}`);
    this.onSelect(artifact);
  }
}

function findingsByArtifact({ artifacts, places }: Store): number[] {
  const counts = artifacts.map(() => 0);
  const last = new Int32Array(artifacts.length).fill(-1);
  for (let i = 0; i < places.artifact.length; i++) {
    const [artifact, finding] = [places.artifact[i]!, places.finding[i]!];
    // Places of a finding are adjacent, but not ordered by artifact.
    if (artifact >= counts.length || last[artifact] === finding) continue;
    last[artifact] = finding;
    counts[artifact]!++;
  }
  return counts;
}

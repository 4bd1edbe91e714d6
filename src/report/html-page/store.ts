import type { ArtifactReport, FindReport, RunFacts } from '../../core/model/report.js';
import {
  type Detail,
  type PageData,
  type PageOutcome,
  type PlaceColumns,
  TEXT_COLUMNS,
  type TextColumn,
} from '../html/data.js';
import { hex } from './words.js';

/** Columns of text that only the page has. */
type OwnColumn = 'path' | 'region' | 'form';

/** All that the blocks of a report hold. A row is the index of a finding. */
export class Store {
  run: (RunFacts & { command: string }) | undefined;
  outcome: PageOutcome = { counting: 0, sentence: '' };
  readonly artifacts: ArtifactReport[] = [];
  readonly answers: FindReport[] = [];
  readonly texts: string[] = [];
  readonly columns = Object.fromEntries(
    [...TEXT_COLUMNS, 'path', 'region', 'form'].map((name) => [name, []]),
  ) as unknown as Record<TextColumn | OwnColumn, number[]>;
  readonly occurrences: number[] = [];
  readonly places: PlaceColumns = {
    finding: [],
    artifact: [],
    offset: [],
    length: [],
    shift: [],
    region: [],
    form: [],
  };
  /** Index of the first place of each row, and of the end of all places. */
  readonly firstPlace: number[] = [];
  /** Only the first rows have them. */
  readonly details: Detail[] = [];
  readonly #index = new Map<string, number>();

  get count(): number {
    return this.occurrences.length;
  }

  add(block: PageData): void {
    if (block.type === 'run') this.run = block;
    else if (block.type === 'artifacts') for (const each of block.artifacts) this.artifacts.push(each);
    else if (block.type === 'findings') this.#addFindings(block);
    else if (block.type === 'find') for (const each of block.answers) this.answers.push(each);
    else this.outcome = block;
  }

  #addFindings({
    texts,
    columns,
    occurrences,
    places,
    details,
  }: Extract<PageData, { type: 'findings' }>): void {
    const known = texts.map((text) => this.indexOf(text));
    const first = this.count;
    for (const name of TEXT_COLUMNS) for (const text of columns[name]) this.columns[name].push(known[text]!);
    for (const each of occurrences) this.occurrences.push(each);
    for (const each of details) this.details.push(each);
    for (let i = 0; i < places.offset.length; i++) {
      const row = first + places.finding[i]!;
      if (row === this.firstPlace.length) this.#addFirst(places, i, known);
      this.places.finding.push(row);
      this.places.artifact.push(places.artifact[i]!);
      this.places.offset.push(places.offset[i]!);
      this.places.length.push(places.length[i]!);
      this.places.shift.push(places.shift[i]! < 0 ? -1 : known[places.shift[i]!]!);
      this.places.region.push(known[places.region[i]!]!);
      this.places.form.push(known[places.form[i]!]!);
    }
  }

  /** The first place of a row stands for it in lists. */
  #addFirst({ artifact, region, form }: PlaceColumns, i: number, known: readonly number[]): void {
    this.firstPlace.push(this.places.offset.length);
    this.columns.path.push(this.indexOf(this.pathOf(artifact[i]!)));
    this.columns.region.push(known[region[i]!]!);
    this.columns.form.push(known[form[i]!]!);
  }

  indexOf(text: string): number {
    const known = this.#index.get(text);
    if (known !== undefined) return known;
    const index = this.texts.push(text) - 1;
    this.#index.set(text, index);
    return index;
  }

  text(column: TextColumn | OwnColumn, row: number): string {
    return this.texts[this.columns[column][row]!] ?? '';
  }

  pathOf(artifact: number): string {
    return this.artifacts[artifact]?.path ?? `artifact ${artifact}`;
  }

  /** Indices of the places of a row. */
  placesOf(row: number): [from: number, to: number] {
    return [this.firstPlace[row]!, this.firstPlace[row + 1] ?? this.places.offset.length];
  }

  /** Address, if there is one, and offset of a place. */
  placeText(place: number): string {
    const offset = `offset ${hex(this.places.offset[place]!)}`;
    const address = this.addressOf(place);
    return address === undefined ? offset : `${hex(address)}, ${offset}`;
  }

  /** Its address, or its offset if it has none. */
  pointText(place: number): string {
    const address = this.addressOf(place);
    return address === undefined ? `offset ${hex(this.places.offset[place]!)}` : hex(address);
  }

  addressOf(place: number): bigint | undefined {
    const shift = this.texts[this.places.shift[place]!];
    return shift === undefined ? undefined : BigInt(shift) + BigInt(this.places.offset[place]!);
  }
}

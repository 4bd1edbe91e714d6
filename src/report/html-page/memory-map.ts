import { firstFrom, type MapPiece, PieceIndex, piecesOf } from '../html/axis.js';
import { addressOf, spaceText } from '../html/data.js';
import { html, say, section, show } from './dom.js';
import { drawMap, type MapPlaces } from './map-drawing.js';
import type { StatusLine } from './status-line.js';
import type { Store } from './store.js';
import { hex, plural, sizeText } from './words.js';

const ZOOM = 2;
/** Least part of the axis in view. */
const LEAST = 1e-5;

const NO_REGIONS =
  'This report has no regions of this file: a scan with --output html=FILE or --regions has them.';
const KEYS =
  'Arrow left and right: regions. Up and down: regions with a secret. Home, End. + and - zoom, 0 shows ' +
  'all. Enter: the first finding there. Widths grow with the root of the size; zeros and what is missing ' +
  'are folded.';

/** The address space of one artifact, which has the focus as one slider over its pieces. */
export class MemoryMap {
  readonly element: HTMLElement;
  readonly #store: Store;
  readonly #status: StatusLine;
  readonly #title = html('p', { class: 'map-title' });
  readonly #slider = html('div', { id: 'map', role: 'slider', tabindex: 0, 'aria-label': 'Memory map' });
  readonly #about = html('p', { class: 'about' });
  readonly #legend = html('ul', { class: 'legend', 'aria-label': 'Legend' });
  readonly #empty = html('p', { class: 'empty' }, NO_REGIONS);
  readonly #keysHelp = html('p', { class: 'keys' }, KEYS);
  #artifact = -1;
  #pieces: MapPiece[] = [];
  #index = new PieceIndex([]);
  #places: MapPlaces = { offsets: [], rows: [] };
  #selected = 0;
  /** The part of the axis in view. */
  #view = { from: 0, to: 1 };
  onOpen: (row: number) => void = () => {};

  constructor(store: Store, status: StatusLine) {
    this.#store = store;
    this.#status = status;
    this.element = section(
      'memory',
      'Memory',
      this.#title,
      this.#slider,
      this.#about,
      this.#legend,
      this.#empty,
      this.#keysHelp,
    );
    this.#slider.addEventListener('keydown', (event) => this.#key(event));
    this.#slider.addEventListener('click', (event) => this.#click(event));
    new ResizeObserver(() => this.#draw()).observe(this.#slider);
  }

  /** Shows an artifact, unless it is the one shown. */
  show(artifact: number): void {
    if (artifact === this.#artifact) return;
    const report = this.#store.artifacts[artifact];
    this.#artifact = artifact;
    this.#places = placesIn(this.#store, artifact);
    this.#pieces = piecesOf(report?.regions ?? [], report?.entropy, this.#places.offsets);
    this.#index = new PieceIndex(this.#pieces);
    this.#view = { from: 0, to: this.#end };
    const isEmpty = this.#pieces.length === 0;
    for (const each of [this.#slider, this.#about, this.#legend, this.#keysHelp]) each.hidden = isEmpty;
    this.#empty.hidden = !isEmpty;
    say(this.#title, report === undefined ? '' : report.path);
    this.#slider.setAttribute('aria-label', `Memory map of ${report?.path ?? ''}`);
    this.#slider.setAttribute('aria-valuemin', '1');
    this.#slider.setAttribute('aria-valuemax', String(Math.max(1, this.#pieces.length)));
    this.#showLegend();
    this.#choose(0);
  }

  /** Shows a place of an artifact. */
  reveal(artifact: number, offset: number): void {
    this.show(artifact);
    const piece = this.#index.at(offset);
    if (piece >= 0) this.#choose(piece);
  }

  get #end(): number {
    const last = this.#pieces.at(-1);
    return last === undefined ? 1 : last.x + last.width;
  }

  #choose(piece: number): void {
    if (this.#pieces.length === 0) return;
    this.#selected = Math.max(0, Math.min(this.#pieces.length - 1, piece));
    this.#bringIntoView();
    const text = this.#describe(this.#selected);
    this.#slider.setAttribute('aria-valuenow', String(this.#selected + 1));
    this.#slider.setAttribute('aria-valuetext', text);
    say(this.#about, text);
    this.#draw();
  }

  #bringIntoView(): void {
    const { x, width } = this.#pieces[this.#selected]!;
    const span = this.#view.to - this.#view.from;
    if (x >= this.#view.from && x + width <= this.#view.to) return;
    const from = Math.max(0, Math.min(this.#end - span, x + width / 2 - span / 2));
    this.#view = { from, to: from + span };
  }

  #zoom(factor: number): void {
    const { x, width } = this.#pieces[this.#selected]!;
    const end = this.#end;
    const span = Math.max(end * LEAST, Math.min(end, (this.#view.to - this.#view.from) / factor));
    const from = Math.max(0, Math.min(end - span, x + width / 2 - span / 2));
    this.#view = { from, to: from + span };
    this.#status.say(`${Math.round((span / end) * 1000) / 10} % of the map is in view`);
    this.#draw();
  }

  /** Places in a piece, as indices of the map's places. */
  #within({ kind, offset, length }: MapPiece): [from: number, to: number] {
    if (kind === 'missing') return [0, 0];
    const { offsets } = this.#places;
    return [firstFrom(offsets, offset), firstFrom(offsets, offset + length)];
  }

  #describe(index: number): string {
    const piece = this.#pieces[index]!;
    const { regions = [] } = this.#store.artifacts[this.#artifact]!;
    const { kind, name = '', thread, address, offset, addressSpace } = regions[piece.region]!;
    const what = { region: kind, zeros: `zeros in ${kind}`, missing: `missing ${kind}` }[piece.kind];
    const first = addressOf(address);
    const start = first === undefined ? undefined : first + BigInt(piece.offset - offset);
    const range = start === undefined ? '' : `${hex(start)} to ${hex(start + BigInt(piece.length))}`;
    const [from, to] = this.#within(piece);
    const entropy = this.#entropyOf(piece);
    const parts = [
      `${index + 1} of ${this.#pieces.length}: ${what}`,
      name,
      thread === undefined ? '' : `thread ${thread}`,
      range,
      addressSpace === undefined ? '' : `(${spaceText(addressSpace)})`,
      sizeText(piece.length),
      piece.kind === 'missing' ? 'not in the file' : `offset ${hex(piece.offset)}`,
      to > from ? plural(to - from, 'secret place') : '',
      entropy === undefined || piece.kind !== 'region' ? '' : `entropy ${entropy.toFixed(1)} of 8 bits`,
    ];
    return parts.filter((part) => part !== '').join(', ');
  }

  /** Mean of the samples in a piece. */
  #entropyOf({ kind, offset, length }: MapPiece): number | undefined {
    const { entropy } = this.#store.artifacts[this.#artifact]!;
    if (entropy === undefined || kind === 'missing') return undefined;
    const { step } = entropy;
    const values = entropy.values
      .slice(Math.ceil(offset / step), Math.ceil((offset + length) / step))
      .filter((value) => value !== null);
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  #showLegend(): void {
    const { regions = [] } = this.#store.artifacts[this.#artifact] ?? {};
    const sizes = new Map<string, number>();
    for (const { kind, region, length } of this.#pieces) {
      const name = kind === 'region' ? regions[region]!.kind : kind;
      sizes.set(name, (sizes.get(name) ?? 0) + length);
    }
    const items = [...sizes].map(([name, size]) =>
      html('li', {}, html('span', { class: `swatch ${name}` }), `${name} ${sizeText(size)}`),
    );
    show(this.#legend, ...items);
  }

  #draw(): void {
    const report = this.#store.artifacts[this.#artifact];
    if (report === undefined || this.#pieces.length === 0) return;
    const [width, view] = [this.#slider.clientWidth, this.#view];
    const drawing = { width, view, pieces: this.#pieces, index: this.#index, selected: this.#selected };
    show(this.#slider, drawMap(this.#store, report, this.#places, drawing));
  }

  #click({ clientX }: MouseEvent): void {
    const { left, width } = this.#slider.getBoundingClientRect();
    const { from, to } = this.#view;
    const x = from + ((clientX - left) / width) * (to - from);
    this.#choose(this.#pieces.findLastIndex((piece) => piece.x <= x));
    this.#status.say(this.#describe(this.#selected));
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || this.#pieces.length === 0) return;
    const act = this.#keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  #move(piece: number): void {
    this.#choose(piece);
    this.#status.say(this.#describe(this.#selected));
  }

  /** The next piece with a secret in a direction; the same if there is none. */
  #nextSecret(direction: 1 | -1): number {
    for (let piece = this.#selected + direction; piece in this.#pieces; piece += direction) {
      const [from, to] = this.#within(this.#pieces[piece]!);
      if (to > from) return piece;
    }
    return this.#selected;
  }

  readonly #keys: Readonly<Record<string, () => void>> = {
    ArrowRight: () => this.#move(this.#selected + 1),
    ArrowLeft: () => this.#move(this.#selected - 1),
    ArrowDown: () => this.#move(this.#nextSecret(1)),
    ArrowUp: () => this.#move(this.#nextSecret(-1)),
    Home: () => this.#move(0),
    End: () => this.#move(this.#pieces.length - 1),
    '+': () => this.#zoom(ZOOM),
    '=': () => this.#zoom(ZOOM),
    '-': () => this.#zoom(1 / ZOOM),
    '0': () => this.#zoom(0),
    Enter: () => {
      const [from, to] = this.#within(this.#pieces[this.#selected]!);
      if (to > from) this.onOpen(this.#places.rows[from]!);
      else this.#status.say('no secret was found there');
    },
  };
}

/** All places in an artifact, ascending by offset. */
function placesIn({ places }: Store, artifact: number): MapPlaces {
  const indices: number[] = [];
  for (let i = 0; i < places.artifact.length; i++) if (places.artifact[i] === artifact) indices.push(i);
  indices.sort((a, b) => places.offset[a]! - places.offset[b]!);
  return {
    offsets: indices.map((index) => places.offset[index]!),
    rows: indices.map((index) => places.finding[index]!),
  };
}

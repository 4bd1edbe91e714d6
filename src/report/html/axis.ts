import type { EntropyFacts, RegionFacts } from '../../core/model/report.js';
import { addressOf } from './data.js';

/** One part of an address-space map: a region, a run of zeros in it, or what of it is not in the file. */
export interface MapPiece {
  kind: 'region' | 'zeros' | 'missing';
  /** Index of its region. */
  region: number;
  /** Bytes of the file; of missing memory, where they would be. */
  offset: number;
  length: number;
  /** Left edge and width on the axis, in units of it. */
  x: number;
  width: number;
}

/** Samples of zeros in a row that are folded: one may be by chance. */
const LEAST_ZEROS = 2;
/** Widths of all that is not folded for one of what is. */
const FOLDED = 100;

/**
 * The pieces of a map in the order of addresses, each space for itself, what has no address last. A region's
 * width grows with the root of its size, so that a stack can be seen beside a heap; runs of zeros and missing
 * memory are folded into breaks. `places`: offsets of findings, ascending, which are never folded.
 */
export function piecesOf(
  regions: readonly RegionFacts[],
  entropy: EntropyFacts | undefined,
  places: readonly number[],
): MapPiece[] {
  const parts = inAddressOrder(regions).flatMap((region) =>
    [...partsOf(regions[region]!, entropy, places)].map((part) => ({ ...part, region })),
  );
  const shown = parts.reduce((sum, part) => sum + (part.kind === 'region' ? widthOf(part) : 0), 0);
  let x = 0;
  return parts.map((part) => {
    const width = part.kind === 'region' ? widthOf(part) : Math.max(1, shown / FOLDED);
    x += width;
    return { ...part, x: x - width, width };
  });
}

const widthOf = ({ length }: Part): number => Math.max(1, Math.sqrt(length));

type Part = Pick<MapPiece, 'kind' | 'offset' | 'length'>;

function* partsOf(
  { offset, present, length }: RegionFacts,
  entropy: EntropyFacts | undefined,
  places: readonly number[],
): Generator<Part> {
  const end = offset + present;
  let from = offset;
  for (const zeros of entropy ? zeroRuns(entropy, offset, end, places) : []) {
    if (zeros.offset > from) yield { kind: 'region', offset: from, length: zeros.offset - from };
    yield zeros;
    from = zeros.offset + zeros.length;
  }
  if (end > from) yield { kind: 'region', offset: from, length: end - from };
  if (length > present) yield { kind: 'missing', offset: end, length: length - present };
}

/** Where a range has samples of zeros in a row and no finding. */
function* zeroRuns(
  { step, values }: EntropyFacts,
  from: number,
  to: number,
  places: readonly number[],
): Generator<Part> {
  const last = Math.min(values.length, Math.ceil(to / step));
  let start = -1;
  for (let index = Math.ceil(from / step); index <= last; index++) {
    const isZero = index < last && values[index] === 0 && !hasPlace(places, index * step, (index + 1) * step);
    if (isZero && start < 0) start = index;
    if (isZero || start < 0) continue;
    if (index - start >= LEAST_ZEROS) {
      const end = Math.min(to, index * step);
      yield { kind: 'zeros', offset: start * step, length: end - start * step };
    }
    start = -1;
  }
}

/** True if one of the offsets, ascending, is in a range. */
function hasPlace(places: readonly number[], from: number, to: number): boolean {
  const at = firstFrom(places, from);
  return at < places.length && places[at]! < to;
}

/** Index of the first of ascending numbers that is not below another one. */
export function firstFrom(ascending: ArrayLike<number>, least: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

function inAddressOrder(regions: readonly RegionFacts[]): number[] {
  const spaces = new Map<string, number>();
  const keys = regions.map(({ address, addressSpace: { kind, id, pid } = { kind: 'process' } }) => {
    const name = `${kind} ${id} ${pid}`;
    const start = addressOf(address);
    if (start !== undefined && !spaces.has(name)) spaces.set(name, spaces.size);
    return start === undefined
      ? { space: Number.POSITIVE_INFINITY, address: 0n }
      : { space: spaces.get(name)!, address: start };
  });
  const order = (a: number, b: number): number => {
    const [left, right] = [keys[a]!, keys[b]!];
    if (left.space !== right.space) return left.space < right.space ? -1 : 1;
    return left.address < right.address ? -1 : left.address > right.address ? 1 : a - b;
  };
  return regions.map((_, index) => index).sort(order);
}

/** Looks up the pieces of a map by offset. */
export class PieceIndex {
  readonly #pieces: readonly MapPiece[];
  /** Indices of the pieces that are in the file, ascending by offset. */
  readonly #order: number[];
  readonly #offsets: number[];

  constructor(pieces: readonly MapPiece[]) {
    this.#pieces = pieces;
    this.#order = pieces.map((_, index) => index).filter((index) => pieces[index]!.kind !== 'missing');
    this.#order.sort((a, b) => pieces[a]!.offset - pieces[b]!.offset);
    this.#offsets = this.#order.map((index) => pieces[index]!.offset);
  }

  /** Index of the piece that holds an offset; -1 if none does. */
  at(offset: number): number {
    const index = this.#order[firstFrom(this.#offsets, offset + 1) - 1];
    if (index === undefined) return -1;
    const piece = this.#pieces[index]!;
    return offset < piece.offset + piece.length ? index : -1;
  }
}

import type { ArtifactReport, EntropyFacts } from '../../core/model/report.js';
import { firstFrom, type MapPiece, type PieceIndex } from '../html/axis.js';
import { svg } from './dom.js';
import type { Store } from './store.js';

/** Places of secrets in an artifact, ascending by offset, and the rows of their findings. */
export interface MapPlaces {
  offsets: readonly number[];
  rows: readonly number[];
}

export interface Drawing {
  /** Pixels. */
  width: number;
  /** The part of the axis in view. */
  view: { from: number; to: number };
  pieces: readonly MapPiece[];
  index: PieceIndex;
  selected: number;
}

/** Lanes, in pixels from the top: secrets, regions, entropy. */
const SECRETS = { top: 2, bottom: 16 };
const REGIONS = { top: 20, bottom: 58 };
const ENTROPY = { top: 66, bottom: 110 };
const HEIGHT = 114;
const MOST_BITS = 8;

/** The map as one SVG. Pieces narrower than a pixel share one. */
export function drawMap(
  store: Store,
  { regions = [], entropy, coverage }: ArtifactReport,
  places: MapPlaces,
  drawing: Drawing,
): SVGElement {
  const { width, view, pieces, selected } = drawing;
  const scale = width / (view.to - view.from);
  const at = (x: number): number => (x - view.from) * scale;
  const picture = svg('svg', {
    width,
    height: HEIGHT,
    viewBox: `0 0 ${Math.max(1, width)} ${HEIGHT}`,
    'aria-hidden': 'true',
  });
  let drawn = -1;
  for (const piece of pieces) {
    const [left, right] = [Math.max(0, at(piece.x)), Math.min(width, at(piece.x + piece.width))];
    if (right <= 0 || left >= width || right < drawn + 1) continue;
    drawn = Math.max(left + 1, right);
    const kind = piece.kind === 'region' ? regions[piece.region]!.kind : piece.kind;
    picture.append(box(`piece ${kind}`, left, drawn - left, REGIONS));
    if (piece.kind === 'region' && entropy && right - left >= 1)
      picture.append(entropyBars(entropy, piece, left, right - left));
  }
  for (const { offset, length } of coverage.file.unread)
    for (const piece of pieces) {
      const isUnread = offset < piece.offset + piece.length && offset + (length ?? Infinity) > piece.offset;
      if (isUnread && piece.kind === 'region')
        picture.append(box('unread', at(piece.x), piece.width * scale, { top: 58, bottom: 62 }));
    }
  picture.append(...secretMarks(store, places, drawing, at));
  const { x, width: wide } = pieces[selected]!;
  picture.append(box('selected', at(x), Math.max(3, wide * scale), { top: 18, bottom: 60 }));
  return picture;
}

const box = (kind: string, x: number, width: number, { top, bottom }: typeof REGIONS): SVGElement =>
  svg('rect', { class: kind, x: x.toFixed(1), y: top, width: width.toFixed(1), height: bottom - top });

/** The samples in a piece, as one shape: the highest one of each pixel. */
function entropyBars(
  { step, values }: EntropyFacts,
  piece: MapPiece,
  left: number,
  width: number,
): SVGElement {
  const first = Math.ceil(piece.offset / step);
  const last = Math.min(values.length, Math.ceil((piece.offset + piece.length) / step));
  const height = ENTROPY.bottom - ENTROPY.top;
  const each = Math.max(1, width / Math.max(1, last - first));
  const bars = new Map<number, number>();
  for (let index = first; index < last; index++) {
    const x = Math.floor(left + ((index * step - piece.offset) / piece.length) * width);
    bars.set(x, Math.max(bars.get(x) ?? 0, values[index] ?? 0));
  }
  const path = [...bars].map(([x, value]) => {
    const wide = Math.min(each, left + width - x);
    return `M${x} ${ENTROPY.bottom}v${(-height * value) / MOST_BITS}h${wide.toFixed(1)}V${ENTROPY.bottom}z`;
  });
  return svg('path', { class: 'entropy', d: path.join('') });
}

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'];

/** A mark for each pixel with secrets, in the colour of the most severe. */
function secretMarks(
  store: Store,
  { offsets, rows }: MapPlaces,
  { view, pieces, width }: Drawing,
  at: (x: number) => number,
): SVGElement[] {
  const best = new Map<number, number>();
  for (const piece of pieces) {
    if (piece.kind !== 'region' || piece.x + piece.width < view.from || piece.x > view.to) continue;
    const last = firstFrom(offsets, piece.offset + piece.length);
    for (let i = firstFrom(offsets, piece.offset); i < last; i++) {
      const x = Math.round(at(piece.x + ((offsets[i]! - piece.offset) / piece.length) * piece.width));
      if (x < 0 || x > width) continue;
      const severity = SEVERITIES.indexOf(store.text('severity', rows[i]!));
      best.set(x, Math.min(best.get(x) ?? SEVERITIES.length, severity));
    }
  }
  return [...best].map(([x, severity]) => {
    const { top, bottom } = SECRETS;
    const d = `M${x} ${bottom}l-4 ${top - bottom}h8z`;
    return svg('path', { class: `mark ${SEVERITIES[severity] ?? 'info'}`, d });
  });
}

import { partitionPoint } from '../../core/base/bytes/binary-search.js';
import type { Extent, Wide } from '../../core/model/report.js';
import type { View, Window } from '../../formats/memory/types.js';
import type { Hit, HitGroup } from '../core/types.js';
import { MARGIN } from '../core/windows.js';

/** Bytes around hits as text, one character per byte (narrow) or UTF-16 unit (wide), with file offsets. */
export interface TextWindow {
  /** UTF-16 units from U+0100 on become NUL, which ends every token. */
  text: string;
  /** Indices in `text` of the hits of this window, ascending. */
  hits: { at: number; length: number }[];
  /** The previous window again, with the second decoding of its ambiguous runs; same indices. */
  again: boolean;
  /** File offset of a character's non-NUL byte: the same in every window. */
  key(start: number): number;
  /** Place of text[start, end) in the file. */
  place(start: number, end: number): { offset: number; length: number; extents: Extent[]; wide?: Wide };
}

/** Only hits in the same slot of the file share a window, so that windows do not depend on the batches. */
const SLOT = 64 * 1024;

/** Groups of hits in one slot whose windows overlap. */
function* clusters(hits: readonly Hit[], reach: number): Iterable<Hit[]> {
  let cluster: Hit[] = [];
  for (const hit of hits) {
    const last = cluster.at(-1);
    const joins =
      last !== undefined &&
      hit.offset - last.offset <= reach &&
      Math.floor(hit.offset / SLOT) === Math.floor(cluster[0]!.offset / SLOT);
    if (!joins && cluster.length > 0) {
      yield cluster;
      cluster = [];
    }
    cluster.push(hit);
  }
  if (cluster.length > 0) yield cluster;
}

/** Windows of a cluster: more than one if a seam divides its hits. */
function* windows(
  cluster: readonly Hit[],
  { view, order }: Pick<HitGroup, 'view' | 'order'>,
  before: number,
  after: number,
): Iterable<{ window: Window; placed: { at: number; length: number }[] }> {
  let rest = cluster;
  while (rest.length > 0) {
    const first = rest[0]!;
    const last = rest.at(-1)!;
    const span = last.offset - first.offset + last.length;
    const window = view.window(first.offset, before, span + after, order);
    const placed: { at: number; length: number }[] = [];
    const left: Hit[] = [];
    for (const hit of rest) {
      const at = window.at + hit.offset - first.offset;
      const here = at + hit.length <= window.bytes.length && window.offsetOf(at) === hit.offset;
      if (here || hit === first) placed.push({ at, length: hit.length });
      else left.push(hit);
    }
    yield { window, placed };
    rest = left;
  }
}

function* narrow(window: Window, placed: TextWindow['hits']): Iterable<TextWindow> {
  const { buffer, byteOffset, byteLength } = window.bytes;
  yield {
    text: Buffer.from(buffer, byteOffset, byteLength).toString('latin1'),
    hits: placed,
    again: false,
    key: (start) => window.offsetOf(start),
    place: (start, end) => placeIn(window, start, end),
  };
}

function placeIn(window: Window, start: number, end: number) {
  return { offset: window.offsetOf(start), length: end - start, extents: window.extents(start, end) };
}

/** A run of characters with one NUL between them; `end` is a character index. */
interface Run {
  end: number;
  wide: Wide;
}

/** A decoding of a run: its byte order, and the end character that belongs to other data. */
interface Decoding {
  wide: Wide;
  drop?: 'first' | 'last';
}

const isText = (code: number): boolean => (code >= 0x20 && code < 0x7f) || (code >= 9 && code <= 13);

/**
 * The decodings of a run, likelier first. Only its ends show the byte order: UTF-16LE has a NUL after the
 * last character, UTF-16BE one before the first, and an end character without its NUL belongs to other data.
 * With NULs at both ends both orders have the same text, and little-endian is far more common.
 */
function decodingsOf(first: number, last: number, nulBefore: boolean, nulAfter: boolean): Decoding[] {
  if (nulBefore && nulAfter) return [{ wide: 'le' }];
  const little: Decoding = nulAfter ? { wide: 'le' } : { wide: 'le', drop: 'last' };
  const big: Decoding = nulBefore ? { wide: 'be' } : { wide: 'be', drop: 'first' };
  if (nulBefore) return isText(last) ? [big, little] : [little];
  if (isText(first)) return [little, big];
  return nulAfter || isText(last) ? [big, little] : [little, big];
}

/**
 * Decodes a wide window by the `choice`-th decoding of each run, or its only one. `split`: some run has two.
 */
function decode({ bytes, startsAtEdge, endsAtEdge }: Window, base: number, choice: 0 | 1) {
  const count = Math.max(0, Math.ceil((bytes.length - base) / 2));
  const codes = new Uint8Array(count);
  const runs: Run[] = [];
  let split = false;
  const character = (k: number): number => (k < count ? bytes[base + 2 * k]! : 0);
  // Bytes outside the window count as NUL, except beyond the ends of the file.
  const isNul = (k: number): boolean => {
    const at = base + 2 * k + 1;
    return at < 0 ? !startsAtEdge : at >= bytes.length ? !endsAtEdge : bytes[at] === 0;
  };
  for (let k = 0; k < count; k++) {
    if (character(k) === 0) continue;
    const start = k;
    codes[k] = character(k);
    while (isNul(k) && character(k + 1) !== 0) codes[++k] = character(k);
    const options = decodingsOf(codes[start]!, codes[k]!, isNul(start - 1), isNul(k));
    split ||= options.length > 1;
    const { wide, drop } = options[choice] ?? options[0]!;
    if (drop === 'first') codes[start] = 0;
    if (drop === 'last') codes[k] = 0;
    runs.push({ end: k + 1, wide });
  }
  return { codes, runs, split };
}

/** The run of the character at `index`. */
function runAt(runs: readonly Run[], index: number): Run | undefined {
  return runs[partitionPoint(runs.length, (i) => runs[i]!.end <= index)];
}

/** One window with the likelier decoding of each run; a second one with the others, if some run has two. */
function* widened(window: Window, placed: TextWindow['hits']): Iterable<TextWindow> {
  const base = window.at % 2;
  for (const choice of [0, 1] as const) {
    const { codes, runs, split } = decode(window, base, choice);
    yield {
      text: Buffer.from(codes.buffer, codes.byteOffset, codes.byteLength).toString('latin1'),
      hits: placed.map(({ at, length }) => ({ at: (at - base) / 2, length: (length + 1) / 2 })),
      again: choice === 1,
      key: (start) => window.offsetOf(base + 2 * start),
      place(start, end) {
        const wide = runAt(runs, start)?.wide ?? 'le';
        const first = base + 2 * start - (wide === 'be' ? 1 : 0);
        return { ...placeIn(window, first, first + 2 * (end - start)), wide };
      },
    };
    if (!split) return;
  }
}

/** The windows of a group; overlapping windows are merged. */
export function* textWindows(group: HitGroup, before: number, after: number): Iterable<TextWindow> {
  const { encodings } = group.rule;
  const rows = [
    { hits: group.hits.filter((hit) => !hit.wide), unit: 1, read: narrow, on: encodings.includes('utf8') },
    ...[0, 1].map((parity) => ({
      hits: group.hits.filter((hit) => hit.wide && hit.offset % 2 === parity),
      unit: 2,
      read: widened,
      on: encodings.some((encoding) => encoding !== 'utf8'),
    })),
  ];
  for (const { hits, unit, read, on } of rows) {
    if (!on) continue;
    for (const cluster of clusters(hits, unit * (before + after)))
      for (const { window, placed } of windows(
        cluster,
        group,
        unit * (before + MARGIN),
        unit * (after + MARGIN),
      ))
        yield* read(window, placed);
  }
}

/**
 * The results of `find` over all windows without duplicates: windows of neighbouring slots overlap, and a
 * result of a second decoding may be part of one of the first. `find` yields spans in ascending order.
 */
export function* distinct<T extends { start: number; end: number }>(
  windows: Iterable<TextWindow>,
  find: (window: TextWindow) => Iterable<T>,
): Iterable<{ window: TextWindow; found: T }> {
  let previous = new Set<number>();
  let first: T[] = [];
  for (const window of windows) {
    const here = new Set<number>(window.again ? previous : []);
    const spans: T[] = [];
    let next = 0;
    for (const found of find(window)) {
      const key = window.key(found.start);
      while (window.again && next < first.length && first[next]!.end <= found.start) next++;
      const part = window.again && next < first.length && first[next]!.start < found.end;
      if (part || previous.has(key) || here.has(key)) continue;
      here.add(key);
      spans.push(found);
      yield { window, found };
    }
    if (!window.again) first = spans;
    previous = here;
  }
}

/** True if the bytes at `offset` have the same neighbours in memory as in the file. */
function isAdjacentInMemory(view: View, offset: number, length: number): boolean {
  const extents = view.window(offset, 0, length, 'memory').extents(0, length);
  return extents.length === 1 && extents[0]!.offset === offset && extents[0]!.length === length;
}

/** Note of a match that is demoted because memory order does not have it. */
export const NOT_ADJACENT = 'contiguous only in file order: its parts are not adjacent in memory';

/** Place of the match text[start, end), and whether only file order has it. */
export function placeOf({ view, order }: HitGroup, window: TextWindow, start: number, end: number) {
  const place = window.place(start, end);
  const adjacent = order !== 'file' || isAdjacentInMemory(view, place.offset, place.length);
  return { ...place, notAdjacentInMemory: !adjacent };
}

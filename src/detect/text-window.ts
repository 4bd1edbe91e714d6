import type { View, Window } from '../dump/types.js';
import type { Extent, Wide } from '../model.js';
import type { Hit, HitGroup } from './types.js';

/** Bytes around some hits as text, one character a byte (narrow) or a UTF-16 unit (wide), with the way back to the file. */
export interface TextWindow {
  /** NUL where a UTF-16 unit is not below U+0100, so that it ends every token. */
  text: string;
  /** Indices in `text` of the hits that this window serves, ascending. */
  hits: { at: number; length: number }[];
  /** Where text[start, end) lies in the file. */
  place(start: number, end: number): { offset: number; length: number; extents: Extent[]; wide?: Wide };
}

/** Hits are served together within slots of the file this large, so that the windows do not depend on how hits were batched. */
const SLOT = 64 * 1024;

/** Characters more than asked for on either side: a token's boundary is the character beyond it, an escape has six. */
const MARGIN = 6;

/** Runs of hits whose windows overlap, of one slot and, for wide ones, of one parity. */
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

/** Reads windows for a cluster: several where a seam lies between its hits, for what follows by address is then elsewhere. */
function* windows(
  cluster: readonly Hit[],
  { view, order }: Pick<HitGroup, 'view' | 'order'>,
  before: number,
  after: number,
): Iterable<{ window: Window; served: { at: number; length: number }[] }> {
  let rest = cluster;
  while (rest.length > 0) {
    const first = rest[0]!;
    const last = rest.at(-1)!;
    const span = last.offset - first.offset + last.length;
    const window = view.window(first.offset, before, span + after, order);
    const served: { at: number; length: number }[] = [];
    const left: Hit[] = [];
    for (const hit of rest) {
      const at = window.at + hit.offset - first.offset;
      const here = at + hit.length <= window.bytes.length && window.offsetOf(at) === hit.offset;
      if (here || hit === first) served.push({ at, length: hit.length });
      else left.push(hit);
    }
    yield { window, served };
    rest = left;
  }
}

function narrow(window: Window, served: TextWindow['hits']): TextWindow {
  const { buffer, byteOffset, byteLength } = window.bytes;
  return {
    text: Buffer.from(buffer, byteOffset, byteLength).toString('latin1'),
    hits: served,
    place: (start, end) => placed(window, start, end),
  };
}

function placed(window: Window, start: number, end: number) {
  return { offset: window.offsetOf(start), length: end - start, extents: window.extents(start, end) };
}

/** UTF-16 order of the runs of one window: `le` unless an edge shows `be`. Indices are characters; ascending. */
interface Run {
  end: number;
  wide: Wide;
}

/**
 * A wide literal has one NUL between its characters, whatever the byte order. The order shows at the ends of a run of
 * such characters: a byte other than NUL after the last one can only be UTF-16BE, one before the first only UTF-16LE.
 * With NULs at both ends either reading covers the same characters; little-endian is by far the commoner.
 */
function decode(bytes: Uint8Array, base: number): { codes: Uint8Array; runs: Run[] } {
  const count = Math.max(0, Math.ceil((bytes.length - base) / 2));
  const codes = new Uint8Array(count);
  const runs: Run[] = [];
  const character = (k: number): number => (k < count ? bytes[base + 2 * k]! : 0);
  // Beyond either end of the window nothing is known to be NUL.
  const between = (k: number): number => bytes[base + 2 * k + 1] ?? 1;
  for (let k = 0; k < count; k++) {
    if (character(k) === 0) continue;
    const start = k;
    codes[k] = character(k);
    while (between(k) === 0 && character(k + 1) !== 0) codes[++k] = character(k);
    const quietBefore = between(start - 1) === 0;
    const quietAfter = between(k) === 0;
    if (!quietBefore && !quietAfter) codes[k] = 0;
    runs.push({ end: k + 1, wide: quietBefore && !quietAfter ? 'be' : 'le' });
  }
  return { codes, runs };
}

function widened(window: Window, served: TextWindow['hits']): TextWindow {
  const base = window.at % 2;
  const { codes, runs } = decode(window.bytes, base);
  const wideAt = (index: number): Wide => {
    let low = 0;
    let high = runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (runs[middle]!.end <= index) low = middle + 1;
      else high = middle;
    }
    return runs[low]?.wide ?? 'le';
  };
  return {
    text: Buffer.from(codes.buffer, codes.byteOffset, codes.byteLength).toString('latin1'),
    hits: served.map(({ at, length }) => ({ at: (at - base) / 2, length: (length + 1) / 2 })),
    place(start, end) {
      const wide = wideAt(start);
      const first = base + 2 * start - (wide === 'be' ? 1 : 0);
      return { ...placed(window, first, first + 2 * (end - start)), wide };
    },
  };
}

/** The windows of a group: each byte near a hit is read once, however many hits stand there. */
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
      for (const { window, served } of windows(
        cluster,
        group,
        unit * (before + MARGIN),
        unit * (after + MARGIN),
      ))
        yield read(window, served);
  }
}

/** True where the bytes at `offset` are one piece in the file, and their neighbours by address are the same. */
export function adjacentInMemory(view: View, offset: number, length: number): boolean {
  const extents = view.window(offset, 0, length, 'memory').extents(0, length);
  return extents.length === 1 && extents[0]!.offset === offset && extents[0]!.length === length;
}

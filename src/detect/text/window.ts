import { partitionPoint } from '../../base/bytes/binary-search.js';
import type { View, Window } from '../../formats/memory/types.js';
import type { Extent, Wide } from '../../model/report.js';
import type { Hit, HitGroup } from '../core/types.js';
import { MARGIN } from '../core/windows.js';

/** Bytes around some hits as text, one character a byte (narrow) or a UTF-16 unit (wide), with the way back to the file. */
export interface TextWindow {
  /** NUL where a UTF-16 unit is not below U+0100, so that it ends every token. */
  text: string;
  /** Indices in `text` of the hits that this window serves, ascending. */
  hits: { at: number; length: number }[];
  /** The window before this one once more, its ambiguous runs read the other way: indices mean the same characters. */
  again: boolean;
  /** File offset of the character's own byte: the same in every window that holds it. */
  key(start: number): number;
  /** Where text[start, end) lies in the file. */
  place(start: number, end: number): { offset: number; length: number; extents: Extent[]; wide?: Wide };
}

/** Hits are served together within slots of the file this large, so that the windows do not depend on how hits were batched. */
const SLOT = 64 * 1024;

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

function* narrow(window: Window, served: TextWindow['hits']): Iterable<TextWindow> {
  const { buffer, byteOffset, byteLength } = window.bytes;
  yield {
    text: Buffer.from(buffer, byteOffset, byteLength).toString('latin1'),
    hits: served,
    again: false,
    key: (start) => window.offsetOf(start),
    place: (start, end) => placed(window, start, end),
  };
}

function placed(window: Window, start: number, end: number) {
  return { offset: window.offsetOf(start), length: end - start, extents: window.extents(start, end) };
}

/** A run of characters with one NUL between them; indices are characters. */
interface Run {
  end: number;
  wide: Wide;
}

/** One way to read a run: its byte order, and which end character is none but a byte of something else. */
interface Reading {
  wide: Wide;
  drop?: 'first' | 'last';
}

const isText = (code: number): boolean => (code >= 0x20 && code < 0x7f) || (code >= 9 && code <= 13);

/**
 * A wide literal has one NUL between its characters, whatever the byte order: that shows only at the ends of the run. A
 * character of UTF-16LE has a NUL after it, one of UTF-16BE a NUL before it; the end character without its NUL belongs to
 * something else. With NULs at both ends either order covers the same characters, and little-endian is by far the commoner.
 */
function readings(first: number, last: number, quietBefore: boolean, quietAfter: boolean): Reading[] {
  if (quietBefore && quietAfter) return [{ wide: 'le' }];
  const little: Reading = quietAfter ? { wide: 'le' } : { wide: 'le', drop: 'last' };
  const big: Reading = quietBefore ? { wide: 'be' } : { wide: 'be', drop: 'first' };
  if (quietBefore) return isText(last) ? [big, little] : [little];
  if (isText(first)) return [little, big];
  return quietAfter || isText(last) ? [big, little] : [little, big];
}

/** Characters and runs of a wide window by each run's `choice`-th reading, or its only one; `split`: some run has two. */
function decode({ bytes, startsAtEdge, endsAtEdge }: Window, base: number, choice: 0 | 1) {
  const count = Math.max(0, Math.ceil((bytes.length - base) / 2));
  const codes = new Uint8Array(count);
  const runs: Run[] = [];
  let split = false;
  const character = (k: number): number => (k < count ? bytes[base + 2 * k]! : 0);
  // Beyond the window nothing is known; beyond the file's own ends there is no NUL.
  const quiet = (k: number): boolean => {
    const at = base + 2 * k + 1;
    return at < 0 ? !startsAtEdge : at >= bytes.length ? !endsAtEdge : bytes[at] === 0;
  };
  for (let k = 0; k < count; k++) {
    if (character(k) === 0) continue;
    const start = k;
    codes[k] = character(k);
    while (quiet(k) && character(k + 1) !== 0) codes[++k] = character(k);
    const options = readings(codes[start]!, codes[k]!, quiet(start - 1), quiet(k));
    split ||= options.length > 1;
    const { wide, drop } = options[choice] ?? options[0]!;
    if (drop === 'first') codes[start] = 0;
    if (drop === 'last') codes[k] = 0;
    runs.push({ end: k + 1, wide });
  }
  return { codes, runs, split };
}

/** The run that holds character `index`: the first one that ends behind it. */
function runAt(runs: readonly Run[], index: number): Run | undefined {
  return runs[partitionPoint(runs.length, (i) => runs[i]!.end <= index)];
}

/** The likelier reading of each run, and where some run has two a second window of the others. */
function* widened(window: Window, served: TextWindow['hits']): Iterable<TextWindow> {
  const base = window.at % 2;
  for (const choice of [0, 1] as const) {
    const { codes, runs, split } = decode(window, base, choice);
    yield {
      text: Buffer.from(codes.buffer, codes.byteOffset, codes.byteLength).toString('latin1'),
      hits: served.map(({ at, length }) => ({ at: (at - base) / 2, length: (length + 1) / 2 })),
      again: choice === 1,
      key: (start) => window.offsetOf(base + 2 * start),
      place(start, end) {
        const wide = runAt(runs, start)?.wide ?? 'le';
        const first = base + 2 * start - (wide === 'be' ? 1 : 0);
        return { ...placed(window, first, first + 2 * (end - start)), wide };
      },
    };
    if (!split) return;
  }
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
        yield* read(window, served);
  }
}

/**
 * What `find` sees in the windows, each once: windows of neighbouring slots overlap, and what a second reading shows of
 * a text that the first one gave is a part of it. `find` yields spans of characters, ascending.
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

/** True where the bytes at `offset` are one piece in the file, and their neighbours by address are the same. */
export function adjacentInMemory(view: View, offset: number, length: number): boolean {
  const extents = view.window(offset, 0, length, 'memory').extents(0, length);
  return extents.length === 1 && extents[0]!.offset === offset && extents[0]!.length === length;
}

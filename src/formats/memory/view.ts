import { CachedReader } from '../../core/base/bytes/cached-reader.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { Extent } from '../../core/model/report.js';
import { type MemoryPlace, SegmentMap } from './segment-map.js';
import type { Dump, View, Window } from './types.js';

/** The longest window, in bytes. */
export const MAX_WINDOW = 1024 * 1024;

/**
 * Windows on a dump, by address or in file order. `cut` is called for each window that ended at too many
 * segments.
 */
export function createView(
  reader: ByteReader,
  dump: Pick<Dump, 'segments' | 'startsText' | 'textStart' | 'arrayAround' | 'isFileBacked'> &
    Partial<Pick<Dump, 'locate'>>,
  cut: () => void = () => {},
): View {
  const pages = new CachedReader(reader);
  const map = SegmentMap.of(dump.segments);

  const inFile = (offset: number, before: number, after: number): WindowPlan =>
    planInFile(reader.length, offset, before, after);

  return {
    reader,
    ...(dump.startsText === undefined ? {} : { startsText: (offset) => dump.startsText!(offset) }),
    ...(dump.textStart === undefined ? {} : { textStart: dump.textStart }),
    ...(dump.arrayAround === undefined ? {} : { arrayAround: (extent) => dump.arrayAround!(extent) }),
    ...(dump.isFileBacked === undefined ? {} : { isFileBacked: (offset) => dump.isFileBacked!(offset) }),
    ...(dump.locate === undefined || dump.arrayAround !== undefined
      ? {}
      : { inModule: (offset) => dump.locate!(offset).region.kind === 'module' }),
    window(offset, before, after, order = 'memory') {
      const at = clampOffset(offset, reader.length);
      const asked = clampWindow(before, after);
      const place = order === 'memory' ? map.at(at) : undefined;
      const plan = place
        ? planByAddress(map, place, asked.before, asked.after)
        : inFile(at, asked.before, asked.after);
      if (plan.cut) cut();
      return readWindow(pages, plan, place ? 'memory' : 'file', at);
    },
    sameInBothOrders(offset, before, after) {
      const at = clampOffset(offset, reader.length);
      const asked = clampWindow(before, after);
      const place = map.at(at);
      if (place === undefined) return true;
      const { offset: start, length } = place.segment;
      if (at - asked.before >= start && at + asked.after < start + length) return true;
      const file = inFile(at, asked.before, asked.after);
      const memory = planByAddress(map, place, asked.before, asked.after);
      return sameExtents(file.extents, memory.extents);
    },
  };
}

function clampOffset(offset: number, length: number): number {
  return Math.max(0, Math.min(offset, length));
}

/** Divides {@link MAX_WINDOW} between both sides: each has half, and what the other leaves of its half. */
function clampWindow(before: number, after: number): { before: number; after: number } {
  const ahead = Math.max(0, after);
  const back = Math.min(Math.max(0, before), Math.max(MAX_WINDOW / 2, MAX_WINDOW - ahead));
  return { before: back, after: Math.min(ahead, MAX_WINDOW - back) };
}

function sameExtents(a: readonly Extent[], b: readonly Extent[]): boolean {
  return a.length === b.length && a.every((x, i) => x.offset === b[i]!.offset && x.length === b[i]!.length);
}

function readWindow(pages: CachedReader, plan: WindowPlan, order: Window['order'], offset: number): Window {
  const whole = plan.extents.reduce((sum, extent) => sum + extent.length, 0);
  const single = plan.extents.length === 1 ? plan.extents[0] : undefined;
  if (single !== undefined) {
    const bytes = pages.read(single.offset, single.length);
    const cut = bytes.length < whole;
    return new PlannedWindow(bytes, { ...plan, endsAtEdge: cut || plan.endsAtEdge }, order, offset);
  }
  const bytes = new Uint8Array(whole);
  let done = 0;
  for (const [index, extent] of plan.extents.entries()) {
    const part = pages.read(extent.offset, extent.length);
    bytes.set(part, done);
    done += part.length;
    if (part.length === extent.length) continue;
    // The file has shrunk since its headers were read.
    const extents = [...plan.extents.slice(0, index), { offset: extent.offset, length: part.length }];
    const before = Math.min(plan.before, done);
    return new PlannedWindow(
      bytes.subarray(0, done),
      { ...plan, extents, before, endsAtEdge: true },
      order,
      offset,
    );
  }
  return new PlannedWindow(bytes, plan, order, offset);
}

class PlannedWindow implements Window {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly order: 'memory' | 'file';
  readonly startsAtEdge: boolean;
  readonly endsAtEdge: boolean;
  readonly #extents: readonly Extent[];
  readonly #offset: number;

  constructor(bytes: Uint8Array, plan: WindowPlan, order: 'memory' | 'file', offset: number) {
    this.bytes = bytes;
    this.at = Math.min(plan.before, bytes.length);
    this.order = order;
    this.startsAtEdge = plan.startsAtEdge;
    this.endsAtEdge = plan.endsAtEdge;
    this.#extents = plan.extents;
    this.#offset = offset;
  }

  extents(start: number, end: number): Extent[] {
    const from = Math.max(0, start);
    const to = Math.min(end, this.bytes.length);
    const found: Extent[] = [];
    let index = 0;
    for (const extent of this.#extents) {
      if (index >= to) break;
      const low = Math.max(from, index);
      const high = Math.min(to, index + extent.length);
      if (high > low) found.push({ offset: extent.offset + low - index, length: high - low });
      index += extent.length;
    }
    return found;
  }

  /** For an index past the end: the offset after the last byte. */
  offsetOf(index: number): number {
    let start = 0;
    let past = this.#offset;
    for (const extent of this.#extents) {
      if (index < start + extent.length) return extent.offset + index - start;
      start += extent.length;
      past = extent.offset + extent.length;
    }
    return past;
  }
}

/**
 * The file extents of a window in the order of its bytes, and whether memory or the file goes on beyond its
 * ends.
 */
interface WindowPlan {
  extents: Extent[];
  /** Bytes of the window before the requested offset. */
  before: number;
  startsAtEdge: boolean;
  endsAtEdge: boolean;
  /** Set if one direction ended at {@link MAX_SEGMENTS}. */
  cut?: true;
}

/** Segments visited in one direction. In real dumps they are pages at least: 256 in the longest window. */
const MAX_SEGMENTS = 512;

/** Around `offset` in file order, within a file of `fileLength` bytes. */
function planInFile(fileLength: number, offset: number, before: number, after: number): WindowPlan {
  const start = Math.max(0, offset - before);
  const end = Math.min(fileLength, offset + after);
  return {
    extents: end > start ? [{ offset: start, length: end - start }] : [],
    before: offset - start,
    startsAtEdge: start === 0,
    endsAtEdge: end === fileLength,
  };
}

/** Around a place by address. In a hostile layout, with segments of a few bytes, a window ends early. */
function planByAddress(map: SegmentMap, place: MemoryPlace, before: number, after: number): WindowPlan {
  const back = backward(map, place, before);
  const ahead = forward(map, place, after);
  const extents = back.extents.reverse();
  for (const extent of ahead.extents) append(extents, extent);
  return {
    extents,
    before: back.taken,
    startsAtEdge: back.atEdge,
    endsAtEdge: ahead.atEdge,
    ...(back.cut || ahead.cut ? { cut: true } : {}),
  };
}

interface Side {
  extents: Extent[];
  taken: number;
  atEdge: boolean;
  cut?: true;
}

function forward(map: SegmentMap, from: MemoryPlace, want: number): Side {
  const extents: Extent[] = [];
  let taken = 0;
  let { segment, offset } = from;
  for (let steps = 1; ; steps++) {
    const length = Math.min(want - taken, segment.offset + segment.length - offset);
    if (length > 0) append(extents, { offset, length });
    taken += length;
    offset += length;
    if (offset < segment.offset + segment.length) return { extents, taken, atEdge: false };
    const next = map.after(segment);
    if (next === undefined || taken === want) return { extents, taken, atEdge: next === undefined };
    if (steps === MAX_SEGMENTS) return { extents, taken, atEdge: true, cut: true };
    ({ segment, offset } = next);
  }
}

/** As {@link forward}, towards lower addresses. Extents are in descending order of address. */
function backward(map: SegmentMap, from: MemoryPlace, want: number): Side {
  const extents: Extent[] = [];
  let taken = 0;
  let { segment, offset: end } = from;
  for (let steps = 1; ; steps++) {
    const length = Math.min(want - taken, end - segment.offset);
    if (length > 0) prepend(extents, { offset: end - length, length });
    taken += length;
    end -= length;
    if (end > segment.offset) return { extents, taken, atEdge: false };
    const previous = map.before(segment);
    if (previous === undefined || taken === want) return { extents, taken, atEdge: previous === undefined };
    if (steps === MAX_SEGMENTS) return { extents, taken, atEdge: true, cut: true };
    segment = previous.segment;
    end = previous.offset + 1;
  }
}

function append(extents: Extent[], extent: Extent): void {
  const last = extents.at(-1);
  if (last !== undefined && last.offset + last.length === extent.offset) last.length += extent.length;
  else extents.push({ ...extent });
}

function prepend(extents: Extent[], extent: Extent): void {
  const last = extents.at(-1);
  if (last !== undefined && extent.offset + extent.length === last.offset) {
    last.offset = extent.offset;
    last.length += extent.length;
  } else extents.push({ ...extent });
}

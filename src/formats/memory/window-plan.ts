import type { Extent } from '../../core/model/report.js';
import type { MemoryPlace, SegmentMap } from './segment-map.js';

/**
 * The file extents of a window in the order of its bytes, and whether memory or the file goes on beyond its
 * ends.
 */
export interface WindowPlan {
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
export function planInFile(fileLength: number, offset: number, before: number, after: number): WindowPlan {
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
export function planByAddress(
  map: SegmentMap,
  place: MemoryPlace,
  before: number,
  after: number,
): WindowPlan {
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

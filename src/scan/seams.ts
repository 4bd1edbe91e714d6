import { isWideForm, literalIndex } from '../core/base/bytes/literal-id.js';
import type { View, Window } from '../formats/memory/types.js';
import { sweepBuffer } from '../sweep/buffer.js';
import type { Net } from '../sweep/types.js';
import { LONGEST_RUN, SHORTEST_RUN } from '../sweep/values/random.js';
import { CONTEXT, packRun, runAt } from '../sweep/values/value-run.js';
import type { OpenDump } from './open-dump.js';

/** A hit by file offset and pattern id. */
export interface SeamHit {
  offset: number;
  id: number;
}

/** What lies across some of the seams: literals, and runs of the value net if the net has one. */
export interface SeamHits {
  hits: SeamHit[];
  values: SeamHit[];
}

/** Bytes of one batch. */
const BATCH = 256 * 1024;
/** Seams of one batch: many have short windows. */
const MOST_SEAMS = 512;

interface Strip {
  /** Index of the strip's first byte in the batch. */
  from: number;
  /** Index of the first byte after the seam. */
  seam: number;
  to: number;
  offsetOf(index: number): number;
  contiguous(start: number, end: number): boolean;
}

/**
 * Literals and runs across a seam: two segments that are adjacent by address but not in the file. Each
 * literal is yielded once, for the first seam in it; `offset` is the file offset of its first byte. In
 * batches, so that the caller can yield to the event loop.
 */
export function* seamHits(
  { dump, view }: Pick<OpenDump, 'dump' | 'view'>,
  net: Net,
  lengthOf: (id: number) => number,
): Generator<SeamHits> {
  const reach = Math.max(net.longest - 1, NEAR_SEAM);
  const spanOf = spansOf(net, lengthOf);
  let strips: Strip[] = [];
  let parts: Uint8Array[] = [];
  let values: SeamHit[] = [];
  let size = 0;
  for (const { endOffset } of dump.seams()) {
    const window = view.window(endOffset - 1, reach - 1, reach + 1, 'memory');
    if (net.values?.names) values.push(...seamValues(view, window, endOffset));
    const from = size;
    strips.push({
      from,
      seam: from + window.at + 1,
      to: from + window.bytes.length,
      offsetOf: (index) => window.offsetOf(index - from),
      contiguous: (start, end) => window.extents(start - from, end - from).length === 1,
    });
    parts.push(window.bytes);
    size += window.bytes.length;
    if (size < BATCH && strips.length < MOST_SEAMS) continue;
    yield { hits: [...across(strips, Buffer.concat(parts), net, spanOf)], values };
    [strips, parts, values, size] = [[], [], [], 0];
  }
  if (size > 0) yield { hits: [...across(strips, Buffer.concat(parts), net, spanOf)], values };
}

/** Bytes that show a literal: its own, or those of a run for one that the value net finds. */
function spansOf(net: Net, lengthOf: (id: number) => number): (id: number) => number {
  const prefixed = new Uint8Array(net.values?.prefixed ?? new ArrayBuffer(0));
  return (id) => {
    if (prefixed[literalIndex(id)] !== 1) return lengthOf(id);
    return Math.max(lengthOf(id), (isWideForm(id) ? 2 : 1) * SHORTEST_RUN);
  };
}

function* across(
  strips: readonly Strip[],
  bytes: Uint8Array,
  net: Net,
  spanOf: (id: number) => number,
): Generator<SeamHit> {
  let next = 0;
  for (const { offset: start, id } of sweepBuffer(bytes, net)) {
    while (strips[next] !== undefined && start >= strips[next]!.to) next++;
    const strip = strips[next];
    if (strip === undefined) return;
    const end = start + spanOf(id);
    const cut = start < strip.seam && end > strip.seam && end <= strip.to;
    if (cut && strip.contiguous(start, strip.seam)) yield { offset: strip.offsetOf(start), id };
  }
}

/** Bytes on both sides of a seam in which a run, also of UTF-16, shows that it is long enough. */
export const NEAR_SEAM = 2 * SHORTEST_RUN;
/** Bytes before a seam in which a run may begin. */
const FAR = 2 * LONGEST_RUN;

/** Characters beside the seam: the last one of a single byte, and those of UTF-16 at both parities. */
const BESIDE = [
  { back: 1, stride: 1 },
  { back: 1, stride: 2 },
  { back: 2, stride: 2 },
] as const;

/**
 * Runs of characters across a seam, packed as those of the value net. `near`: a window of at least
 * {@link NEAR_SEAM} bytes on both sides, at the last byte before the seam; `endOffset`: its place, plus 1.
 */
export function* seamValues(view: View, near: Window, endOffset: number): Generator<SeamHit> {
  for (const { back, stride } of BESIDE) {
    if (lengthAcross(near, back, stride) < SHORTEST_RUN) continue;
    const reach = FAR + stride * CONTEXT;
    const window = view.window(endOffset - 1, reach - 1, reach + 1, 'memory');
    const run = runAt(window.bytes, window.at + 1 - back, stride)!;
    const packed = packRun({ length: run.length, wide: stride === 2, cut: true, random: false });
    yield { offset: window.offsetOf(run.start), id: packed };
  }
}

/** Characters of the run that the seam divides; 0 if there is none. */
function lengthAcross({ bytes, at }: Window, back: number, stride: 1 | 2): number {
  const run = runAt(bytes, at + 1 - back, stride);
  return run !== undefined && run.start + stride * (run.length - 1) > at ? run.length : 0;
}

import { isWideForm, literalIndex } from '../core/base/bytes/literal-id.js';
import { sweepBuffer } from '../sweep/buffer.js';
import type { Net } from '../sweep/types.js';
import { SHORTEST_RUN } from '../sweep/values/random.js';
import type { OpenDump } from './open-dump.js';
import { NEAR_SEAM, seamValues } from './seam-values.js';

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

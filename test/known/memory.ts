import { bufferReader } from '../../src/core/base/bytes/storage.js';
import type { Extent } from '../../src/core/model/report.js';
import type { View, Window } from '../../src/formats/memory/types.js';
import type { Needles } from '../../src/known/needles.js';

/** A View over a buffer; `order` lists the file's spans in address order. */
export function viewOf(bytes: Uint8Array, order: Extent[] = [{ offset: 0, length: bytes.length }]): View {
  const file = Array.from(bytes, (_, i) => i);
  const memory = order.flatMap(({ offset, length }) => file.slice(offset, offset + length));
  const windowOf = (
    offset: number,
    before: number,
    after: number,
    by: 'memory' | 'file' = 'memory',
  ): Window => {
    const line = by === 'file' || !memory.includes(offset) ? file : memory;
    const index = line.indexOf(offset);
    const offsets = line.slice(Math.max(0, index - before), index + after);
    return {
      bytes: Uint8Array.from(offsets, (at) => bytes[at] ?? 0),
      at: index - Math.max(0, index - before),
      order: by,
      startsAtEdge: index - before <= 0,
      endsAtEdge: index + after >= line.length,
      offsetOf: (i) => offsets[i] ?? -1,
      extents(start, end) {
        const extents: Extent[] = [];
        for (const at of offsets.slice(start, end)) {
          const last = extents.at(-1);
          if (last && last.offset + last.length === at) last.length++;
          else extents.push({ offset: at, length: 1 });
        }
        return extents;
      },
    };
  };
  return { reader: bufferReader(bytes), window: windowOf, sameInBothOrders: () => order.length === 1 };
}

export const literalsOf = ({ literals }: Needles): Uint8Array[] =>
  literals.map((literal) => literal.reveal());

/** Replaces the sweep: every place of every literal, in file order and across the seams of `view`. */
export function naiveHits(
  bytes: Uint8Array,
  literals: Uint8Array[],
  order: Extent[] = [],
): [number, number][] {
  const hits = new Map<string, [number, number]>();
  const search = (haystack: Buffer, offsetOf: (index: number) => number) => {
    for (const [needle, literal] of literals.entries())
      for (let at = haystack.indexOf(literal); at >= 0; at = haystack.indexOf(literal, at + 1)) {
        const hit: [number, number] = [offsetOf(at), needle];
        hits.set(hit.join(), hit);
      }
  };
  search(Buffer.from(bytes), (index) => index);
  const offsets = order.flatMap(({ offset, length }) => Array.from({ length }, (_, i) => offset + i));
  if (order.length > 1)
    search(Buffer.from(offsets.map((at) => bytes[at] ?? 0)), (index) => offsets[index] ?? -1);
  return [...hits.values()].sort(([a, i], [b, j]) => a - b || i - j);
}

import { bufferReader } from '../../src/core/base/bytes/storage.js';
import type { Extent } from '../../src/core/model/report.js';
import type { Segment, View, Window } from '../../src/formats/memory/types.js';

/** Consecutive places merged to extents. */
export function extentsOf(places: readonly number[]): Extent[] {
  const extents: Extent[] = [];
  for (const place of places) {
    const last = extents.at(-1);
    if (last !== undefined && last.offset + last.length === place) last.length++;
    else extents.push({ offset: place, length: 1 });
  }
  return extents;
}

/**
 * Reference implementation of a View, byte by byte: every byte has a place in each order, and a window walks
 * through these places. `segments` define the memory order; without them it is file order.
 */
export function plainView(bytes: Uint8Array, segments: readonly Segment[] = []): View {
  const step = (offset: number, by: 1 | -1, order: 'memory' | 'file'): number | undefined => {
    const inside = segments.find((s) => offset >= s.offset && offset < s.offset + s.length);
    const next = offset + by;
    if (order === 'file' || inside === undefined) return next >= 0 && next < bytes.length ? next : undefined;
    const address = inside.address + BigInt(next - inside.offset);
    const there = segments.find((s) => address >= s.address && address < s.address + BigInt(s.length));
    return there === undefined ? undefined : there.offset + Number(address - there.address);
  };
  const walk = (from: number | undefined, by: 1 | -1, count: number, order: 'memory' | 'file') => {
    const places: number[] = [];
    for (let at = from; at !== undefined && places.length < count; at = step(at, by, order)) places.push(at);
    return places;
  };
  const window = (
    offset: number,
    before: number,
    after: number,
    order: 'memory' | 'file' = 'memory',
  ): Window => {
    const back = walk(step(offset, -1, order), -1, before, order).reverse();
    const ahead = offset < bytes.length ? walk(offset, 1, after, order) : [];
    const places = [...back, ...ahead];
    return {
      bytes: Uint8Array.from(places, (place) => bytes[place]!),
      at: back.length,
      order,
      startsAtEdge: back.length < before,
      endsAtEdge: ahead.length < after,
      extents: (start, end) => extentsOf(places.slice(start, end)),
      offsetOf: (index) => places[index] ?? -1,
    };
  };
  return {
    reader: bufferReader(bytes),
    window,
    sameInBothOrders: (offset, before, after) => {
      const [a, b] = [window(offset, before, after, 'memory'), window(offset, before, after, 'file')];
      return Buffer.from(a.bytes).equals(b.bytes);
    },
  };
}

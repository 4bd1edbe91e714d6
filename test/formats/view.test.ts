import { describe, expect, test } from '@jest/globals';
import { type ByteReader, bufferReader } from '../../src/core/base/bytes/storage.js';
import type { Extent } from '../../src/core/model/report.js';
import { SegmentMap } from '../../src/formats/memory/segment-map.js';
import type { Segment, Window } from '../../src/formats/memory/types.js';
import { createView, MAX_WINDOW } from '../../src/formats/memory/view.js';
import fc from '../support/property.js';

const FILE = 96;

/** Bytes that tell their own offset. */
function numbered(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

/** Segments of a small file at close addresses, so that seams, gaps and overlaps are common. */
const layouts = fc
  .array(
    fc.record({
      offset: fc.nat(FILE - 1),
      length: fc.integer({ min: 1, max: 24 }),
      address: fc.bigInt({ min: 0n, max: 120n }),
    }),
    { maxLength: 8 },
  )
  .map((segments: Segment[]) =>
    segments
      .map((segment) => ({ ...segment, length: Math.min(segment.length, FILE - segment.offset) }))
      .sort((a, b) => a.offset - b.offset),
  );

interface At {
  segment: Segment;
  offset: number;
}

/** Walks byte by byte, looking every address up in all segments. */
class Oracle {
  constructor(readonly segments: readonly Segment[]) {}

  #first(key: (segment: Segment) => bigint, value: bigint): Segment | undefined {
    const holds = this.segments.filter((s) => key(s) <= value && value < key(s) + BigInt(s.length));
    return holds.reduce<Segment | undefined>(
      (a, b) => (a === undefined || key(b) < key(a) ? b : a),
      undefined,
    );
  }
  at(offset: number): At | undefined {
    const segment = this.#first((s) => BigInt(s.offset), BigInt(offset));
    return segment && { segment, offset };
  }
  #address(address: bigint): At | undefined {
    const segment = this.#first((s) => s.address, address);
    return segment && { segment, offset: segment.offset + Number(address - segment.address) };
  }
  next({ segment, offset }: At): At | undefined {
    if (offset + 1 < segment.offset + segment.length) return { segment, offset: offset + 1 };
    return this.#address(segment.address + BigInt(segment.length));
  }
  previous({ segment, offset }: At): At | undefined {
    if (offset > segment.offset) return { segment, offset: offset - 1 };
    return this.#address(segment.address - 1n);
  }
  /** File offsets of a window's bytes, and what lies beyond. */
  memory(start: At, before: number, after: number): Expected {
    const back: number[] = [];
    let left = this.previous(start);
    for (; left !== undefined && back.length < before; left = this.previous(left)) back.push(left.offset);
    const ahead: number[] = [];
    let right: At | undefined = start;
    for (; right !== undefined && ahead.length < after; right = this.next(right)) ahead.push(right.offset);
    return {
      offsets: [...back.reverse(), ...ahead],
      at: back.length,
      startsAtEdge: left === undefined,
      endsAtEdge: right === undefined,
    };
  }
  /** All steps by address that are none in the file, as `end>offset`. */
  seams(): string[] {
    const found = new Set<string>();
    for (const segment of this.segments) {
      const end = segment.offset + segment.length;
      const next = this.#address(segment.address + BigInt(segment.length));
      if (next !== undefined && next.offset !== end) found.add(`${end}>${next.offset}`);
      const previous = this.#address(segment.address - 1n);
      if (previous !== undefined && previous.offset + 1 !== segment.offset) {
        found.add(`${previous.offset + 1}>${segment.offset}`);
      }
    }
    return [...found].sort();
  }
}

interface Expected {
  offsets: number[];
  at: number;
  startsAtEdge: boolean;
  endsAtEdge: boolean;
}

function inFile(offset: number, before: number, after: number): Expected {
  const start = Math.max(0, offset - before);
  const end = Math.min(FILE, offset + after);
  const offsets = Array.from({ length: end - start }, (_, index) => start + index);
  return { offsets, at: offset - start, startsAtEdge: start === 0, endsAtEdge: end === FILE };
}

function merged(offsets: readonly number[]): Extent[] {
  const found: Extent[] = [];
  for (const offset of offsets) {
    const last = found.at(-1);
    if (last !== undefined && last.offset + last.length === offset) last.length++;
    else found.push({ offset, length: 1 });
  }
  return found;
}

function expectWindow(window: Window, expected: Expected, file: Uint8Array): void {
  expect([...window.bytes]).toEqual(expected.offsets.map((offset) => file[offset]));
  expect(window).toMatchObject({
    at: expected.at,
    startsAtEdge: expected.startsAtEdge,
    endsAtEdge: expected.endsAtEdge,
  });
  expect(window.extents(0, window.bytes.length)).toEqual(merged(expected.offsets));
  expect(window.extents(1, window.bytes.length - 1)).toEqual(merged(expected.offsets.slice(1, -1)));
  expected.offsets.forEach((offset, index) => {
    expect(window.offsetOf(index)).toBe(offset);
  });
}

describe('createView', () => {
  const bytes = numbered(FILE);
  const reader = bufferReader(bytes);

  test('property: windows are those of memory assembled byte by byte, for any layout of segments', () => {
    fc.assert(
      fc.property(
        layouts,
        fc.nat(FILE - 1),
        fc.nat(60),
        fc.integer({ min: 1, max: 60 }),
        (segments, offset, before, after) => {
          const view = createView(reader, { segments });
          const oracle = new Oracle(segments);
          const start = oracle.at(offset);
          const file = inFile(offset, before, after);
          const memory = start ? oracle.memory(start, before, after) : file;
          expectWindow(view.window(offset, before, after), memory, bytes);
          expectWindow(view.window(offset, before, after, 'file'), file, bytes);
          expect(view.sameInBothOrders(offset, before, after)).toBe(
            start === undefined ||
              JSON.stringify(merged(memory.offsets)) === JSON.stringify(merged(file.offsets)),
          );
        },
      ),
      { numRuns: 600 },
    );
  });
  test('lists as seams what a walk by address steps over', () => {
    fc.assert(
      fc.property(layouts, (segments) => {
        const seams = [...SegmentMap.of(segments).seams()].map(
          ({ endOffset, offset }) => `${endOffset}>${offset}`,
        );
        expect([...new Set(seams)].sort()).toEqual(new Oracle(segments).seams());
      }),
      { numRuns: 600 },
    );
  });

  test('says which order it went by', () => {
    const view = createView(reader, { segments: [{ offset: 10, length: 10, address: 0n }] });
    expect(view.window(12, 1, 1).order).toBe('memory');
    expect(view.window(30, 1, 1).order).toBe('file');
    expect(view.window(12, 1, 1, 'file').order).toBe('file');
  });

  test('reads over page edges and up to the end of the file', () => {
    const large = numbered(200_000);
    const view = createView(bufferReader(large), { segments: [] });
    for (const offset of [0, 65_535, 65_536, 131_072, 199_999, 200_000]) {
      const window = view.window(offset, 70_000, 70_000);
      const start = Math.max(0, offset - 70_000);
      expect(Buffer.compare(window.bytes, large.subarray(start, offset + 70_000))).toBe(0);
      expect(window.at).toBe(offset - start);
    }
    expect(view.window(200_000, 0, 10)).toMatchObject({ at: 0, endsAtEdge: true });
    expect(view.window(999_999, 5, 10).offsetOf(4)).toBe(199_999);
  });

  test.each([
    [0, 3 * MAX_WINDOW, 0, MAX_WINDOW],
    [3 * MAX_WINDOW, 0, MAX_WINDOW, 0],
    [3 * MAX_WINDOW, 3 * MAX_WINDOW, MAX_WINDOW / 2, MAX_WINDOW / 2],
    [100, 3 * MAX_WINDOW, 100, MAX_WINDOW - 100],
  ])('caps a window of %i before and %i after', (before, after, back, ahead) => {
    const sparse: ByteReader = { length: 16 * MAX_WINDOW, read: (_, target) => target.fill(1).length };
    const window = createView(sparse, { segments: [] }).window(8 * MAX_WINDOW, before, after);
    expect(window.at).toBe(back);
    expect(window.bytes.length - window.at).toBe(ahead);
    expect([window.startsAtEdge, window.endsAtEdge]).toEqual([false, false]);
  });

  test('ends a window by address where it would go through too many segments, and says so', () => {
    const large = numbered(8192);
    // Descending addresses in the file.
    const segments = Array.from({ length: large.length }, (_, i) => ({
      offset: i,
      length: 1,
      address: BigInt(large.length - 1 - i),
    }));
    let cuts = 0;
    const view = createView(bufferReader(large), { segments }, () => {
      cuts++;
    });
    const near = view.window(4000, 200, 200);
    expect([near.bytes.length, near.startsAtEdge, near.endsAtEdge, cuts]).toEqual([400, false, false, 0]);
    const far = view.window(4000, 4000, 4000);
    expect([far.startsAtEdge, far.endsAtEdge, cuts]).toEqual([true, true, 1]);
    expect(far.bytes.length).toBeGreaterThan(1000);
    expect(far.bytes.length).toBeLessThan(1100);
    expect(far.bytes[far.at]).toBe(large[4000]);
    expect(view.window(4000, 4000, 4000, 'file').bytes.length).toBe(8000);
    expect(cuts).toBe(1);
  });

  test('ends a window where a file that shrank ends', () => {
    const shrunk: ByteReader = {
      length: FILE,
      read: (offset, target) => bufferReader(bytes.subarray(0, 40)).read(offset, target),
    };
    const segments = [
      { offset: 0, length: 20, address: 0n },
      { offset: 30, length: 30, address: 20n },
    ];
    const window = createView(shrunk, { segments }).window(10, 10, 50);
    expect([...window.bytes]).toEqual([...bytes.subarray(0, 20), ...bytes.subarray(30, 40)]);
    expect(window.endsAtEdge).toBe(true);
    expect(window.extents(0, 50)).toEqual([
      { offset: 0, length: 20 },
      { offset: 30, length: 10 },
    ]);
  });

  test('keeps the bytes of a window when its page has been let go', () => {
    const large = numbered(80 * 65_536);
    const view = createView(bufferReader(large), { segments: [] });
    const first = view.window(100, 10, 10);
    for (let page = 1; page < 80; page++) view.window(page * 65_536, 0, 1);
    expect([...first.bytes]).toEqual([...large.subarray(90, 110)]);
  });
});

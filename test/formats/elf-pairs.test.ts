import { describe, expect, test } from '@jest/globals';
import fc from '../support/property.js';
import { buildElfCore } from './build-elf.js';
import { BASE, coreWith, Heap, NAME, ROWS, VALUE } from './build-records.js';
import { ownedIn } from './owned.js';

function ownersIn(core: Buffer, value = VALUE, mayName = (name: string) => /secret/.test(name)) {
  const at = core.indexOf(value);
  const runs = { offsets: Float64Array.of(at), lengths: Uint32Array.of(value.length) };
  return ownedIn(core, runs, mayName).map((owned) => {
    expect(owned).toMatchObject({ value: { offset: at, length: value.length }, form: 'latin1' });
    return `${owned.hops}: ${owned.owner.kind} ${owned.owner.name} of ${owned.owner.of}`;
  });
}

describe.each(Object.entries(ROWS))('%s', (_, row) => {
  test('names its value', () => {
    const heap = new Heap(row.base);
    row.write(heap, NAME, VALUE);
    expect(ownersIn(coreWith(row, heap))).toEqual([`${row.hops ?? 0}: key ${NAME} of ${row.of}`]);
  });

  test('does not name it by another name', () => {
    const heap = new Heap(row.base);
    row.write(heap, 'etag', VALUE);
    expect(ownersIn(coreWith(row, heap))).toEqual([]);
  });

  test('ends in time with any damage, and names nothing outside of the file', () => {
    const heap = new Heap(row.base);
    row.write(heap, NAME, VALUE);
    const core = coreWith(row, heap);
    const start = core.length - heap.bytes.length;
    fc.assert(
      fc.property(
        fc.integer({ min: start, max: start + 1024 }),
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        (at, change) => {
          const damaged = Buffer.from(core);
          damaged.set(change, at);
          const offset = core.indexOf(VALUE);
          const runs = { offsets: Float64Array.of(offset), lengths: Uint32Array.of(VALUE.length) };
          for (const { value } of ownedIn(damaged, runs, () => true)) {
            expect(value.offset + value.length).toBeLessThanOrEqual(damaged.length);
            expect(value.offset).toBeLessThan(offset + VALUE.length);
          }
        },
      ),
    );
  });
});

test('a value in memory that is not written to has no owner', () => {
  const heap = new Heap();
  const row = ROWS['a struct of C']!;
  row.write(heap, NAME, VALUE);
  const core = buildElfCore({ segments: [{ vaddr: BASE, bytes: heap.bytes, flags: 4 }] }).bytes;
  expect(ownersIn(core)).toEqual([]);
});

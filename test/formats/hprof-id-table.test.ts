import { expect, test } from '@jest/globals';
import { RecentStrings } from '../../src/formats/hprof/owners/arrays.js';
import { IdTable } from '../../src/formats/hprof/owners/id-table.js';
import { CachedIds } from '../../src/formats/hprof/owners/layouts.js';
import fc from '../support/property.js';

type Id = readonly [high: number, low: number];

/** Identifiers in one page, 2^k bytes apart, with equal low halves, and anywhere. */
const id = fc.oneof(
  fc.tuple(fc.constantFrom(0, 6), fc.nat(511)).map(([high, place]): Id => [high, 0x8000_0000 + 8 * place]),
  fc.tuple(fc.constantFrom(12, 20, 28), fc.nat(15)).map(([bits, i]): Id => [0, (i << bits) >>> 0]),
  fc.nat(99).map((high): Id => [high, 0x10]),
  fc.tuple(fc.nat(0xffff_ffff), fc.nat(0xffff_ffff)).map(([high, low]): Id => [high, low]),
);

test('a table numbers identifiers as a list does, while it grows and on another thread', () => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 400 }), fc.array(id, { maxLength: 100 }), (added, asked) => {
      const list: string[] = [];
      const table = new IdTable();
      const cached = new CachedIds(table);
      for (const [high, low] of added) {
        expect(cached.indexOf(high, low)).toBe(list.indexOf(`${high} ${low}`));
        if (!list.includes(`${high} ${low}`)) list.push(`${high} ${low}`);
        expect(table.add(high, low)).toBe(list.indexOf(`${high} ${low}`));
        expect(table.count).toBe(list.length);
      }
      const opened = IdTable.open(table.share());
      for (const [high, low] of [...asked, ...added]) {
        const index = list.indexOf(`${high} ${low}`);
        expect([table, cached, opened].map((each) => each.indexOf(high, low))).toEqual([index, index, index]);
        if (index >= 0) expect(opened.mayHave(low)).toBe(true);
      }
    }),
  );
});

test.each(['8 bytes', '24 bytes', '4 KiB', '256 MiB'])('identifiers %s apart are found in time', (apart) => {
  const step = { '8 bytes': 8, '24 bytes': 24, '4 KiB': 2 ** 12, '256 MiB': 2 ** 28 }[apart]!;
  const table = new IdTable();
  const at = (i: number): Id => [Math.floor((i * step) / 2 ** 32), (i * step) % 2 ** 32];
  const count = 2 ** 17;
  for (let i = 0; i < count; i++) table.add(...at(i));
  for (let i = 0; i < count; i++) if (table.indexOf(...at(i)) !== i) throw new Error(`not found: ${i}`);
});

const event = fc.record({ array: fc.nat(60), gap: fc.nat(40), isValue: fc.boolean() });

test('the String of an array is the one before it, however many are between them', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 300 }), (events) => {
      const strings = new RecentStrings(2 ** 25);
      const stringOf = new Map<number, number>();
      const done = new Set<number>();
      let next = 0x1000;
      for (const { array, gap, isValue } of events) {
        const [arrayHigh, arrayLow] = [6, 0x100 + 16 * array];
        if (!stringOf.has(array) && !done.has(array)) {
          stringOf.set(array, next);
          strings.add(6, next, arrayHigh, arrayLow);
        }
        for (let i = 0; i < gap; i++, next += 8) strings.add(7, next, 8, 0x10_0000 + next);
        next += 8;
        if (array % 2 === 0) continue;
        const taken: Id[] = [];
        if (isValue) {
          strings.of(arrayHigh, arrayLow, (high, low) => taken.push([high, low]));
          expect(taken).toEqual(done.has(array) ? taken : [[6, stringOf.get(array)]]);
        } else strings.forget(arrayHigh, arrayLow);
        done.add(array);
      }
    }),
  );
});

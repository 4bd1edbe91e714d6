import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { finish } from '../../src/core/base/runtime/turns.js';
import { KnownScanner, knownTest } from '../../src/known/known-scanner.js';
import { type KnownTable, wipeTable } from '../../src/known/known-table.js';
import { valueTable } from '../../src/known/value-table.js';
import fc from '../support/property.js';

const tableOf = (values: readonly string[]): KnownTable =>
  finish(valueTable(values.map((value) => new Secret(Buffer.from(value)))));

const holdsKnown = (bytes: Uint8Array, table: KnownTable): boolean => knownTest(table)(bytes);

const placesIn = (table: KnownTable, text: Buffer): string[] => {
  const places: string[] = [];
  new KnownScanner(table, text).scan(text.length, 0, text.length, (start, end) =>
    places.push(`${start} ${end}`),
  );
  return places.sort();
};

/** Each place of each value, by comparing it everywhere. */
const naive = (values: readonly string[], text: string): string[] =>
  [...new Set(values)]
    .flatMap((value) =>
      [...text].flatMap((_, at) => (text.startsWith(value, at) ? `${at} ${at + value.length}` : [])),
    )
    .sort();

describe('a table of values', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 8, maxLength: 12 });

  test('finds all places of each', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 60 });
    fc.assert(
      fc.property(fc.uniqueArray(letters, { maxLength: 4 }), texts, (values, text) => {
        const table = tableOf(values);
        expect(placesIn(table, Buffer.from(text))).toEqual(naive(values, text));
        expect(holdsKnown(Buffer.from(text), table)).toBe(values.some((value) => text.includes(value)));
      }),
      { numRuns: 500 },
    );
  });

  test('finds the last of many', () => {
    const table = tableOf(Array.from({ length: 1000 }, (_, index) => `value of ${index} ${index % 7}`));
    expect(holdsKnown(Buffer.from(`x value of 999 5 y`), table)).toBe(true);
    expect(holdsKnown(Buffer.from('x value of 1000 0 y'), table)).toBe(false);
  });

  test('finds one of a thousand that end alike, and no other that does', () => {
    const table = tableOf(Array.from({ length: 1000 }, (_, index) => `${index}: of all the same end`));
    expect(placesIn(table, Buffer.from('x 1234: of all the same end'))).toEqual(['3 27', '4 27', '5 27']);
    expect(holdsKnown(Buffer.from('x: of all the same end'), table)).toBe(false);
  });

  test('is built and searched in linear time where all values end alike', () => {
    const table = tableOf(Array.from({ length: 20_000 }, (_, index) => `${index} the same end`));
    const text = Buffer.alloc(1 << 20, 'the same end ');
    const [first = ''] = placesIn(table, text);
    expect(first).toBe(`0 ${text.length}`);
  });

  test('is built and searched in linear time where half of the values end alike', () => {
    const values = Array.from({ length: 20_000 }, (_, index) => `${index} the same end`);
    const others = Array.from({ length: 20_000 }, (_, index) => `another ${index * 7919}`);
    const table = tableOf([...values, ...others]);
    const ends = Buffer.from(others.map((other) => other.slice(-8)).join(''));
    expect(holdsKnown(ends, table)).toBe(false);
    expect(placesIn(table, Buffer.concat([ends, Buffer.from(others[5]!)]))).toHaveLength(1);
  });

  test('holds nothing once it is wiped', () => {
    const table = tableOf(['one value of some', 'another value']);
    const { data, slots, map } = table;
    expect(data.some((byte) => byte !== 0)).toBe(true);
    wipeTable(table);
    for (const column of [data, slots, map]) expect(column.every((each: number) => each === 0)).toBe(true);
  });
});

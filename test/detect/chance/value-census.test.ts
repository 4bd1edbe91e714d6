import { describe, expect, test } from '@jest/globals';
import { ValueCensus } from '../../../src/detect/chance/value-census.js';
import { kindsOf, lengthOf, recordOf } from '../../../src/detect/chance/value-record.js';
import { KINDS } from '../../../src/sweep/values/random.js';
import fc from '../../support/property.js';

type Value = [hash: number, shape: number];

const censusOf = (values: readonly Value[], capacity?: number): ValueCensus => {
  const census = new ValueCensus(capacity);
  for (const value of values) census.add(...value);
  return census;
};

const hash = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const shape = fc.constantFrom(...[16, 20, 40].map((length) => length | (0x3f << 16)));
const values = fc.array(fc.tuple(hash, shape), { maxLength: 300 });

/** The definition: the distinct values whose hashes end with the fewest zeros that leave few enough. */
function naive(all: readonly Value[], capacity: number) {
  const distinct = [...new Map(all.map((value) => [value.join(), value])).values()];
  for (let level = 0; ; level++) {
    const kept = distinct.filter(([each]) => each % 2 ** level === 0);
    if (kept.length > capacity) continue;
    const lengths = [...new Set(kept.map(([, each]) => each))].sort((a, b) => a - b);
    return lengths.map((each) => ({
      length: lengthOf(each),
      kinds: kindsOf(each),
      count: kept.filter(([, other]) => other === each).length * 2 ** level,
    }));
  }
}

describe('a census of values', () => {
  test('is exact up to its capacity and a sample beyond', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 8, max: 80 }), (all, capacity) => {
        expect(censusOf(all, capacity).counts()).toEqual(naive(all, capacity));
      }),
    );
  });

  test('depends neither on the order nor on copies', () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        const there = censusOf([...one, ...other], 50).counts();
        expect(censusOf([...other, ...one, ...other].reverse(), 50).counts()).toEqual(there);
      }),
    );
  });

  test('takes records as the kernel writes them', () => {
    fc.assert(
      fc.property(values, (all) => {
        const census = new ValueCensus();
        census.addAll(Uint32Array.from(all.flat()).buffer);
        expect(census.counts()).toEqual(censusOf(all).counts());
      }),
    );
  });

  test('takes values whose hashes were chosen to be equal, or to end with zeros, as fast as others', () => {
    const census = new ValueCensus();
    const started = process.cpuUsage();
    for (let i = 0; i < 60_000; i++)
      census.add((i & 0x3fff) | (0x12345 << 14), (20 + (i >>> 14)) | (0x3f << 16));
    // A minute, if each look-up passes all values with the same highest bits.
    for (let i = 0; i < 1_000_000; i++) census.add((i & 0xff) | (0x12345 << 14), 23 | (0x3f << 16));
    expect(census.counts().reduce((sum, { count }) => sum + count, 0)).toBe(60_000);
    expect(process.cpuUsage(started).user).toBeLessThan(5_000_000);
  });

  test('counts no more values than there are, if their hashes were chosen to end with zeros', () => {
    const [short, long] = [20 | (0x3f << 16), 52 | (0x3f << 16)];
    const census = new ValueCensus(64);
    for (let i = 0; i < 100; i++) census.add(i << 16, long);
    for (let i = 0; i < 1_000; i++) census.add(Math.imul(i, 0x9e3779b1) >>> 0, short);
    const countOf = (length: number) =>
      census.boundedCounts().reduce((sum, each) => sum + (each.length === length ? each.count : 0), 0);
    expect(census.counts().find(({ length }) => length === 52)!.count).toBeGreaterThan(1e5);
    expect(countOf(52)).toBe(100);
    expect(countOf(20)).toBeLessThanOrEqual(1_000);
  });

  test('ends with more values of one hash than it keeps', () => {
    const shapes = Array.from({ length: 9 }, (_, i) => (16 + i) | (0x3f << 16));
    expect(
      censusOf(
        shapes.map((each): Value => [0, each]),
        8,
      ).counts(),
    ).toHaveLength(9);
  });

  test('of a million values is near, and empty when it was overwritten', () => {
    const census = new ValueCensus();
    // Multiples of an odd number are distinct modulo 2^32.
    for (let i = 0; i < 1_000_000; i++) census.add(Math.imul(i, 0x9e3779b1) >>> 0, 40 | (0x3f << 16));
    const [cell, ...others] = census.counts();
    expect(others).toEqual([]);
    expect(cell).toMatchObject({ length: 40, kinds: 0x3f });
    expect(Math.abs(cell!.count / 1_000_000 - 1)).toBeLessThan(0.02);
    census.wipe();
    expect(census.counts()).toEqual([]);
  });
});

describe('the record of a value', () => {
  const record = (text: string): Value => recordOf(Buffer.from(text, 'latin1'), 0, text.length);

  // MurmurHash3_x86_32 with seed 0, as other implementations compute it.
  test.each([
    ['test', 0xba6bd213],
    ['Hello', 0x12da77c8],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
  ])('%s', (text, wanted) => {
    expect(record(text)[0]).toBe(wanted);
  });

  test('has its length and kinds, without a length byte before it', () => {
    const text = 'A1b2'.repeat(13);
    const kinds = [...Buffer.from(text)].reduce((all, code) => all | KINDS[code]!, 0);
    expect(record(text)[1]).toBe(52 | (kinds << 16));
    // "4" is 52.
    expect(record(`4${text}`)).toEqual(record(text));
  });
});

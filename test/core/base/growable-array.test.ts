import { describe, expect, test } from '@jest/globals';
import { grown, nextCapacity } from '../../../src/core/base/bytes/growable-array.js';
import { Windows } from '../../../src/search/core/columns.js';
import { NumberSet } from '../../../src/search/core/number-set.js';
import { RunList } from '../../../src/search/core/run-list.js';

/** Long enough to grow in place. */
const MANY = 100_000;

test('a column keeps its elements and is extended by zeros up to its bound', () => {
  for (const make of [Float64Array, Uint8Array, Uint32Array, BigUint64Array]) {
    let column = new make(16) as Float64Array;
    let rows = 16;
    for (let at = 0; rows < 90_000; ) {
      for (; at < rows; at++) column[at] = (make === BigUint64Array ? BigInt(at % 251) : at % 251) as number;
      rows = nextCapacity(rows, 90_000);
      column = grown(column, rows, 90_000);
      expect(column.length).toBe(rows);
      expect(Number(column[at - 1])).toBe((at - 1) % 251);
      expect(Number(column[at])).toBe(0);
    }
    expect(rows).toBe(90_000);
    expect(Array.from(column.subarray(0, 65_536), Number)).toEqual(
      Array.from({ length: 65_536 }, (_, i) => i % 251),
    );
  }
});

describe('of many rows', () => {
  test('a set of numbers contains each once, with the first place', () => {
    const set = new NumberSet(32);
    const bytes = Buffer.alloc(32 * MANY);
    for (let i = 0; i < MANY; i++) bytes.writeUInt32LE(Math.imul(i, 0x9e3779b1) >>> 0, 32 * i + (i % 7) * 4);
    for (const round of [1, 2])
      for (let i = 0; i < MANY; i++) set.add(bytes, 32 * i, round * 1000 + i, round);
    expect(set.length).toBe(MANY);
    expect(set.bytes.equals(bytes)).toBe(true);
    const some = [MANY - 1, 0, 70_001];
    const expected = Buffer.concat(some.map((i) => bytes.subarray(32 * i, 32 * i + 32)));
    expect(Buffer.from(set.inOrder(Uint32Array.from(some))).equals(expected)).toBe(true);
    // The second round added a new flag, and the place with it.
    for (const i of [0, 1, 40_000, MANY - 1]) expect([set.offset(i), set.flags(i)]).toEqual([2000 + i, 3]);
  });

  test('a list of runs keeps their order, also as plain data', () => {
    const runs = new RunList();
    for (let i = 0; i < MANY; i++) runs.push({ offset: 8 * i, words: 4 + (i % 7) }, { body: i % 3 === 0 });
    const others = new RunList(structuredClone(runs.columns));
    for (const list of [runs, others]) {
      const all = [...list.all()];
      expect(all.length).toBe(MANY);
      expect(all[70_001]).toEqual({ offset: 560_008, words: 4 + (70_001 % 7) });
      expect([...list].length).toBe(MANY - Math.ceil(MANY / 3));
      expect([...list.ofWords(9)]).toEqual([...list].filter(({ words }) => words >= 9));
      expect([...list.ofWords(5, 6)]).toEqual([...list].filter(({ words }) => words === 5 || words === 6));
    }
  });

  test('windows keep the halves of their words', () => {
    const windows = new Windows();
    for (let i = 0; i < MANY; i++) windows.pushHalves(i, i % 5, i % 2, i, 7);
    windows.push(1, 2, 3n);
    expect(windows.length).toBe(MANY + 1);
    for (const i of [0, 32_767, 32_768, 65_536, MANY - 1])
      expect([windows.offsets[i], windows.readings[i], windows.places[i], windows.lows[i]]).toEqual([
        i,
        i % 5,
        i % 2,
        (7n << 32n) | BigInt(i),
      ]);
    expect(windows.lows[MANY]).toBe(3n);
  });
});

test('long columns are freed at once, and transferred ones are left alone', () => {
  const [windows, others, set] = [new Windows(), new Windows(), new NumberSet(32)];
  for (let i = 0; i < MANY; i++) {
    windows.push(i, 1, BigInt(i));
    others.push(i, 1, BigInt(i));
    set.add(Buffer.from(i.toString(16).padStart(32, '0')), 0, i, 1);
  }
  const { offsets, lows } = windows;
  const { buffer } = set.bytes;
  windows.release();
  set.release();
  expect([offsets, lows, offsets.buffer, buffer].map(({ byteLength }) => byteLength)).toEqual([0, 0, 0, 0]);
  const got = structuredClone(others.lows, { transfer: [others.lows.buffer as ArrayBuffer] });
  others.release();
  expect(got[MANY - 1]).toBe(BigInt(MANY - 1));
});

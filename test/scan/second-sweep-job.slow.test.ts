import { createECDH } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import type { Storage } from '../../src/core/base/bytes/storage.js';
import { job } from '../../src/scan/second-sweep-job.js';
import { groupsOf, partsOf } from '../../src/scan/second-sweep-parts.js';
import { WordTable } from '../../src/search/core/word-table.js';
import { GROUPS } from '../../src/search/curves/numbers/curve-numbers.js';
import { compileLiterals } from '../../src/sweep/literals.js';
import { LAYOUTS, Memory } from '../search/memory.js';
import fc from '../support/property.js';
import { literal } from '../sweep/oracle.js';

const NET = compileLiterals([literal('-----BEGIN')]);
const random = new SeededRandom('second sweep');

/** A heap full of numbers, among them scalars of P-256 in two encodings, and the lowest words of their x. */
function planted(count: number) {
  const memory = new Memory();
  const keys = WordTable.forWords(2 * count);
  const offsets: number[] = [];
  memory.filler(4096);
  for (let i = 0; i < count; i++) {
    memory.noise(random, 40, 4);
    const ecdh = createECDH('prime256v1');
    const d = random.bytes(32);
    ecdh.setPrivateKey(d);
    const x = ecdh.getPublicKey().subarray(1, 33).reverse();
    keys.add(x.readUInt32LE(0), x.readUInt32LE(4));
    offsets.push(memory.chunk(LAYOUTS[i % 2 === 0 ? 'limbs-le' : 'bytes-be']!(d)));
  }
  memory.filler(8192);
  const data = memory.bytes();
  const bytes = new SharedArrayBuffer(data.length);
  new Uint8Array(bytes).set(data);
  const storage: Storage = { kind: 'memory', bytes, length: data.length };
  return { storage, keys, offsets, length: data.length };
}

const ATTEMPTS = (['limbs-le', 'bytes-be'] as const).map((reading) => {
  return { curve: 'P-256', stored: 'memory', reading } as const;
});

/** A thread keeps the tables of the last identities, by their number. */
let lastId = 0;

describe.each(['relaxed', 'simd'] as const)('a second sweep with the kernel %s', (kernel) => {
  const { storage, keys, offsets, length } = planted(12);
  const request = (share: number, from = 0) => ({
    identities: { id: ++lastId, points: new Map([['P-256', keys.columns]]) },
    places: [],
    selections: ATTEMPTS.map((attempt) => {
      return { attempt, size: 32, from, flags: 0, near: 255, shares: new Uint8Array(GROUPS).fill(share) };
    }),
  });
  const sweep = { storage, net: NET, kernel, request: request(255), most: Number.POSITIVE_INFINITY };
  const whole = { from: 0, to: length };

  test('finds every number whose public half is known, wherever its parts are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(length / 64), { maxLength: 5 }), fc.nat(4), (cuts, most) => {
        const ends = [...new Set([0, length, ...cuts.map((cut) => cut * 64)])].sort((a, b) => a - b);
        let parts = ends.slice(1).map((to, i) => ({ from: ends[i]!, to, within: whole }));
        const places: [number, number][] = [];
        // A task ends after `most` numbers, and what it leaves is another one.
        while (parts.length > 0) {
          const { found, left } = job(structuredClone({ ...sweep, parts, most: most + 1 })).output;
          for (const { offset, selection } of found) places.push([offset, selection]);
          parts = left;
        }
        expect(places.sort(([a], [b]) => a - b)).toEqual(offsets.map((offset, i) => [offset, i % 2]));
      }),
      { numRuns: 10 },
    );
  });

  test.each([
    ['of groups that are not selected', { request: request(0) }],
    ['before the first number that was not kept', { request: request(255, length) }],
  ])('tries nothing %s', (_, more) => {
    const parts = [{ ...whole, within: whole }];
    expect(job({ ...sweep, ...more, parts }).output).toEqual({ found: [], left: [] });
  });
});

const range = fc.tuple(fc.nat(200), fc.nat(60)).map(([from, length]) => ({ from, to: from + length }));

test('parts are what ranges have of dense memory, in groups of limited length', () => {
  const ranges = fc.array(range, { maxLength: 4 });
  fc.assert(
    fc.property(ranges, ranges, fc.integer({ min: 1, max: 50 }), (all, dense, most) => {
      const groups = [...groupsOf(partsOf(all, dense), most)];
      const bytesOf = (parts: readonly { from: number; to: number }[]) =>
        parts.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
      const expected = all.flatMap((within) =>
        dense.flatMap((each) => bytesOf([each]).filter((byte) => byte >= within.from && byte < within.to)),
      );
      expect(groups.flatMap(bytesOf)).toEqual(expected);
      for (const group of groups) expect(bytesOf(group).length).toBeLessThanOrEqual(most);
      for (const group of groups.slice(0, -1)) expect(bytesOf(group)).toHaveLength(most);
      for (const { from, to, within } of groups.flat()) {
        expect(all).toContain(within);
        expect(from >= within.from && from < to && to <= within.to).toBe(true);
      }
    }),
  );
});

import { createECDH } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import type { Storage } from '../../src/base/bytes/storage.js';
import { job, secondSweepTasks } from '../../src/scanner/second-sweep-job.js';
import { WordTable } from '../../src/search/core/word-table.js';
import { GROUPS } from '../../src/search/curves/numbers/number-groups.js';
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

describe.each(['relaxed', 'simd'] as const)('a second sweep with the kernel %s', (kernel) => {
  const { storage, keys, offsets, length } = planted(12);
  const request = (share: number) => ({
    identities: { id: share, points: new Map([['P-256', keys.columns]]) },
    places: [],
    selections: ATTEMPTS.map((attempt) => {
      return { attempt, size: 32, flags: 0, near: 255, shares: new Uint8Array(GROUPS).fill(share) };
    }),
  });
  const sweep = { storage, net: NET, kernel, request: request(255) };
  const whole = { from: 0, to: length };

  test('finds every number whose public half is known, wherever its tasks are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(length / 64), { maxLength: 5 }), (cuts) => {
        const ends = [...new Set([0, length, ...cuts.map((cut) => cut * 64)])].sort((a, b) => a - b);
        const found = ends.slice(1).flatMap((to, i) => {
          const task = { from: ends[i]!, to };
          return job(structuredClone({ ...sweep, task, range: whole })).output;
        });
        const places = found.map(({ offset, selection }) => [offset, selection] as const);
        expect(places.sort(([a], [b]) => a - b)).toEqual(offsets.map((offset, i) => [offset, i % 2]));
      }),
      { numRuns: 10 },
    );
  });

  test('tries nothing of groups that are not selected', () => {
    expect(job({ ...sweep, request: request(0), task: whole, range: whole }).output).toEqual([]);
  });
});

test('tasks cover their ranges', () => {
  const ranges = [
    { from: 0, to: 9 << 20 },
    { from: 3, to: 5 },
  ];
  const sweep = { storage: planted(0).storage, net: NET, kernel: 'simd' } as const;
  const request = { identities: { id: 1, points: new Map() }, places: [], selections: [] };
  const tasks = [...secondSweepTasks(ranges, { ...sweep, request })];
  for (const range of ranges) {
    const own = tasks.filter((task) => task.range === range).map(({ task }) => task);
    expect([own[0]!.from, own.at(-1)!.to]).toEqual([range.from, range.to]);
    expect(own.slice(1).map(({ from }) => from)).toEqual(own.slice(0, -1).map(({ to }) => to));
  }
});

import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { bufferReader } from '../../src/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import { coreWith, Heap, NAME, ROWS, VALUE } from './build-records.js';
import { buildSnapshot } from './build-snapshot.js';
import { ownedIn } from './owned.js';

/** Damaged dumps: the search for owners ends, throws nothing and names nothing outside of the file. */

const MUTANTS = 20_000;

/** Each way to hold a string, one after the other. */
const SNAPSHOT = Buffer.from(
  buildSnapshot({
    nodes: [
      { type: 'string', name: VALUE },
      { type: 'object', name: 'Config' },
      { type: 'array', name: '' },
      { type: 'string', name: NAME },
      { type: 'object', name: 'Map' },
      { type: 'concatenated string', name: '(concatenated string)' },
      { type: 'object', name: 'Array' },
    ],
    edges: [
      { owner: 1, type: 'property', name: 'jwtSecret' },
      { owner: 1, type: 'property', name: 'value' },
      { owner: 1, type: 'property', name: 'key', to: 3 },
      { owner: 2, type: 'internal', name: '5', to: 3 },
      { owner: 2, type: 'internal', name: '6' },
      { owner: 4, type: 'internal', name: 'table', to: 2 },
      { owner: 5, type: 'internal', name: 'first' },
      { owner: 6, type: 'element', index: 0, to: 3 },
      { owner: 6, type: 'element', index: 1, to: 5 },
      { owner: 1, type: 'property', name: 'tokens', to: 6 },
    ],
  }),
);

/** A core with the record of each runtime. */
const CORES = Object.values(ROWS).map((row) => {
  const heap = new Heap(row.base);
  row.write(heap, NAME, VALUE);
  return coreWith(row, heap);
});

/** Bytes that mean something in one of the formats. */
const BYTES = Buffer.from('0123456789,[]"{}\\:-\0\xff\x01\x80', 'latin1');

function mutant(dump: Buffer, random: SeededRandom, from: number): Buffer {
  const changed = Buffer.from(dump);
  for (let i = 0; i <= random.below(4); i++) {
    const at = from + random.below(dump.length - from);
    changed[at] = random.below(2) === 0 ? BYTES[random.below(BYTES.length)]! : random.below(256);
  }
  return random.below(8) === 0 ? changed.subarray(0, random.below(dump.length)) : changed;
}

/** Bytes at the end of a core that are the heap: damage to its headers is another test's. */
const HEAP = 16_384;

describe.each<[string, Buffer[], (dump: Buffer) => number]>([
  ['heap snapshots', [SNAPSHOT], () => 0],
  ['records in cores', CORES, (core) => core.length - HEAP],
])('damaged %s', (_, dumps, from) => {
  test('end in time, without an error', () => {
    const random = new SeededRandom('damaged owners');
    let owned = 0;
    for (let i = 0; i < MUTANTS; i++) {
      const dump = dumps[i % dumps.length]!;
      const bytes = mutant(dump, random, from(dump));
      const offset = Math.min(dump.indexOf(VALUE), bytes.length);
      const runs = { offsets: Float64Array.of(offset), lengths: Uint32Array.of(VALUE.length) };
      const found = ownedIn(bytes, runs, () => true);
      for (const { value } of found) expect(value.offset + value.length).toBeLessThanOrEqual(bytes.length);
      if (found.length > 0) owned++;
    }
    // Many mutants still have the record.
    expect(owned).toBeGreaterThan(MUTANTS / 4);
  });
});

test('a node that claims 2^31 edges ends with the edges that are there', () => {
  const json = SNAPSHOT.toString('latin1').replace(/"nodes":\[2,1,1,16,0/, '"nodes":[2,1,1,16,2147483648');
  expect(json).toContain('2147483648');
  const runs = { offsets: Float64Array.of(json.indexOf(VALUE)), lengths: Uint32Array.of(VALUE.length) };
  expect(ownedIn(Buffer.from(json, 'latin1'), runs, () => true).length).toBeLessThan(100);
});

/** The owners of a value, and how much was left out. */
function ownersOf(dump: Buffer) {
  const runs = { offsets: Float64Array.of(dump.indexOf(VALUE)), lengths: Uint32Array.of(VALUE.length) };
  const search = openDump(bufferReader(dump)).owners!(runs, () => true, []);
  let owned = 0;
  for (;;) {
    const { done, value } = search.next();
    if (done) return { owned, left: value.left };
    if (value !== undefined) owned++;
  }
}

test('a string that a million properties hold has some owners, and the rest is reported', () => {
  const [owners, each] = [10_000, 100];
  const rows = (row: string, count: number) => Array<string>(count).fill(row).join(',');
  const head = buildSnapshot({ nodes: [], edges: [] }).split('"nodes"')[0]!;
  const nodes = `2,1,1,16,0,0,0,${rows(`3,2,3,16,${each},0,0`, owners)}`;
  const json = `${head}"nodes":[${nodes}],\n"edges":[${rows('2,3,0', owners * each)}],\n`;
  const dump = Buffer.from(`${json}"strings":["<dummy>","${VALUE}","Config","jwtSecret"]}`);
  const { owned, left } = ownersOf(dump);
  expect(owned).toBeGreaterThan(0);
  expect(owned).toBeLessThan(20);
  expect(left).toBeGreaterThan(owners * each - 2 ** 17);
});

test('a value that each word of a core leads to has some owners, and the rest is reported', () => {
  const row = ROWS['a dict of CPython 3.12']!;
  const heap = new Heap(row.base);
  row.write(heap, NAME, VALUE);
  // Pointers to the object of the value, of which one is in the record.
  const words = Buffer.alloc(2 ** 21);
  for (let at = 0; at < words.length; at += 8)
    words.writeBigUInt64LE(heap.base + BigInt(heap.bytes.indexOf(VALUE) - 40), at);
  const { owned, left } = ownersOf(
    coreWith(row, { ...heap, bytes: Buffer.concat([heap.bytes, words]) } as Heap),
  );
  expect(owned).toBeGreaterThan(0);
  expect(owned).toBeLessThan(20);
  expect(left).toBeGreaterThan(2 ** 17);
});

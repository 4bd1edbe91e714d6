import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import { HprofBuilder } from './build-hprof.js';
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

const REFERENCE = 2;
const BYTE = 8;

/** A String in a field, a map, an EnumMap and a list of Java. */
function heapDump(moreClasses = 0): Buffer {
  const builder = new HprofBuilder();
  const fields = (...names: string[]) => Object.fromEntries(names.map((name) => [name, REFERENCE]));
  const classes: [name: string, ...fields: string[]][] = [
    ['java/lang/String', 'value'],
    ['p/Config', 'jwtSecret'],
    ['java/util/HashMap$Node', 'key', 'value'],
    ['java/util/EnumMap', 'keyUniverse', 'vals'],
    ['java/util/ArrayList', 'elementData'],
    ['p/Keys', 'name'],
  ];
  for (const [i, [name, ...names]] of classes.entries()) {
    builder.loadClass({ id: 0x100 + 8 * i, name });
    builder.classDump({ id: 0x100 + 8 * i, name, fields: fields(...names) });
  }
  for (let i = 0; i < moreClasses; i++)
    builder.classDump({ id: 0x100_0000 + 8 * i, name: 'p.More', fields: fields('token') });
  const instance = (id: number, classIndex: number, ...references: number[]) =>
    builder.instance(id, 0x100 + 8 * classIndex, Buffer.concat(references.map(builder.id)));
  builder.primitiveArray(0x1000, BYTE, Buffer.from(VALUE));
  builder.primitiveArray(0x1008, BYTE, Buffer.from(NAME));
  instance(0x1010, 0, 0x1000);
  instance(0x1018, 0, 0x1008);
  instance(0x1020, 1, 0x1010);
  instance(0x1028, 2, 0x1018, 0x1010);
  instance(0x1030, 5, 0x1018);
  builder.objectArray(0x1038, 0x100, [0x1030]);
  builder.objectArray(0x1040, 0x100, [0x1010]);
  instance(0x1048, 3, 0x1038, 0x1040);
  instance(0x1050, 4, 0x1040);
  for (let i = 0; i < moreClasses; i += 1000)
    builder.instance(0x2000 + i, 0x100_0000 + 8 * i, Buffer.alloc(0));
  builder.heap();
  builder.record(0x2c, Buffer.alloc(0));
  return builder.done();
}

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
  ['heap dumps of Java', [heapDump()], () => 31],
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

test('any of them, cut at each byte, ends with what is there', () => {
  for (const dump of [SNAPSHOT, heapDump(), ...CORES.map((core) => core)]) {
    const offset = dump.indexOf(VALUE);
    const runs = { offsets: Float64Array.of(offset), lengths: Uint32Array.of(VALUE.length) };
    // The rest of a heap in a core is zero.
    for (let length = dump.length; length > Math.max(32, dump.length - HEAP); length -= 1) {
      if (dump.length > HEAP && dump.length - length > 64 && length > offset + 2048) continue;
      for (const { value } of ownedIn(dump.subarray(0, length), runs, () => true))
        expect(value.offset + value.length).toBeLessThanOrEqual(length);
    }
  }
});

test('edges that lead behind the last node lead nowhere', () => {
  const json = SNAPSHOT.toString('latin1');
  const edges = json.slice(json.indexOf('"edges":['), json.indexOf('"strings"'));
  const beyond = edges.replace(/\d+,\d+,\d+/g, (row) => row.replace(/\d+$/, '700000007'));
  expect(beyond).not.toBe(edges);
  const runs = { offsets: Float64Array.of(json.indexOf(VALUE)), lengths: Uint32Array.of(VALUE.length) };
  const owned = ownedIn(
    Buffer.from(json.replace(edges, beyond), 'latin1'),
    { ...runs, offsets: Float64Array.of(json.replace(edges, beyond).indexOf(VALUE)) },
    () => true,
  );
  expect(owned).toEqual([]);
});

test('pointers into their own targets end', () => {
  for (const row of Object.values(ROWS)) {
    const heap = new Heap(row.base);
    row.write(heap, NAME, VALUE);
    const at = heap.bytes.indexOf(VALUE);
    // Each word around the value leads to itself.
    for (let word = (at & ~7) - 64; word < at + 128; word += 8)
      if (word < at - 7 || word >= at + VALUE.length)
        heap.bytes.writeBigUInt64LE(heap.base + BigInt(word), word);
    expect(ownersOf(coreWith(row, heap)).owned).toBeLessThan(20);
  }
});

test('more classes than are kept, with instances shorter than their fields', () => {
  const dump = heapDump(300_000);
  const { owned, left } = ownersOf(dump);
  expect(owned).toBeGreaterThanOrEqual(3);
  expect(left).toBe(0);
});

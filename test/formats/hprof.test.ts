import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { finish } from '../../src/core/base/runtime/turns.js';
import type { Region } from '../../src/core/model/report.js';
import { openDump } from '../../src/formats/formats.js';
import fc from '../support/property.js';
import { HprofBuilder } from './build-hprof.js';
import { readAll } from './hprof-oracle.js';

const SECRET = Buffer.from('0123456789abcdef');
const CLASS = { string: 0x100, base: 0x108, child: 0x110, holder: 0x118, bytes: 0x120, lists: 0x128 };

/** Regions at offsets, with their final names. */
function regionsAt(bytes: Buffer, offsets: readonly number[]): Region[] {
  const dump = openDump(bufferReader(bytes));
  const places = offsets.map((offset) => dump.locate(offset));
  expect(places.every(({ address }) => address === undefined)).toBe(true);
  expect(finish(dump.completeNames!())).toEqual([]);
  return places.map(({ region }) => region);
}

interface Planted {
  name: string;
  offset: number;
}

/** A file with an array for each way to own one. `split`: every sub-record in a segment of its own. */
function sample(idSize: 4 | 8, split: boolean): { bytes: Buffer; planted: Planted[] } {
  const b = new HprofBuilder(idSize);
  const classes = [
    { id: CLASS.string, name: 'java/lang/String', fields: { hash: 10, value: 2 } },
    { id: CLASS.base, name: 'com/example/Base', fields: { small: 9, key: 2 } },
    {
      id: CLASS.child,
      name: 'com/example/Child',
      superclass: CLASS.base,
      fields: { flag: 4, wide: 11, other: 2 },
    },
    {
      id: CLASS.holder,
      name: 'com/example/Holder',
      statics: { COUNT: { type: 10, value: 3 }, PKCS8: { type: 2, value: 0x2020 } },
    },
    { id: CLASS.bytes, name: '[[B' },
    { id: CLASS.lists, name: '[Ljava/lang/String;' },
  ];
  for (const shape of classes) b.loadClass(shape);
  // HPROF_UTF8 records of names must come before the heap dump.
  for (const { statics = {}, fields = {} } of classes)
    for (const name of [...Object.keys(statics), ...Object.keys(fields)]) b.name(name);
  const planted: Planted[] = [];
  const write = (sub: () => number, marks: readonly [name: string, into: number][] = []) => {
    pending.push(...marks.map(([name, into]) => ({ name, offset: sub() + into })));
    if (marks.length === 0) sub();
    if (split) flush();
  };
  let pending: Planted[] = [];
  const flush = () => {
    const body = b.heap(split ? 0x1c : 0x0c);
    planted.push(...pending.map(({ name, offset }) => ({ name, offset: body + offset })));
    pending = [];
  };
  const array = 10 + idSize;
  const plantArray = (name: string, id: number, type: number) =>
    write(() => b.primitiveArray(id, type, SECRET), [[name, array + 3]]);
  const ref = (id: number) => b.id(id);

  for (const shape of classes) write(() => b.classDump(shape));
  plantArray('java.lang.String.value', 0x2000, 8);
  write(() => b.instance(0x2008, CLASS.string, Buffer.concat([b.u4(7), ref(0x2000)])));
  plantArray('com.example.Child.other', 0x2010, 5);
  plantArray('com.example.Child.key', 0x2018, 10);
  plantArray('com.example.Holder.PKCS8', 0x2020, 8);
  plantArray('byte[][]', 0x2028, 8);
  plantArray('long[]', 0x2030, 11);
  const data = [b.u1(1), b.u8(5n), ref(0x2010), b.u2(9), ref(0x2018)];
  const head = 9 + 2 * idSize;
  write(() => b.instance(0x2038, CLASS.child, Buffer.concat(data)), [['com.example.Child.wide', head + 3]]);
  write(() => b.objectArray(0x2040, CLASS.bytes, [0, 0x2028, 0]));
  write(() => b.objectArray(0x2048, CLASS.lists, [0x2008]), [['java.lang.String[]', head]]);
  write(() => b.sub(b.u1(5), ref(CLASS.string)));
  if (!split) flush();
  b.record(0x2c, Buffer.alloc(0));
  return { bytes: b.done(), planted };
}

describe('HPROF', () => {
  const cases = ([4, 8] as const).flatMap((idSize) => [true, false].map((split) => ({ idSize, split })));

  test.each(cases)(
    'with identifiers of $idSize bytes (in segments: $split) names what an offset lies in',
    (each) => {
      const { bytes, planted } = sample(each.idSize, each.split);
      const regions = regionsAt(
        bytes,
        planted.map(({ offset }) => offset),
      );
      expect(regions).toEqual(planted.map(({ name }) => ({ kind: 'object', name })));
    },
  );

  test('has a region for each byte of the file, and one for all bytes of an array or text', () => {
    const { bytes } = sample(8, true);
    const regions = regionsAt(
      bytes,
      Array.from(bytes, (_, offset) => offset),
    );
    expect(regions.some(({ kind }) => kind === 'unknown')).toBe(false);
    const oracle = readAll(bytes);
    for (const { offset, length } of oracle.texts) {
      for (let at = offset; at < offset + length; at++)
        expect(regions[at]).toEqual({ kind: 'note', name: 'HPROF_UTF8' });
    }
    for (const { id, data, length } of oracle.arrays) {
      const [name = 'long[]'] = oracle.owners.get(id) ?? [];
      for (let at = data; at < data + length; at++) expect(regions[at]).toEqual({ kind: 'object', name });
    }
    expect(regions.slice(0, 31).every(({ kind }) => kind === 'header')).toBe(true);
  });

  test('finds an owner far away, and keeps to the near one where there are two', () => {
    const b = new HprofBuilder();
    for (const [id, name] of [[CLASS.string, 'Near'] as const, [CLASS.base, 'Far'] as const])
      b.loadClass({ id, name });
    b.name('f');
    b.classDump({ id: CLASS.string, name: 'Near', fields: { f: 2 } });
    b.classDump({ id: CLASS.base, name: 'Far', fields: { f: 2 } });
    b.instance(0x3000, CLASS.base, b.id(0x4008));
    b.primitiveArray(0x3008, 8, Buffer.alloc(3_000_000));
    const lone = b.primitiveArray(0x4000, 8, SECRET);
    const shared = b.primitiveArray(0x4008, 8, SECRET);
    b.instance(0x3010, CLASS.string, b.id(0x4008));
    b.primitiveArray(0x3018, 8, Buffer.alloc(3_000_000));
    b.instance(0x3020, CLASS.base, b.id(0x4000));
    const body = b.heap();
    const names = regionsAt(b.done(), [body + lone + 20, body + shared + 20]).map(({ name }) => name);
    expect(names).toEqual(['Far.f', 'Near.f']);
  });

  test('says what the header and the records say of the process', () => {
    const b = new HprofBuilder(4, '1.0.1', 1_700_000_000_123n);
    for (const [serial, name] of [[1, 'main'] as const, [2, 'signer'] as const]) {
      const nameId = b.name(name);
      b.record(0x0a, Buffer.concat([b.u4(serial), b.id(9), b.u4(0), b.id(nameId), b.id(0), b.id(0)]));
    }
    b.record(0x05, Buffer.concat([b.u4(1), b.u4(2), b.u4(0)]));
    b.record(0x05, Buffer.concat([b.u4(2), b.u4(3), b.u4(0)]));
    expect(openDump(bufferReader(b.done()))).toMatchObject({
      format: 'hprof',
      process: {
        threads: 3,
        threadNames: ['main', 'signer'],
        bits: 32,
        dumpedAt: '2023-11-14T22:13:20.123Z',
      },
      warnings: [],
    });
  });

  test("walks Android's own sub-records", () => {
    const b = new HprofBuilder(4, '1.0.3');
    b.sub(b.u1(0xfe), b.u4(1), b.id(1));
    for (const tag of [0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x90]) b.sub(b.u1(tag), b.id(1));
    b.sub(b.u1(0x8e), b.id(1), b.u4(0), b.u4(0));
    b.sub(b.u1(0xc3), b.id(2), b.u4(0), b.u4(1000), b.u1(8));
    const array = b.primitiveArray(3, 8, SECRET);
    const body = b.heap(0x0c);
    expect(regionsAt(b.done(), [body + array + 14])).toEqual([{ kind: 'object', name: 'byte[]' }]);
  });

  test.each([
    ['0, from a writer that could not seek', 0, 0],
    ['0, and records follow', 0, 2],
    ['right, and records follow', undefined, 2],
  ])('reads a heap dump whose length is %s', (_name, length, following) => {
    const b = new HprofBuilder();
    const array = b.primitiveArray(3, 8, SECRET);
    const body = length === undefined ? b.heap(0x0c) : b.heap(0x0c, length);
    for (let i = 0; i < following; i++) b.record(0x2c, Buffer.alloc(0));
    expect(regionsAt(b.done(), [body + array + 20])).toEqual([{ kind: 'object', name: 'byte[]' }]);
  });

  test('reads a heap dump whose length has lost its high bits', () => {
    const b = new HprofBuilder();
    const count = 2 ** 29; // longs: 4 GiB
    b.primitiveArray(2, 11, Buffer.alloc(0), count);
    const start = b.length + 9;
    const head = Buffer.concat([b.done(), Buffer.from([0x0c, 0, 0, 0, 0]), b.u4(18 + 18 + SECRET.length)]);
    const sub = (id: number, type: number, n: number) =>
      Buffer.concat([b.u1(0x23), b.id(id), b.u4(0), b.u4(n), b.u1(type)]);
    const hole = start + 18;
    const tail = Buffer.concat([
      sub(3, 8, SECRET.length),
      SECRET,
      Buffer.from([0x2c, 0, 0, 0, 0, 0, 0, 0, 0]),
    ]);
    const front = Buffer.concat([head, sub(2, 11, count)]);
    expect(front.length).toBe(hole);
    const length = hole + count * 8 + tail.length;
    const dump = openDump({
      length,
      read(offset, target) {
        const n = Math.max(0, Math.min(target.length, length - offset));
        target.fill(0, 0, n);
        for (const [at, bytes] of [[0, front] as const, [length - tail.length, tail] as const]) {
          const from = Math.max(offset, at);
          const to = Math.min(offset + n, at + bytes.length);
          if (to > from) target.set(bytes.subarray(from - at, to - at), from - offset);
        }
        return n;
      },
    });
    const places = [dump.locate(hole + 2 ** 32 - 5), dump.locate(length - 12), dump.locate(length - 3)];
    expect(finish(dump.completeNames!())).toEqual([]);
    expect(dump.warnings).toEqual([]);
    expect(places.map(({ region }) => region.name)).toEqual(['long[]', 'byte[]', 'HPROF_HEAP_DUMP_END']);
  });

  test('an array without an owner is searched for in the whole heap, with pauses', () => {
    const b = new HprofBuilder();
    b.loadClass({ id: CLASS.base, name: 'Base' });
    b.classDump({ id: CLASS.base, name: 'Base', superclass: 0 });
    const places = Array.from({ length: 20 }, (_, i) =>
      b.primitiveArray(0x1000 + 8 * i, 8, Buffer.alloc(1 << 20)),
    );
    const body = b.heap();
    const dump = openDump(bufferReader(b.done()));
    for (const place of places)
      expect(dump.locate(body + place + 40).region).toMatchObject({ kind: 'object' });
    const naming = dump.completeNames!();
    let pauses = 0;
    for (let next = naming.next(); !next.done; next = naming.next()) pauses++;
    expect(pauses).toBeGreaterThan(4);
  });

  test('a text begins after the identifier of its HPROF_UTF8 record, and nowhere else', () => {
    const b = new HprofBuilder();
    b.name('first', 0x78787878);
    const at = b.length + 9 + 8;
    b.name('second', 0x79797979);
    const bytes = b.done();
    const dump = openDump(bufferReader(bytes));
    const starts = Array.from(bytes, (_, offset) => offset).filter((offset) => dump.startsText?.(offset));
    expect(starts).toEqual([31 + 9 + 8, at]);
  });
});

/** Random classes, each with an earlier superclass, and instances; each array has at most one owner. */
const files = fc
  .record({
    idSize: fc.constantFrom(4 as const, 8 as const),
    classes: fc.array(
      fc.record({
        superclass: fc.nat(),
        types: fc.array(fc.constantFrom(2, 4, 5, 8, 10, 11), { maxLength: 6 }),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    instances: fc.array(fc.nat(), { maxLength: 20 }),
    segment: fc.integer({ min: 1, max: 12 }),
    order: fc.infiniteStream(fc.nat()),
  })
  .map(({ idSize, classes, instances, segment, order }) => {
    const b = new HprofBuilder(idSize);
    const shapes = classes.map(({ superclass, types }, i) => ({
      id: 8 * (i + 1),
      name: `p/C${i}`,
      superclass: i === 0 ? 0 : 8 * ((superclass % i) + 1),
      fields: Object.fromEntries(types.map((type, n) => [`f${i}_${n}`, type])),
    }));
    for (const shape of shapes) b.loadClass(shape);
    for (const { fields } of shapes) for (const name of Object.keys(fields)) b.name(name);
    const subs: (() => void)[] = shapes.map((shape) => () => b.classDump(shape));
    let nextId = 0x10000;
    for (const pick of instances) {
      let shape: (typeof shapes)[number] | undefined = shapes[pick % shapes.length]!;
      const classId = shape.id;
      const data: Buffer[] = [];
      while (shape !== undefined) {
        for (const type of Object.values(shape.fields)) {
          data.push(b.value(type, type === 2 ? nextId : 1));
          if (type !== 2) continue;
          const arrayId = nextId;
          subs.push(() => b.primitiveArray(arrayId, 8, Buffer.from(`${arrayId}`)));
          nextId += 8;
        }
        const { superclass: above }: { superclass: number } = shape;
        shape = shapes.find(({ id }) => id === above);
      }
      const id = nextId;
      nextId += 8;
      subs.push(() => b.instance(id, classId, Buffer.concat(data)));
    }
    subs.sort(() => ((order.next().value as number) % 2 === 0 ? 1 : -1));
    for (const [index, sub] of subs.entries()) {
      sub();
      if (index % segment === segment - 1) b.heap();
    }
    b.heap();
    return b.done();
  });

test('property: arrays of instances have the names that the oracle has', () => {
  fc.assert(
    fc.property(files, (bytes) => {
      const { arrays, owners } = readAll(bytes);
      const regions = regionsAt(
        bytes,
        arrays.map(({ data }) => data),
      );
      expect(regions.map(({ name }) => name)).toEqual(arrays.map(({ id }) => [...owners.get(id)!][0]));
    }),
    { numRuns: 150 },
  );
});

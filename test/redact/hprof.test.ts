import { describe, expect, test } from '@jest/globals';
import { DumpsieveError } from '../../src/core/base/runtime/errors.js';
import { hashedName } from '../../src/redact/core/names.js';
import type { PlanFacts } from '../../src/redact/core/planner.js';
import { planHprof } from '../../src/redact/hprof/hprof.js';
import { fillOf } from '../../src/redact/manifest/allow-list.js';
import { HprofBuilder } from '../formats/build-hprof.js';
import { readAll } from '../formats/hprof-oracle.js';
import fc from '../support/property.js';
import { viewOf } from './planned-view.js';

/** A byte of which all values are made; with 0 in its place a file is what its copy should be. */
type Mark = 0xee | 0;
const MARK = 0xee;
const SIZES: Readonly<Record<number, number>> = { 4: 1, 5: 2, 6: 4, 7: 8, 8: 1, 9: 2, 10: 4, 11: 8 };

/** A value of a basic type; the builder takes six bytes at most. */
const marked = (type: number, mark: Mark): number =>
  Buffer.alloc(6, mark).readUIntBE(0, Math.min(6, SIZES[type] ?? 0) || 1);

const type = fc.constantFrom(2, 4, 5, 6, 7, 8, 9, 10, 11);
const classes = fc.array(
  fc.record({ fields: fc.array(type, { maxLength: 6 }), statics: fc.array(type, { maxLength: 4 }) }),
  { minLength: 1, maxLength: 5 },
);
const objects = fc.array(
  fc.record({ kind: fc.constantFrom('instance', 'objects', 'values'), which: fc.nat(100), size: fc.nat(40) }),
  { maxLength: 30 },
);
const model = fc.record({
  idSize: fc.constantFrom<4 | 8>(4, 8),
  classes,
  objects,
  literals: fc.array(fc.nat(30), { maxLength: 4 }),
  instancesFirst: fc.boolean(),
});
type Model = typeof model extends fc.Arbitrary<infer T> ? T : never;

const idOfClass = (index: number): number => 0x100 + 8 * index;
const idOfObject = (index: number): number => 0x2000 + 8 * index;

/** Classes of a chain, each the superclass of the next. */
function build({ idSize, classes, objects, literals, instancesFirst }: Model, mark: Mark): Buffer {
  const marks = (length: number) => Buffer.alloc(length, mark);
  const b = new HprofBuilder(idSize);
  for (const [index, length] of literals.entries())
    b.record(0x01, Buffer.concat([b.id(0x6000 + index), marks(length)]));
  for (const index of classes.keys()) b.loadClass({ id: idOfClass(index), name: `p/Class${index}` });
  const dumpClasses = () => {
    for (const [index, { fields, statics }] of classes.entries())
      b.classDump({
        id: idOfClass(index),
        name: '',
        superclass: index === 0 ? 0 : idOfClass(index - 1),
        constant: marked(10, mark),
        fields: Object.fromEntries(fields.map((each, at) => [`f${index}_${at}`, each])),
        statics: Object.fromEntries(
          statics.map((each, at) => [
            `s${at}`,
            { type: each, value: each === 2 ? idOfObject(at) : marked(each, mark) },
          ]),
        ),
      });
    b.heap();
  };
  const dumpObjects = () => {
    for (const [index, { kind, which, size }] of objects.entries()) {
      const id = idOfObject(index);
      const owner = which % classes.length;
      if (kind === 'objects') {
        b.objectArray(
          id,
          idOfClass(owner),
          Array.from({ length: size }, (_, at) => idOfObject(at)),
        );
      } else if (kind === 'values') {
        const element = 4 + (which % 8);
        b.primitiveArray(id, element, marks(size * SIZES[element]!));
      } else {
        const chain = classes.slice(0, owner + 1).reverse();
        const data = chain.flatMap(({ fields }) =>
          fields.map((each) => b.value(each, each === 2 ? idOfObject(size) : marked(each, mark))),
        );
        b.instance(id, idOfClass(owner), Buffer.concat(data));
      }
    }
    b.heap(0x0c);
  };
  if (instancesFirst) dumpObjects();
  dumpClasses();
  if (!instancesFirst) dumpObjects();
  b.record(0x2c, Buffer.alloc(0));
  return b.done();
}

describe('the copy of a heap dump', () => {
  test('differs from it in values and literals alone, read in pieces of any size', () =>
    fc.assert(
      fc.asyncProperty(model, fc.integer({ min: 9, max: 300 }), async (made, step) => {
        const dump = build(made, MARK);
        const { read, facts } = await viewOf(planHprof, dump);
        const pieces = [];
        for (let at = 0; at < dump.length; at += step)
          pieces.push(read(at, Math.min(step, dump.length - at)));
        const copy = Buffer.concat(pieces);
        expect(copy.equals(build(made, 0))).toBe(true);
        const at = Math.floor(dump.length / 2);
        expect(read(at, step).equals(copy.subarray(at, at + step))).toBe(true);
        expect(facts).toMatchObject({
          word: made.idSize,
          heap: { objects: made.objects.length, filledTexts: made.literals.length, damaged: 0 },
        });
        const [before, after] = [readAll(dump), readAll(copy)];
        expect(after).toEqual(before);
      }),
      { numRuns: 50 },
    ));

  test('has no value where a record is changed or truncated, and nothing but zeros and what was there', () =>
    fc.assert(
      fc.asyncProperty(
        model,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
        fc.nat(),
        async (made, changes, cut) => {
          const dump = build(made, MARK);
          for (const [at, value] of changes) dump[at % dump.length] = value;
          const damaged = dump.subarray(0, cut % 3 === 0 ? cut % dump.length : dump.length);
          try {
            const { read } = await viewOf(planHprof, damaged);
            const copy = read(0, damaged.length);
            expect(copy).toHaveLength(damaged.length);
            expect(copy.every((byte, at) => byte === 0 || byte === damaged[at])).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(DumpsieveError);
          }
        },
      ),
      { numRuns: 50 },
    ));
});

/** Adds the records that a test is about. */
type Add = (b: HprofBuilder, marks: (length: number) => Buffer) => void;

async function copied(
  add: Add,
  options: { hashNames?: boolean } = {},
): Promise<{ dump: Buffer; copy: Buffer; expected: Buffer; facts: PlanFacts }> {
  const [dump, expected] = ([MARK, 0] as const).map((mark) => {
    const b = new HprofBuilder();
    add(b, (length) => Buffer.alloc(length, mark));
    return b.done();
  }) as [Buffer, Buffer];
  const { facts, read } = await viewOf(planHprof, dump, options);
  return { dump, copy: read(0, dump.length), expected, facts };
}

describe('of a heap dump', () => {
  const FRAME = (b: HprofBuilder, file: number) =>
    Buffer.concat([b.id(1), b.id(b.name('method')), b.id(b.name('()V')), b.id(file), b.u4(1), b.u4(7)]);

  test.each<[name: string, add: Add]>([
    ['frames', (b) => b.record(4, FRAME(b, b.name('Some.java')))],
    ['traces', (b) => b.record(5, Buffer.concat([b.u4(1), b.u4(2), b.u4(2), b.id(1), b.id(2)]))],
    [
      'threads',
      (b) => {
        const names = ['main', 'group', 'parent'].map((name) => b.id(b.name(name)));
        b.record(10, Buffer.concat([b.u4(1), b.id(9), b.u4(0), ...names]));
      },
    ],
    ['unloaded classes', (b) => b.record(3, b.u4(1))],
    ['ends of threads', (b) => b.record(11, b.u4(1))],
    ['sums', (b) => b.record(7, Buffer.alloc(24, 1))],
    ['settings', (b) => b.record(14, Buffer.alloc(6, 1))],
    ['samples', (b) => b.record(13, Buffer.concat([b.u4(9), b.u4(2), Buffer.alloc(16, 1)]))],
    [
      'allocations',
      (b) => b.record(6, Buffer.concat([Buffer.alloc(30, 1), b.u4(2), Buffer.alloc(2 * 25, 1)])),
    ],
    [
      "heaps of Android's runtime",
      (b) => {
        b.sub(b.u1(0xfe), b.u4(1), b.id(b.name('zygote')));
        for (const tag of [0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x90]) b.sub(b.u1(tag), b.id(8));
        b.sub(b.u1(0x8e), b.id(8), b.u4(1), b.u4(2));
        b.sub(b.u1(0xc3), b.id(8), b.u4(0), b.u4(7), b.u1(8));
        b.heap();
      },
    ],
    [
      'roots',
      (b) => {
        for (const tag of [5, 7, 255]) b.sub(b.u1(tag), b.id(8));
        for (const tag of [2, 3, 8]) b.sub(b.u1(tag), b.id(8), b.u4(1), b.u4(2));
        for (const tag of [4, 6]) b.sub(b.u1(tag), b.id(8), b.u4(1));
        b.sub(b.u1(1), b.id(8), b.id(16));
        b.heap();
      },
    ],
  ])('%s stay', async (_name, add) => {
    const { dump, copy } = await copied(add);
    expect(copy.equals(dump)).toBe(true);
  });

  test.each<[name: string, add: Add, damaged: number]>([
    ['bytes behind the fields of a record', (b, marks) => b.record(3, Buffer.concat([b.u4(1), marks(9)])), 0],
    [
      'rows that a count does not include',
      (b, marks) => b.record(5, Buffer.concat([Buffer.alloc(12), marks(8)])),
      0,
    ],
    [
      'the rest after a sub-record of an unknown tag',
      (b, marks) => {
        b.sub(b.u1(5), b.id(8), marks(40));
        b.heap();
        b.record(3, b.u4(1));
      },
      40,
    ],
    [
      'instances of a class that was not dumped',
      (b, marks) => {
        b.instance(8, 0x100, marks(16));
        b.heap();
      },
      0,
    ],
    [
      'instances of another length than the fields of their class',
      (b, marks) => {
        b.classDump({ id: 0x100, name: '', fields: { a: 2 }, constant: 0 });
        b.instance(8, 0x100, marks(9));
        b.heap();
      },
      0,
    ],
    [
      'instances of a class with a field of an unknown type',
      (b, marks) => {
        b.classDump({ id: 0x100, name: '', fields: { a: 3, b: 2 }, constant: 0 });
        b.instance(8, 0x100, marks(8));
        b.heap();
      },
      0,
    ],
    [
      'names longer than any of a class file',
      (b, marks) => {
        b.record(0x01, Buffer.concat([b.id(0x20), marks(65_536)]));
        b.record(0x02, Buffer.concat([b.u4(1), b.id(8), b.u4(0), b.id(0x20)]));
      },
      0,
    ],
  ])('%s become 0', async (_name, add, damaged) => {
    const { copy, expected, facts } = await copied(add);
    expect(copy.equals(expected)).toBe(true);
    expect(facts.heap?.damaged).toBe(damaged);
  });

  test('the rest after a record of an unknown tag becomes 0', async () => {
    const { dump, copy, facts } = await copied((b, marks) => {
      b.record(3, b.u4(1));
      b.record(MARK, marks(30));
    });
    expect(copy.equals(Buffer.concat([dump.subarray(0, -39), Buffer.alloc(39)]))).toBe(true);
    expect(facts.heap?.damaged).toBe(39);
  });

  test('names of source files are replaced if that is asked for, and others stay', async () => {
    const { dump, copy } = await copied((b) => b.record(4, FRAME(b, b.name('Secret.java'))), {
      hashNames: true,
    });
    const at = dump.indexOf('Secret.java');
    const expected = Buffer.from(dump);
    expected.set(hashedName(Buffer.from('Secret.java')), at);
    expect(copy.equals(expected)).toBe(true);
  });

  test('what a truncated file lacks is reported', async () => {
    const b = new HprofBuilder();
    b.primitiveArray(8, 8, Buffer.alloc(1000, MARK));
    b.heap();
    const dump = b.done().subarray(0, 500);
    const { read, facts } = await viewOf(planHprof, dump);
    expect(read(0, 500).includes(MARK)).toBe(false);
    expect(fillOf(facts)).toEqual({ byte: 0 });
    expect(facts.memory).toMatchObject({ present: 500, described: b.length });
  });
});

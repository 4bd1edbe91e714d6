import { describe, expect, test } from '@jest/globals';
import { HprofBuilder } from './build-hprof.js';
import { objectsIn } from './owned.js';

const REFERENCE = 2;
const CHAR = 5;
const BYTE = 8;
const INT = 10;

const KEY = Buffer.from('9f3c71d2a04be85617c9f02d8a63be41', 'hex');
const KEYS = { className: 'p.Key', paths: ['octets', 'kind', 'group.order'] };

/** A heap in which a class is written before its first object. */
class Heap {
  readonly builder: HprofBuilder;
  #next = 0x1000;
  readonly #classes = new Map<string, number>();

  constructor(idSize: 4 | 8 = 8) {
    this.builder = new HprofBuilder(idSize);
  }

  id(): number {
    this.#next += 8;
    return this.#next;
  }

  class(name: string, fields: readonly string[] = [], superclass = 0): number {
    const known = this.#classes.get(name);
    if (known !== undefined) return known;
    const id = this.id();
    this.#classes.set(name, id);
    this.builder.loadClass({ id, name: name.replaceAll('.', '/') });
    this.builder.classDump({
      ...{ id, name, superclass },
      fields: Object.fromEntries(fields.map((field) => [field, REFERENCE])),
    });
    return id;
  }

  object(name: string, fields: Record<string, number>, id = this.id()): number {
    const classId = this.class(name, Object.keys(fields));
    this.builder.instance(id, classId, Buffer.concat(Object.values(fields).map(this.builder.id)));
    return id;
  }

  array(type: number, bytes: Buffer): number {
    const id = this.id();
    this.builder.primitiveArray(id, type, bytes);
    return id;
  }

  text(text: string): number {
    return this.object('java.lang.String', { value: this.array(BYTE, Buffer.from(text)) });
  }

  integer(bytes: Buffer): number {
    return this.object('java.math.BigInteger', { mag: this.array(INT, bytes) });
  }

  key(fields: Record<string, number> = {}): number {
    return this.object('p.Key', { octets: 0, kind: 0, group: 0, ...fields });
  }

  done(): Buffer {
    this.builder.heap();
    this.builder.record(0x2c, Buffer.alloc(0));
    return this.builder.done();
  }
}

/** The values of each object, as text of one byte a character, or hex. */
function valuesIn(dump: Buffer, queries = [KEYS]): (string | undefined)[][] {
  return objectsIn(dump, queries).objects.map(({ values }) =>
    values.map((held) => {
      if (held === undefined) return undefined;
      const { offset, length } = held.value;
      const bytes = dump.subarray(offset, offset + length);
      return `${held.form} ${held.form === 'bytes' ? bytes.toString('hex') : bytes.toString('latin1')}`;
    }),
  );
}

const hex = `bytes ${KEY.toString('hex')}`;

describe.each([4, 8] as const)('objects of a class, identifiers of %i bytes', (idSize) => {
  test('have octets, texts and integers, also of objects that their fields lead to', () => {
    const heap = new Heap(idSize);
    const group = heap.object('p.Group', { order: heap.integer(KEY) });
    heap.key({ octets: heap.array(BYTE, KEY), kind: heap.text('HmacSHA256'), group });
    heap.object('p.Other', { octets: heap.array(BYTE, KEY) });
    expect(valuesIn(heap.done())).toEqual([[hex, 'latin1 HmacSHA256', hex]]);
  });

  test('are found whatever comes first in the file', () => {
    const heap = new Heap(idSize);
    const [octets, group, order, mag] = [heap.id(), heap.id(), heap.id(), heap.id()];
    heap.key({ octets, group });
    heap.object('p.Group', { order }, group);
    heap.object('java.math.BigInteger', { mag }, order);
    heap.builder.primitiveArray(mag, INT, KEY);
    heap.builder.primitiveArray(octets, BYTE, KEY);
    expect(valuesIn(heap.done())).toEqual([[hex, undefined, hex]]);
  });

  test('are those of subclasses, too', () => {
    const heap = new Heap(idSize);
    const base = heap.class('p.Key', ['octets', 'kind', 'group']);
    const own = heap.class('p.Special', ['extra'], base);
    const octets = heap.array(BYTE, KEY);
    heap.builder.instance(heap.id(), own, Buffer.concat([0, octets, 0, 0].map(heap.builder.id)));
    const dump = heap.done();
    expect(valuesIn(dump)).toEqual([[hex, undefined, undefined]]);
    expect(objectsIn(dump, [KEYS]).objects[0]!.className).toBe('p.Special');
  });
});

const chars = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

test('an array of chars and a compact string of UTF-16 are texts, other arrays no values', () => {
  const heap = new Heap();
  const wide = heap.array(BYTE, Buffer.from('Hmac', 'utf16le'));
  heap.key({
    octets: heap.array(CHAR, chars('pass')),
    kind: heap.object('java.lang.String', { value: wide }),
    group: heap.object('p.Group', { order: heap.array(4, Buffer.alloc(8, 1)) }),
  });
  const [values] = valuesIn(heap.done());
  expect(values!.map((value) => value?.split(' ')[0])).toEqual(['utf16be', 'utf16le', undefined]);
});

test('the classes of objects that refer to it are known, or that there is none', () => {
  const heap = new Heap();
  const held = heap.key();
  heap.object('p.Holder', { any: held });
  heap.key();
  const inArray = heap.key();
  heap.builder.objectArray(heap.id(), heap.class('java.lang.Object[]'), [inArray]);
  const { objects } = objectsIn(heap.done(), [{ ...KEYS, withHolders: true }]);
  expect(objects.map(({ holders }) => holders.length)).toEqual([1, 0, 1]);
  expect(objects[0]!.holders).toEqual(['p.Holder']);
});

test('runs beside the query change nothing of it', () => {
  const heap = new Heap();
  heap.key({ octets: heap.array(BYTE, KEY) });
  const dump = heap.done();
  const runs = { offsets: Float64Array.of(dump.indexOf(KEY)), lengths: Uint32Array.of(KEY.length) };
  expect(objectsIn(dump, [KEYS], runs)).toEqual(objectsIn(dump, [KEYS]));
});

describe('hostile heaps', () => {
  test('a class of the name with other fields has no values', () => {
    const heap = new Heap();
    heap.object('p.Key', { other: heap.array(BYTE, KEY) });
    expect(valuesIn(heap.done())).toEqual([[undefined, undefined, undefined]]);
  });

  test('references in a circle end', () => {
    const heap = new Heap();
    const [group, text] = [heap.id(), heap.id()];
    heap.object('p.Group', { order: group }, group);
    heap.object('java.lang.String', { value: text }, text);
    heap.key({ octets: text, kind: text, group });
    expect(valuesIn(heap.done())).toEqual([[undefined, undefined, undefined]]);
  });

  test('a field behind the end of its instance is none', () => {
    const heap = new Heap();
    const octets = heap.array(BYTE, KEY);
    const classId = heap.class('p.Key', ['octets', 'kind', 'group']);
    heap.builder.instance(heap.id(), classId, heap.builder.id(octets));
    heap.builder.instance(heap.id(), classId, heap.builder.id(octets).subarray(1));
    expect(valuesIn(heap.done())).toEqual([
      [hex, undefined, undefined],
      [undefined, undefined, undefined],
    ]);
  });

  test('a class that inherits from itself is read once', () => {
    const heap = new Heap();
    const id = heap.id();
    heap.builder.loadClass({ id, name: 'p/Key' });
    heap.builder.classDump({ id, name: 'p/Key', superclass: id, fields: { octets: REFERENCE } });
    heap.builder.instance(heap.id(), id, heap.builder.id(heap.array(BYTE, KEY)));
    expect(valuesIn(heap.done())[0]![0]).toBe(hex);
  });

  test('an array that is cut or has 2^31 elements is no value of more bytes than there are', () => {
    const heap = new Heap();
    const id = heap.id();
    heap.key({ octets: id });
    heap.builder.primitiveArray(id, BYTE, KEY, 2 ** 31);
    const dump = heap.done();
    expect(valuesIn(dump)).toEqual([[undefined, undefined, undefined]]);
    for (let end = dump.length - 60; end < dump.length; end++) {
      const cut = dump.subarray(0, end);
      for (const { values } of objectsIn(cut, [KEYS]).objects)
        for (const held of values)
          expect(held === undefined || held.value.offset + held.value.length <= end).toBe(true);
    }
  });

  test('of a million objects 65,536 are read, and the others reported', () => {
    const heap = new Heap();
    const octets = heap.array(BYTE, KEY);
    const classId = heap.class('p.Key', ['octets', 'kind', 'group']);
    const before = heap.builder.length;
    const one = new HprofBuilder();
    one.instance(0x4000, classId, Buffer.concat([octets, 0, 0].map(one.id)));
    const start = one.heap();
    const instance = one.done().subarray(start);
    const count = 1_000_000;
    heap.builder.sub(Buffer.alloc(count * instance.length, instance));
    const dump = heap.done();
    expect(before).toBeLessThan(dump.length);
    const { objects, end } = objectsIn(dump, [KEYS]);
    expect(objects).toHaveLength(65_536);
    expect(end.left).toBe(count - 65_536);
  });
});

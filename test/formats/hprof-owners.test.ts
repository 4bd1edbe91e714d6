import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import type { Owned, OwnersEnd, RandomRuns } from '../../src/formats/memory/types.js';
import fc from '../support/property.js';
import { HprofBuilder } from './build-hprof.js';

const VALUE = 'Zk3Qp9Xw7Lm2Vt8Rb5Nc1Yd6Hs4Jf0Ga';

/** Types of fields and arrays. */
const REFERENCE = 2;
const CHAR = 5;
const BYTE = 8;
const INT = 10;

/** The places of the value as the sweep reports them. */
function runsIn(bytes: Buffer): RandomRuns {
  const offsets: number[] = [];
  const lengths: number[] = [];
  for (const [form, back] of [
    [Buffer.from(VALUE), 0],
    [Buffer.from(VALUE, 'utf16le').swap16(), -1],
  ] as const)
    for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + 1)) {
      offsets.push(at - back);
      lengths.push(form.length);
    }
  const order = offsets.map((_, i) => i).sort((a, b) => offsets[a]! - offsets[b]!);
  return {
    offsets: Float64Array.from(order, (i) => offsets[i]!),
    lengths: Uint32Array.from(order, (i) => lengths[i]!),
  };
}

function ownersIn(bytes: Buffer): { found: Owned[]; end: OwnersEnd } {
  const dump = openDump(bufferReader(bytes));
  const found: Owned[] = [];
  // Damaged so that it is no heap dump any more.
  if (dump.owners === undefined) return { found, end: { left: 0, warnings: [] } };
  const search = dump.owners(runsIn(bytes), (name) => /secret|password|token/i.test(name), []);
  for (;;) {
    const { done, value } = search.next();
    if (done) return { found, end: value };
    if (value && 'owner' in value) found.push(value);
  }
}

/** A heap in the making: objects get ascending identifiers, unless `ids` says otherwise. */
class Heap {
  readonly builder: HprofBuilder;
  readonly #classes = new Map<string, number>();
  #next = 0x1000;
  readonly #isDotted: boolean;

  constructor(idSize: 4 | 8 = 8, isDotted = false) {
    this.builder = new HprofBuilder(idSize);
    this.#isDotted = isDotted;
  }

  id(): number {
    this.#next += 8;
    return this.#next;
  }

  /** The class of a name; its fields are references. */
  class(name: string, fields: readonly string[] = [], statics: Record<string, number> = {}): number {
    const known = this.#classes.get(name);
    if (known !== undefined) return known;
    const id = this.id();
    this.#classes.set(name, id);
    const written = this.#isDotted ? name : name.replaceAll('.', '/');
    this.builder.loadClass({ id, name: written });
    const types = Object.fromEntries(fields.map((field) => [field, REFERENCE]));
    const values = Object.entries(statics).map(([field, value]) => [field, { type: REFERENCE, value }]);
    this.builder.classDump({ id, name, fields: types, statics: Object.fromEntries(values) });
    return id;
  }

  instance(className: string, fields: Record<string, number>, id = this.id()): number {
    const classId = this.class(className, Object.keys(fields));
    this.builder.instance(id, classId, Buffer.concat(Object.values(fields).map(this.builder.id)));
    return id;
  }

  bytes(text: string | Buffer, type = BYTE): number {
    const id = this.id();
    this.builder.primitiveArray(id, type, Buffer.from(text as string));
    return id;
  }

  string(text: string): number {
    return this.instance('java.lang.String', { value: this.bytes(text) });
  }

  array(elements: readonly number[]): number {
    const id = this.id();
    this.builder.objectArray(id, this.class('java.lang.Object[]'), elements);
    return id;
  }

  done(): Buffer {
    this.builder.heap();
    this.builder.record(0x2c, Buffer.alloc(0));
    return this.builder.done();
  }
}

type Build = (heap: Heap) => void;

const inField = (heap: Heap, value: number): void => {
  heap.instance('p.Config', { plain: 0, jwtSecret: value });
};

/** A heap, the owner as `kind name of class`, hops. */
const WAYS: Readonly<Record<string, [owner: string, hops: number, build: Build]>> = {
  'a field of a string': ['field jwtSecret p.Config', 1, (heap) => inField(heap, heap.string(VALUE))],
  'a field of an array of bytes': ['field jwtSecret p.Config', 0, (heap) => inField(heap, heap.bytes(VALUE))],
  'a string of Java 8': [
    'field jwtSecret p.Config',
    1,
    (heap) => {
      const chars = heap.bytes(Buffer.from(VALUE, 'utf16le').swap16(), CHAR);
      inField(heap, heap.instance('java.lang.String', { value: chars }));
    },
  ],
  'a builder with room behind its text': [
    'field jwtSecret p.Config',
    1,
    (heap) =>
      inField(
        heap,
        heap.instance('java.lang.AbstractStringBuilder', { value: heap.bytes(`${VALUE}\0\0\0\0`) }),
      ),
  ],
  'a static field': [
    'static PASSWORD p.Static',
    1,
    (heap) => {
      heap.class('p.Static', [], { PASSWORD: heap.string(VALUE) });
    },
  ],
  'an entry of a map': [
    'key db.password java.util.HashMap',
    1,
    (heap) => {
      heap.instance('java.util.HashMap$Node', {
        key: heap.string('db.password'),
        value: heap.string(VALUE),
        next: 0,
      });
    },
  ],
  'an entry whose key is a constant of an enum': [
    'key PASSWORD java.util.HashMap',
    1,
    (heap) => {
      const key = heap.instance('p.Keys', { name: heap.string('PASSWORD') });
      heap.instance('java.util.HashMap$Node', { key, value: heap.string(VALUE) });
    },
  ],
  'a map whose keys are constants of an enum': [
    'key PASSWORD java.util.EnumMap',
    1,
    (heap) => {
      const constants = ['PORT', 'PASSWORD'].map((name) =>
        heap.instance('p.Keys', { name: heap.string(name) }),
      );
      const keyUniverse = heap.array(constants);
      const vals = heap.array([heap.string('5432'), heap.string(VALUE)]);
      heap.instance('java.util.EnumMap', { keyType: 0, keyUniverse, vals });
    },
  ],
  'a pair in an array': [
    'key api_token an array',
    1,
    (heap) => {
      heap.array([heap.string('a'), heap.string('b'), heap.string('api_token'), heap.string(VALUE)]);
    },
  ],
  'an object with a name and a value': [
    'key api_token p.Setting',
    1,
    (heap) => {
      heap.instance('p.Setting', { value: heap.string(VALUE), name: heap.string('api_token') });
    },
  ],
  'a list': [
    'field tokens p.Config',
    3,
    (heap) => {
      const elementData = heap.array([heap.string(VALUE), 0, 0]);
      heap.instance('p.Config', { tokens: heap.instance('java.util.ArrayList', { elementData }) });
    },
  ],
  'one plain and one secret name': [
    'field jwtSecret p.Config',
    1,
    (heap) => {
      const value = heap.string(VALUE);
      heap.instance('p.Other', { text: value });
      inField(heap, value);
    },
  ],
};

const shown = ({ owner: { kind, name, of } }: Owned): string => `${kind} ${name} ${of}`;

function textOf(bytes: Buffer, { value, form }: Owned): string {
  const part = Buffer.from(bytes.subarray(value.offset, value.offset + value.length));
  return form === 'utf16be' ? part.swap16().toString('utf16le') : part.toString('latin1');
}

describe('the owner of a value in a heap of Java', () => {
  for (const [idSize, isDotted] of [
    [8, false],
    [4, false],
    [4, true],
  ] as const)
    for (const [name, [owner, hops, build]] of Object.entries(WAYS))
      test(`${name}, identifiers of ${idSize} bytes${isDotted ? ', as on Android' : ''}`, () => {
        const heap = new Heap(idSize, isDotted);
        build(heap);
        const bytes = heap.done();
        const { found, end } = ownersIn(bytes);
        expect(found.map(shown)).toEqual([owner]);
        expect(found[0]!.hops).toBe(hops);
        expect(textOf(bytes, found[0]!)).toBe(VALUE);
        expect(end).toEqual({ left: 0, warnings: [] });
      });

  test('is none for a plain name, for a key that is a value, and in text that goes on', () => {
    const heap = new Heap();
    heap.instance('p.Config', { etag: heap.string(VALUE) });
    heap.instance('java.util.HashMap$Node', { key: heap.string(VALUE), value: heap.string(VALUE) });
    heap.instance('p.Other', { secret: heap.string(`the token is ${VALUE}, and more`) });
    const keyUniverse = heap.array([heap.instance('p.Keys', { name: heap.string('ETAG') })]);
    heap.instance('java.util.EnumMap', { keyUniverse, vals: heap.array([heap.string(VALUE)]) });
    expect(ownersIn(heap.done()).found).toEqual([]);
  });

  test('holds bytes that are no text, if they look random', () => {
    const heap = new Heap();
    const random = Buffer.from('f3a17c05e8d2906b4ff1b3882ad9c6e4517e0b93aacd24683fb5d71c9e02f68a', 'hex');
    // Without any random-looking text no object is looked at.
    heap.string(VALUE);
    heap.instance('p.Config', { hmacSecret: heap.bytes(random) });
    heap.instance('p.Config2', { hmacSecret: heap.bytes(Buffer.alloc(32, 7)) });
    heap.instance('p.Number', {
      secret: heap.instance('java.math.BigInteger', { mag: heap.bytes(random, INT) }),
    });
    const { found } = ownersIn(heap.done());
    expect(found.map((each) => [shown(each), each.form, each.value.length])).toEqual([
      ['field hmacSecret p.Config', 'bytes', 32],
      ['field secret p.Number', 'bytes', 32],
    ]);
  });

  test('is found where objects are in no order', () => {
    const heap = new Heap();
    const far = heap.string('filler');
    const ids = Array.from({ length: 2000 }, () => heap.id());
    for (let i = 0; i < ids.length; i++)
      heap.instance('p.Filler', { other: far, more: 0 }, ids[(i * 997) % ids.length]!);
    const key = heap.string('db.password');
    heap.builder.heap();
    for (let i = 0; i < 20; i++) heap.bytes('x'.repeat(60_000));
    heap.instance('java.util.HashMap$Node', { key, value: heap.string(VALUE) });
    expect(ownersIn(heap.done()).found.map(shown)).toEqual(['key db.password java.util.HashMap']);
  });

  test('is given up where objects hold each other, and for a key that leads to itself', () => {
    const heap = new Heap();
    const [list, elements, key] = [heap.id(), heap.id(), heap.id()];
    heap.builder.objectArray(elements, heap.class('java.lang.Object[]'), [
      heap.string(VALUE),
      list,
      elements,
    ]);
    heap.instance('java.util.ArrayList', { elementData: elements }, list);
    heap.instance('p.Key', { name: key }, key);
    heap.instance('java.util.HashMap$Node', { key, value: list });
    expect(ownersIn(heap.done()).found).toEqual([]);
  });
});

/** A heap with most kinds of objects. */
function mixed(idSize: 4 | 8): Buffer {
  const heap = new Heap(idSize);
  for (const [, , build] of Object.values(WAYS)) build(heap);
  return heap.done();
}

/** 20,000 passed when this was written. */
const MUTATIONS = 300;

describe('owners in a damaged heap dump', () => {
  const bytes = mixed(8);

  test('are searched for in what is there, wherever it is cut', () => {
    for (let length = 31; length < bytes.length; length += 7) ownersIn(bytes.subarray(0, length));
  });

  test('are searched for with any number changed', () => {
    for (let at = 19; at + 4 <= bytes.length; at += 7)
      for (const value of [0, 0xffffffff, 0x10000]) {
        const changed = Buffer.from(bytes);
        changed.writeUInt32BE(value, at);
        ownersIn(changed);
      }
  });

  test('are searched for with any bytes changed', () => {
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 24 }), (changes) => {
        const changed = Buffer.from(bytes);
        for (const [offset, value] of changes) changed[offset] = value;
        ownersIn(changed);
      }),
      { numRuns: MUTATIONS },
    );
  });

  test('are reported as not searched for behind a damaged object', () => {
    const heap = new Heap();
    inField(heap, heap.string(VALUE));
    const at = heap.builder.sub(Buffer.of(0x99));
    inField(heap, heap.string(VALUE));
    const damaged = heap.done();
    const { found, end } = ownersIn(damaged);
    expect(found.length).toBe(1);
    expect(end.warnings.map(({ code }) => code)).toEqual(['hprof-owners']);
    expect(at).toBeGreaterThan(0);
  });
});

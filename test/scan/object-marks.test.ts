import { expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { finish } from '../../src/core/base/runtime/turns.js';
import { openRulebook } from '../../src/detect/rulebook/rulebook.js';
import { openDump } from '../../src/formats/formats.js';
import type { ObjectQuery } from '../../src/formats/memory/types.js';
import { Ledger } from '../../src/scan/ledger.js';
import { OwnedValues } from '../../src/scan/owned-values.js';
import { mayHaveMark } from '../../src/sweep/marks.js';
import { HprofBuilder } from '../formats/build-hprof.js';
import { collect, withScanner } from './scanner-events.js';

const REFERENCE = 2;
const CHAR = 5;
const LONG = 11;
const PASSWORD = { className: 'javax.crypto.spec.PBEKeySpec', paths: ['password'] };
const PASSWORD_CLASS = 0x7a3c_f528;
const SUBCLASS = 0x7b19_e640;

interface Shape {
  idSize?: 4 | 8;
  /** Class of the one object. */
  objectOf?: number;
  /** The class dump of the subclass is missing. */
  lacksDump?: boolean;
}

/** A megabyte of longs with the class of a password, a subclass, and perhaps an object of one. */
function heap({ idSize = 8, objectOf, lacksDump = false }: Shape = {}): Buffer {
  const builder = new HprofBuilder(idSize);
  const classes = [
    { id: PASSWORD_CLASS, name: PASSWORD.className, fields: { password: REFERENCE } },
    { id: SUBCLASS, name: 'com.acme.Spec', superclass: PASSWORD_CLASS },
  ];
  for (const shape of classes) {
    builder.loadClass({ ...shape, name: shape.name.replaceAll('.', '/') });
    if (shape.id !== SUBCLASS || !lacksDump) builder.classDump(shape);
  }
  const longs = Buffer.alloc(64 * 1024);
  for (let at = 0; at < longs.length; at += 8) longs.writeUInt32BE(at, at + 4);
  for (let i = 0; i < 16; i++) {
    builder.primitiveArray(0x6000_0000 + 0x10_0000 * i, LONG, longs);
    if (objectOf === undefined || i !== 8) continue;
    builder.instance(0x6f00_0000, objectOf, builder.id(0x6f00_0010));
    builder.primitiveArray(0x6f00_0010, CHAR, Buffer.from('correct horse', 'utf16le').swap16());
  }
  builder.heap();
  return Buffer.from(builder.done());
}

const marksOf = (bytes: Buffer, queries: readonly ObjectQuery[] = [PASSWORD]) =>
  finish(openDump(bufferReader(bytes)).objectMarks!(queries));

test.each([4, 8] as const)('marks are where objects are, identifiers of %d bytes', (idSize) => {
  for (const objectOf of [undefined, PASSWORD_CLASS, SUBCLASS]) {
    const bytes = heap({ idSize, ...(objectOf ? { objectOf } : {}) });
    const marks = marksOf(bytes);
    expect(marks).toHaveLength(2);
    expect(mayHaveMark(bytes, marks!)).toBe(objectOf !== undefined);
  }
});

test('there are none without the class, without all class dumps, and where its bytes are frequent', () => {
  expect(marksOf(heap(), [{ className: 'p.Other', paths: ['a'] }])).toBe(undefined);
  expect(marksOf(heap({ lacksDump: true }))).toBe(undefined);
  const builder = new HprofBuilder();
  builder.loadClass({ id: 8, name: PASSWORD.className.replaceAll('.', '/') });
  builder.classDump({ id: 8, name: PASSWORD.className });
  builder.heap();
  expect(marksOf(Buffer.from(builder.done()))).toBe(undefined);
});

test.each([undefined, PASSWORD_CLASS, SUBCLASS])(
  'a scan finds the password of an object of class %s',
  async (of) => {
    const bytes = heap(of === undefined ? {} : { objectOf: of });
    const rules: string[] = [];
    const events = await withScanner({}, (scanner) => collect(scanner.scan({ name: 'heap.hprof', bytes })));
    for (const event of events) if (event.type === 'finding') rules.push(event.ruleId);
    expect(rules).toEqual(of === undefined ? [] : ['password-object']);
  },
);

const book = await openRulebook({});

/** How many queries a format is asked after these batches of an artifact of 100 bytes. */
async function queriesAfter(batches: Parameters<OwnedValues['take']>[0][]): Promise<number> {
  let asked = -1;
  const dump = {
    *owners(_runs: unknown, _mayName: unknown, queries: readonly ObjectQuery[]) {
      asked = queries.length;
      yield undefined;
      return { left: 0, warnings: [] };
    },
  };
  const memory = { dump, length: 100 } as never;
  const values = new OwnedValues(memory, { book, effort: 'normal', pool: {} } as never);
  for (const batch of batches) values.take(batch);
  await values.finish(new Ledger(memory), () => {});
  return asked;
}

test('objects are asked for unless all bytes were swept and have no mark', async () => {
  const first = { from: 0, to: 60, marked: false };
  expect(await queriesAfter([first, { from: 60, to: 100, marked: false }])).toBe(0);
  for (const batches of [
    [],
    [first],
    [first, { from: 60, to: 100, marked: true }],
    [first, { from: 60, to: 100 }],
    [first, { from: 61, to: 100, marked: false }],
    [
      { ...first, marked: true },
      { from: 60, to: 100, marked: false },
    ],
  ])
    expect(await queriesAfter(batches)).toBeGreaterThan(10);
});

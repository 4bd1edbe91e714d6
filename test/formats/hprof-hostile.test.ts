import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { finish } from '../../src/core/base/runtime/turns.js';
import { openDump } from '../../src/formats/formats.js';
import { Classes } from '../../src/formats/hprof/records/classes.js';
import { HprofFile, readHeader } from '../../src/formats/hprof/records/file.js';
import type { Dump } from '../../src/formats/memory/types.js';
import fc from '../support/property.js';
import { HprofBuilder } from './build-hprof.js';
import { explore } from './explore.js';

/** Looks up the regions of many offsets, then completes their names. */
function examine(bytes: Uint8Array): Dump {
  const dump = explore(bytes);
  if (dump.completeNames) finish(dump.completeNames());
  return dump;
}

function sound(): Buffer {
  const b = new HprofBuilder();
  b.loadClass({ id: 0x100, name: 'java/lang/String' });
  b.loadClass({ id: 0x108, name: 'p/Child' });
  for (const name of ['value', 'key', 'KEY']) b.name(name);
  b.classDump({ id: 0x100, name: '', fields: { value: 2 } });
  b.classDump({
    id: 0x108,
    name: '',
    superclass: 0x100,
    fields: { key: 2 },
    statics: { KEY: { type: 2, value: 0x208 } },
  });
  b.primitiveArray(0x200, 8, Buffer.alloc(24, 1));
  b.heap();
  b.instance(0x210, 0x108, Buffer.concat([b.id(0x200), b.id(0x208)]));
  b.objectArray(0x218, 0x100, [0x200, 0x208]);
  b.primitiveArray(0x208, 5, Buffer.alloc(24, 1));
  b.sub(b.u1(5), b.id(0x100));
  b.heap();
  b.record(0x2c, Buffer.alloc(0));
  return b.done();
}

test('nothing is kept of a class that only instances name', () => {
  const bytes = sound();
  const classes = new Classes(new HprofFile(bufferReader(bytes), readHeader(bytes)!));
  expect(classes.layout(0x108).size).toBe(0);
  const id = Buffer.alloc(readHeader(bytes)!.idSize);
  id[id.length - 2] = 1;
  id[id.length - 1] = 8;
  classes.add(bytes.indexOf(Buffer.concat([Buffer.of(0x20), id])));
  expect(classes.layout(0x108).size).toBe(id.length);
});

describe('a damaged heap dump', () => {
  test('with any number changed is still swept', () => {
    const bytes = sound();
    for (let at = 19; at + 4 <= bytes.length; at++) {
      for (const value of [0, 0xffffffff, 0x7fffffff]) {
        const changed = Buffer.from(bytes);
        changed.writeUInt32BE(value, at);
        examine(changed);
      }
    }
  });

  test('with any bytes changed is still swept', () => {
    const bytes = sound();
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 24 }), (changes) => {
        const changed = Buffer.from(bytes);
        for (const [offset, value] of changes) changed[offset] = value;
        examine(changed);
      }),
      { numRuns: 500 },
    );
  });

  test('cut inside a record says so, wherever that is', () => {
    const bytes = sound();
    const ends = new Set<number>();
    for (let at = 31; at <= bytes.length; at += at === bytes.length ? 1 : 9 + bytes.readUInt32BE(at + 5))
      ends.add(at);
    for (let length = 0; length < bytes.length; length++) {
      const { warnings, format } = examine(bytes.subarray(0, length));
      if (length < 19) continue;
      expect(format).toBe('hprof');
      const codes = warnings.map(({ code }) => code);
      if (length < 31) expect(codes).toEqual(['format-not-parsed']);
      else expect(codes).toEqual(ends.has(length) ? [] : ['hprof-truncated']);
    }
  });

  test('tells where its sub-records cannot be followed', () => {
    const b = new HprofBuilder();
    const good = b.primitiveArray(1, 8, Buffer.alloc(16));
    const bad = b.sub(b.u1(0x77), Buffer.alloc(40));
    const body = b.heap();
    b.record(0x2c, Buffer.alloc(0));
    const dump = openDump(bufferReader(b.done()));
    expect(dump.locate(body + good + 20).region).toMatchObject({ kind: 'object' });
    expect(dump.locate(body + bad + 20)).toEqual({ region: { kind: 'unknown' } });
    expect(dump.locate(body + bad + 41)).toEqual({ region: { kind: 'note', name: 'HPROF_HEAP_DUMP_END' } });
    expect(finish(dump.completeNames!())).toMatchObject([{ code: 'hprof-damaged', offset: body + bad }]);
  });
});

describe('a hostile heap dump', () => {
  test('with classes that inherit from themselves and from each other ends', () => {
    const b = new HprofBuilder();
    for (const id of [0x100, 0x108, 0x110]) b.loadClass({ id, name: `C${id}` });
    b.name('f');
    b.classDump({ id: 0x100, name: '', superclass: 0x100, fields: { f: 2 } });
    b.classDump({ id: 0x108, name: '', superclass: 0x110, fields: { f: 2 } });
    b.classDump({ id: 0x110, name: '', superclass: 0x108 });
    const data = Buffer.concat([b.id(1), b.id(2), b.id(3)]);
    const at = [0x100, 0x108, 0x110].map((id) => b.instance(0x200, id, data) + 30);
    const arrays = [1, 2, 3].map((id) => b.primitiveArray(id, 8, Buffer.alloc(8)) + 18);
    const body = b.heap();
    const dump = openDump(bufferReader(b.done()));
    const regions = [...at, ...arrays].map((offset) => dump.locate(body + offset).region);
    if (dump.completeNames) finish(dump.completeNames());
    expect(regions.map(({ name }) => name)).toEqual([
      'C256.f',
      'C264.f',
      'C272.f',
      'C256.f',
      'C256.f',
      'C256.f',
    ]);
  });

  test('of a million tiny records, and of chains of classes, costs what its length allows', () => {
    const b = new HprofBuilder();
    const chain = 2000;
    for (let i = 1; i <= chain; i++)
      b.classDump({ id: 8 * i, name: '', superclass: 8 * (i - 1), fields: { f: 2, g: 2 } });
    for (let i = 1; i <= chain; i++) b.instance(0x100000 + 8 * i, 8 * i, Buffer.alloc(64, 0xff));
    b.primitiveArray(1, 8, Buffer.alloc(8));
    b.heap();
    const tiny = Buffer.alloc(9 * 1_000_000);
    for (let at = 0; at < tiny.length; at += 9) tiny[at] = at % 2 ? 0x1c : 0x2c;
    const bytes = Buffer.concat([b.done(), tiny]);
    const before = process.memoryUsage().rss;
    const dump = examine(bytes);
    expect(dump.locate(bytes.length - 1)).toEqual({ region: { kind: 'note', name: expect.any(String) } });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });
});

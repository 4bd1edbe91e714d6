import { expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { walkObjects } from '../../src/formats/hprof/owners/walk-objects.js';
import { HprofFile, readHeader } from '../../src/formats/hprof/records/file.js';
import { TAG } from '../../src/formats/hprof/records/records.js';
import { Checkpoints, walk } from '../../src/formats/hprof/records/walk.js';
import fc from '../support/property.js';
import { HprofBuilder } from './build-hprof.js';

const HEADER = 31;

/** Records of a walk, names apart, what it says is lost, and its marks; `passes`: names are passed over. */
function walked(bytes: Buffer, passes: boolean): unknown {
  const file = new HprofFile(bufferReader(bytes), readHeader(bytes)!);
  const marks = new Checkpoints(file.header.length, file.length);
  const others: unknown[] = [];
  let names = 0;
  walk(file, marks, marks.before(0), file.length, {
    ...(passes ? { skipTag: TAG.UTF8 } : {}),
    skipped: (count) => {
      names += count;
      return false;
    },
    record(record) {
      if (record.tag === TAG.UTF8 && record.end <= file.length) names++;
      else others.push({ ...record });
      return false;
    },
    damaged: (offset) => others.push(offset),
  });
  const met = Array.from({ length: 64 }, (_, i) => marks.before((i * bytes.length) / 64));
  return { others, names, met };
}

/** Names short, empty, and longer than what is read at a time; records between them. */
const pieces = fc.array(
  fc.record({
    tag: fc.constantFrom(TAG.UTF8, TAG.UTF8, TAG.UTF8, TAG.LOAD_CLASS, TAG.HEAP_DUMP_SEGMENT, 5),
    size: fc.oneof(fc.constantFrom(0, 8, 300_000), fc.integer({ min: 0, max: 90 })),
    times: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 3_000 })),
  }),
  { maxLength: 8 },
);
const damage = fc.record({ at: fc.nat(), length: fc.constantFrom(0, 1, 0x7fff_ffff, 0xffff_ffff) });

test('names that are passed over are those that a walk would have met one by one', () => {
  fc.assert(
    fc.property(pieces, fc.nat(), fc.option(damage), (all, cut, harm) => {
      const builder = new HprofBuilder();
      const bodies: number[] = [];
      for (const { tag, size, times } of all)
        for (let i = 0; i < Math.min(times, 1 + 400_000 / (size + 9)); i++)
          bodies.push(builder.record(tag, Buffer.alloc(size)));
      const whole = Buffer.from(builder.done());
      if (harm && bodies.length > 0) whole.writeUInt32BE(harm.length, bodies[harm.at % bodies.length]! - 4);
      const records = whole.length - HEADER;
      const bytes = whole.subarray(0, whole.length - (cut % 3 === 0 ? cut % (records + 1) : 0));
      expect(walked(bytes, true)).toEqual(walked(bytes, false));
    }),
    { numRuns: 60 },
  );
});

test('a walk over objects pauses between records that its buffer has room for', () => {
  const builder = new HprofBuilder();
  const segments = 6;
  for (let id = 1; id <= segments; id++) {
    builder.primitiveArray(id, 8, Buffer.alloc(2 ** 20 - 1024));
    builder.heap();
  }
  const bytes = builder.done();
  const file = new HprofFile(bufferReader(bytes), readHeader(bytes)!);
  const start = { offset: file.header.length, heapEnd: 0 };
  const pauses = [...walkObjects(file, start, bytes.length, {})];
  expect(pauses.length).toBeGreaterThanOrEqual(segments / 2);
});

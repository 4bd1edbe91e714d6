import { expect, test } from '@jest/globals';
import { readAhead } from '../../../src/core/base/bytes/parts.js';
import { type ByteReader, bufferReader } from '../../../src/core/base/bytes/storage.js';
import { sample } from '../../source/collect.js';
import fc from '../../support/property.js';

const LENGTH = 60_000;
const bytes = sample(LENGTH);

/** Fails for reads that reach a bad byte. */
const failingAt = (bad: number): ByteReader => ({
  length: LENGTH,
  read(offset, target) {
    if (offset <= bad && offset + target.length > bad) throw new Error('EIO');
    return bufferReader(bytes).read(offset, target);
  },
});

const outcome = (reader: ByteReader, offset: number, length: number): Buffer | string => {
  const target = Buffer.alloc(length);
  try {
    return target.subarray(0, reader.read(offset, target));
  } catch (error) {
    return (error as Error).message;
  }
};

test('property: reads ahead give the bytes and errors of reads without', () => {
  const read = fc.record({
    offset: fc.oneof(fc.nat(LENGTH + 100), fc.nat(2000)),
    length: fc.oneof(fc.nat(600), fc.nat(20_000)),
  });
  fc.assert(
    fc.property(fc.array(read, { minLength: 1, maxLength: 30 }), fc.nat(LENGTH), (reads, bad) => {
      const plain = failingAt(bad);
      const ahead = readAhead(plain);
      for (const { offset, length } of reads)
        expect(outcome(ahead, offset, length)).toEqual(outcome(plain, offset, length));
    }),
    { numRuns: 200 },
  );
});

test('headers that follow one another are read at once', () => {
  let reads = 0;
  const plain = bufferReader(bytes);
  const counting: ByteReader = {
    length: LENGTH,
    read(offset, target) {
      reads++;
      return plain.read(offset, target);
    },
  };
  const ahead = readAhead(counting);
  for (let at = 0; at + 512 <= LENGTH; at += 512) ahead.read(at, Buffer.alloc(512));
  expect(reads).toBe(Math.ceil(LENGTH / (16 * 1024)));
});

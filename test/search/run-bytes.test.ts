import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { RunBytes } from '../../src/search/core/run-bytes.js';
import fc from '../support/property.js';

const FILE = randomBytes(40_000);

describe('numbers read one by one', () => {
  test('are those of the file, in any order, and copies', () => {
    const kernel = new NumberKernel();
    const places = fc.array(
      fc.tuple(
        fc.oneof(fc.nat(FILE.length + 100), fc.integer({ min: FILE.length - 300, max: FILE.length })),
        fc.oneof(fc.nat(600), fc.integer({ min: 4_000, max: 9_000 })),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(places, (all) => {
        const bytes = new RunBytes(bufferReader(FILE), kernel);
        for (const [offset, length] of all) {
          const read = bytes.read(offset, length);
          expect(read.equals(FILE.subarray(offset, offset + length))).toBe(true);
          read.reverse();
        }
      }),
      { numRuns: 60 },
    );
  });

  test('are few reads if they are close together, and never of bytes that need decoding', () => {
    const asked: number[] = [];
    const plain = bufferReader(FILE);
    const counting = {
      ...plain,
      length: plain.length,
      read(offset: number, target: Uint8Array) {
        asked.push(target.length);
        return plain.read(offset, target);
      },
    };
    const close = new RunBytes(counting, new NumberKernel());
    for (let offset = 0; offset < 4_000; offset += 200) close.read(offset, 64);
    expect(asked).toHaveLength(1);
    asked.length = 0;
    const far = new RunBytes({ ...counting, near: () => 100 }, new NumberKernel());
    for (let offset = 0; offset < 1_000; offset += 200) far.read(offset, 64);
    expect(asked).toEqual([100, 100, 100, 100, 100]);
  });
});

import { expect, test } from '@jest/globals';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { repeatedByte } from '../../../src/redact/all/repeated-byte.js';
import fc from '../../support/property.js';

/** Longer than what is compared at once. */
const LENGTH = 40_000;

test('the byte of which a range is a repetition', () =>
  fc.assert(
    fc.property(fc.nat(LENGTH), fc.nat(LENGTH), fc.nat(LENGTH), (middle, offset, length) => {
      const bytes = Buffer.alloc(LENGTH, 7).fill(9, middle);
      const part = bytes.subarray(offset, offset + length);
      const isRun = part.length === length && length > 0 && part.every((byte) => byte === part[0]);
      expect(repeatedByte(bufferReader(bytes), { offset, length })).toBe(isRun ? part[0] : undefined);
    }),
  ));

import { expect, test } from '@jest/globals';
import { Xxh64 } from '../../../src/source/containers/zstd/xxh64.js';
import fc from '../../support/property.js';
import { program, sample } from '../collect.js';

function hash(...parts: Uint8Array[]): string {
  const sum = new Xxh64();
  for (const part of parts) sum.update(part);
  return sum.digest().toString(16).padStart(16, '0');
}

/** Seed 0: first entry of the xxHash repository's sanity checks. */
test('the hash of no bytes', () => {
  expect(hash()).toBe('ef46db3751d8e999');
});

/** zstd stores the low four bytes of XXH64 at the end of a frame (RFC 8878, section 3.1.1). */
test('the hash stored by zstd, for every length of a tail', () => {
  for (let length = 0; length < 80; length++) {
    const bytes = sample(length, length + 1);
    const frame = program('zstd', ['-qc', '--check'], bytes);
    const stored = frame
      .readUInt32LE(frame.length - 4)
      .toString(16)
      .padStart(8, '0');
    expect(hash(bytes).slice(8)).toBe(stored);
  }
});

test('property: the same hash for any pieces', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (parts) => {
      expect(hash(...parts)).toBe(hash(Buffer.concat(parts)));
    }),
  );
});

import { deflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { readText, releaseScratch } from '../../../src/core/encodings/reading.js';
import { readStreams } from '../../../src/core/encodings/text-forms.js';

/** Number of bytes decoded in a text, and whether its rest was left out. */
function decoded(text: string): { bytes: number; isCut: boolean } {
  const all = { bytes: 0, isCut: false };
  for (const { bytes, isCut = false } of readStreams(readText(text))) {
    all.bytes += bytes.length;
    all.isCut ||= isCut;
  }
  releaseScratch();
  return all;
}

/** Headers of streams that are stored, each as far as the end of all: RFC 1950, and 1951, section 3.2.4. */
function sharing(count: number, tail: Buffer): Buffer {
  const headers = Array.from({ length: count }, (_, index) => {
    const length = 9 * (count - index - 1);
    const header = Buffer.from([0x78, 0x9c, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt16LE(length + 2, 3);
    header.writeUInt16LE((length + 2) ^ 0xffff, 5);
    return header;
  });
  return Buffer.concat([...headers, tail]);
}

describe('streams of a text', () => {
  test.each(['base64', 'hex'] as const)('are read within one budget, in %s', (form) => {
    const text = sharing(2_000, deflateSync(Buffer.alloc(2 ** 18)).subarray(2)).toString(form);
    const { bytes, isCut } = decoded(text);
    expect(isCut).toBe(true);
    // All 2,000 would be half a gigabyte.
    expect(bytes).toBeLessThan(2 ** 18 * 64);
    expect(bytes).toBeGreaterThan(2 ** 18);
  });

  test('are all read where each has bytes of its own', () => {
    const streams = Array.from({ length: 200 }, (_, index) =>
      deflateSync(Buffer.from(`${index} of some streams, ${index}`)).toString('base64'),
    );
    const { bytes, isCut } = decoded(streams.join(' '));
    expect(isCut).toBe(false);
    expect(bytes).toBeGreaterThan(200 * 20);
  });
});

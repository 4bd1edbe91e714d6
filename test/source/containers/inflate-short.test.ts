import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { inflateShort } from '../../../src/source/containers/deflate/inflated.js';
import fc from '../../support/property.js';
import { sample } from '../collect.js';

/** The documented interface, with a decoder of its own. */
function expected(bytes: Uint8Array, most: number): Buffer | undefined {
  try {
    return inflateRawSync(bytes, { maxOutputLength: Math.max(1, most) });
  } catch {
    return undefined;
  }
}

const contents = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.integer({ min: 0, max: 5000 }).map((length) => sample(length)),
  fc.integer({ min: 0, max: 5000 }).map((length) => new Uint8Array(length)),
);

describe('short DEFLATE data', () => {
  test('property: one decoder for all gives what a new one gives, after damage too', () => {
    fc.assert(
      fc.property(
        contents,
        fc.uint8Array({ maxLength: 5 }),
        fc.option(fc.record({ at: fc.nat(200), value: fc.nat(255) })),
        fc.integer({ min: 1, max: 6000 }),
        (content, behind, damage, most) => {
          const data = deflateRawSync(content);
          const bytes = Buffer.concat([data, behind]);
          if (damage && damage.at < data.length) bytes[damage.at] = damage.value;
          const inflated = inflateShort(bytes, most);
          const known = expected(bytes, most);
          expect(inflated && Buffer.from(inflated.content)).toEqual(known);
          if (inflated && damage === null) expect(inflated.consumed).toBe(data.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([0, 1, 100, 4999])('cut after %d bytes of content is not decoded', (most) => {
    const data = deflateRawSync(sample(5000));
    expect(inflateShort(data, most)).toBeUndefined();
    expect(inflateShort(data.subarray(0, data.length - 1), 5000)).toBeUndefined();
    expect(Buffer.from(inflateShort(data, 5000)!.content)).toEqual(sample(5000));
  });
});

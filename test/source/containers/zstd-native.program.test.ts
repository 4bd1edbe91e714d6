import { describe, expect, test } from '@jest/globals';
import type { OutputBuffer } from '../../../src/source/containers/decoding/decoder.js';
import { nativeDecoder } from '../../../src/source/containers/zstd/zstd-frame.js';
import { decode, describeZstd, plain, zstd } from './zstd-decoders.js';

/** The decoder of Node itself. CI runs this file on the later versions of Node, too. */

const native = nativeDecoder();

/** New memory for each part of the content. */
const buffer: OutputBuffer = { reserve: () => new Uint8Array(70_000), commit: () => {} };

test('is there from Node 22.15 and 23.8 on', () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isThere = major > 23 || (major === 23 && minor >= 8) || (major === 22 && minor >= 15);
  expect(native !== undefined).toBe(isThere);
});

if (native) {
  describeZstd('native', native);
  describeZstd('native, into an output buffer', (window) => native(window, buffer));

  describe('an output buffer', () => {
    test('has the content', async () => {
      let filled = 0;
      const counted: OutputBuffer = {
        ...buffer,
        commit(count) {
          filled += count;
        },
      };
      const read = await decode(zstd(plain), (window) => native(window, counted));
      expect(read.bytes.equals(plain)).toBe(true);
      expect(filled).toBe(plain.length);
    });
  });
}

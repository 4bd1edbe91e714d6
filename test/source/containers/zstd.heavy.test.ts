import { expect, test } from '@jest/globals';
import { fallbackWithin, zstdFallback } from '../../../src/source/containers/zstd/zstd-frame.js';
import { decode, describeZstd } from './zstd-decoders.js';

describeZstd('fzstd', zstdFallback);

test('very many tiny blocks are stopped, since fzstd moves its window for each block', async () => {
  // Window of 128 MiB (exponent 27 - 10), then RLE blocks of one byte each.
  const block = Buffer.from([(1 << 3) | (1 << 1), 0, 0, 0x41]);
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 17 << 3]);
  const read = await decode(Buffer.concat([head, ...Array<Buffer>(1000).fill(block)]), zstdFallback);
  expect(read.report.warnings).toMatchObject([{ code: 'zstd-too-slow' }]);
  expect(read.report.unread).toMatchObject([{ length: null }]);
});

/**
 * A frame (RFC 8878, section 3.1.1) of 16 raw bytes and one block whose sequences copy 131,074 bytes each,
 * far more than a block may have.
 */
function overlong(sequences: number): Buffer {
  const block = (type: number, last: number, bytes: Uint8Array): Buffer => {
    const head = Buffer.alloc(3);
    head.writeUIntLE((bytes.length << 3) | (type << 1) | last, 0, 3);
    return Buffer.concat([head, bytes]);
  };
  // One raw literal; RLE modes for literal lengths (code 0), offsets (code 2) and match lengths (code 52):
  // only extra bits follow.
  const front = [1 << 3, 0x61, 128 + (sequences >> 8), sequences & 0xff, 0x54, 0, 2, 52];
  const extra = Buffer.alloc(Math.ceil((sequences * (2 + 16)) / 8), 0xff);
  const compressed = Buffer.concat([Buffer.from(front), extra, Buffer.from([1])]);
  // No single segment, no checksum; a window of 128 KiB.
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3]);
  return Buffer.concat([header, block(0, 0, Buffer.alloc(16, 0x62)), block(2, 1, compressed)]);
}

test('a block that copies without end is stopped after its processor time', async () => {
  // It takes seconds; the block before it takes microseconds, or milliseconds if it is the first one decoded.
  const { report } = await decode(overlong(4000), fallbackWithin(250_000));
  expect(report.warnings).toMatchObject([{ code: 'zstd-too-slow' }]);
  expect(report.unread).toMatchObject([{ offset: 16, length: null }]);
});

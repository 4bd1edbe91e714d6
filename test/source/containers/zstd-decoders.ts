import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { DecodeReport } from '../../../src/source/containers/decoding/decoder.js';
import { unzstd } from '../../../src/source/containers/zstd/zstd.js';
import type { zstdFallback } from '../../../src/source/containers/zstd/zstd-frame.js';
import { program, sample, scratch } from '../collect.js';
import { decode as decodeWith } from './decode.js';

/** What each decoder of zstd must do with the output of the real tool, whole, cut and damaged. */

export const zstd = (bytes: Uint8Array, ...args: string[]): Buffer =>
  program('zstd', ['-qc', ...args], bytes);

export async function decode(
  bytes: Uint8Array,
  decoder: typeof zstdFallback,
): Promise<{ bytes: Buffer; report: DecodeReport }> {
  return decodeWith((input, report) => unzstd(input, report, undefined, decoder), bytes);
}

function skippable(payload: Uint8Array, nibble = 0): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50 + nibble, 0);
  head.writeUInt32LE(payload.length, 4);
  return Buffer.concat([head, payload]);
}

export const plain = sample(300_000);

/**
 * Overwrites the last block of the only frame (RFC 8878, 3.1.1), which has a descriptor and a window,
 * but no size and no checksum.
 */
function lastBlockDamaged(packed: Buffer): Buffer {
  const damaged = Buffer.from(packed);
  for (let at = 6; ; ) {
    const word = damaged.readUIntLE(at, 3);
    const end = at + 3 + (word >> 3);
    if (word & 1) return damaged.fill(0xff, at + 3, end);
    at = end;
  }
}

export const describeZstd = (name: string, decoder: typeof zstdFallback): void =>
  describe(`zstd by ${name}`, () => {
    const files = scratch();
    afterAll(() => files.remove());

    const codes = ({ report }: { report: DecodeReport }): string[] => report.warnings.map(({ code }) => code);

    test.each([
      ['-1'],
      ['-3'],
      ['-19'],
      ['--fast=5'],
      ['--no-check'],
      ['-3', '--long=27'],
      ['-1', '-T2', '-B131072'],
    ])('output of zstd %s %s', async (...args) => {
      const read = await decode(zstd(plain, ...args.filter(Boolean)), decoder);
      expect(read.bytes.equals(plain)).toBe(true);
      expect([read.report.unread, read.report.warnings]).toEqual([[], []]);
    });

    test.each([0, 1, 5, 17, 127, 128 * 1024, 128 * 1024 + 1])('%d bytes', async (length) => {
      for (const bytes of [plain.subarray(0, length), Buffer.alloc(length)]) {
        const read = await decode(zstd(bytes), decoder);
        expect(read.bytes.equals(bytes)).toBe(true);
        expect(read.report.warnings).toEqual([]);
      }
    });

    test('a frame with and without its content size', async () => {
      const named = files.write('known', plain);
      for (const whole of [program('zstd', ['-qc', named], Buffer.alloc(0)), zstd(plain)]) {
        expect((await decode(whole, decoder)).bytes.equals(plain)).toBe(true);
      }
    });

    test('several frames with skippable frames before, between and after', async () => {
      const whole = Buffer.concat([
        skippable(Buffer.from('head')),
        zstd(plain.subarray(0, 1000)),
        skippable(Buffer.alloc(0), 7),
        skippable(Buffer.alloc(2_000_000), 15),
        zstd(plain.subarray(1000)),
        skippable(Buffer.from('tail')),
      ]);
      const read = await decode(whole, decoder);
      expect(read.bytes.equals(plain)).toBe(true);
      expect(read.report.warnings).toEqual([]);
    });

    test('cut anywhere: a prefix is decoded, the rest is unread to an unknown end', async () => {
      const whole = zstd(plain);
      for (const cut of [5, 9, 11, 100, 140_000, whole.length >> 1, whole.length - 5, whole.length - 1]) {
        const read = await decode(whole.subarray(0, cut), decoder);
        expect(read.bytes.equals(plain.subarray(0, read.bytes.length))).toBe(true);
        expect(read.report.unread).toMatchObject([{ offset: read.bytes.length, length: null }]);
        expect(codes(read)).toEqual(['container-truncated']);
      }
      expect((await decode(whole.subarray(0, whole.length - 1), decoder)).bytes.length).toBe(plain.length);
    });

    test('many batches, whole and cut: content before the cut is right', async () => {
      const long = Buffer.concat([plain, randomBytes(4_400_000), Buffer.alloc(1_000_000), plain]);
      const whole = zstd(long, '-1', '--no-check');
      const read = await decode(whole, decoder);
      expect(read.bytes.equals(long)).toBe(true);
      expect(read.report.warnings).toEqual([]);
      // At reads of the input, and at the end: only the cut block is lost.
      for (const at of [2 ** 21, 2 ** 22 - 70_000, 2 ** 22 + 1, whole.length - 3]) {
        const cut = await decode(whole.subarray(0, at), decoder);
        expect(codes(cut)).toEqual(['container-truncated']);
        expect(cut.bytes.equals(long.subarray(0, cut.bytes.length))).toBe(true);
        expect(cut.bytes.length).toBeGreaterThan(Math.min(at, long.length - 128 * 1024) - 160 * 1024);
      }
    });

    test('a skippable frame that is cut', async () => {
      const read = await decode(Buffer.concat([zstd(plain), skippable(plain).subarray(0, 1000)]), decoder);
      expect(read.bytes.length).toBe(plain.length);
      expect(codes(read)).toEqual(['container-truncated']);
    });

    test('a checksum that does not match', async () => {
      const bad = zstd(Buffer.from('second'));
      bad[bad.length - 1] = (bad[bad.length - 1] ?? 0) ^ 0x80;
      const whole = Buffer.concat([zstd(Buffer.from('first ')), bad, zstd(Buffer.from(' third'))]);
      const read = await decode(whole, decoder);
      expect(read.bytes.toString()).toBe('first second third');
      expect(read.report.unread).toMatchObject([{ offset: 6, length: 6 }]);
      expect(codes(read)).toEqual(['container-checksum']);
    });

    test('zeros after the last frame are padding, anything else is reported', async () => {
      const frame = zstd(plain);
      const padded = await decode(Buffer.concat([frame, Buffer.alloc(5000)]), decoder);
      expect(padded.report.warnings).toEqual([]);
      for (const tail of ['xyz', '(\xb5\x2f\xfe']) {
        const read = await decode(Buffer.concat([frame, Buffer.from(tail, 'latin1')]), decoder);
        expect(read.bytes.length).toBe(plain.length);
        expect(codes(read)).toEqual(['container-trailing-data']);
      }
    });

    test('the dictionary that a frame needs is reported', async () => {
      const words = Array.from({ length: 100 }, (_, i) =>
        files.write(`train/${i}`, sample(300, (i % 7) + 1)),
      );
      const dictionary = `${files.folder}/dictionary`;
      program('zstd', ['-q', '--train', ...words, '--dictID=4711', '-o', dictionary], Buffer.alloc(0));
      const read = await decode(zstd(plain.subarray(0, 1000), '-D', dictionary), decoder);
      expect(read.report.warnings).toMatchObject([
        { code: 'zstd-dictionary', message: expect.stringContaining('4711') },
      ]);
      expect(read.report.unread).toMatchObject([{ offset: 0, length: null }]);
    });

    test('a window above the limit is rejected before memory is allocated', async () => {
      // Window descriptor (RFC 8878, section 3.1.1.1.2): exponent
      // 31 - 10, mantissa 0. A raw last block of one byte.
      const read = await decode(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 9, 0, 0, 0x41]), decoder);
      expect(codes(read)).toEqual(['zstd-window']);
    });

    test('damage anywhere never throws, and is reported', async () => {
      const whole = zstd(plain.subarray(0, 40_000));
      for (let i = 0; i < 60; i++) {
        const bad = Buffer.from(whole);
        const at = Math.floor((i * whole.length) / 60);
        bad[at] = (bad[at] ?? 0) ^ (1 << (i % 8));
        const read = await decode(bad, decoder);
        // A flipped bit in a reserved or unused field may leave the content whole.
        if (!read.bytes.equals(plain.subarray(0, 40_000)))
          expect(read.report.unread.length).toBeGreaterThan(0);
      }
    });

    test('yields every block before the damage', async () => {
      const text = Buffer.concat(Array.from({ length: 40 }, (_, i) => sample(10_000, i + 1)));
      const packed = zstd(text, '--no-check');
      expect(packed[4]).toBe(0);
      const read = await decode(lastBlockDamaged(packed), decoder);
      expect(read.bytes.length).toBe(3 * 128 * 1024);
      expect(read.bytes.equals(text.subarray(0, read.bytes.length))).toBe(true);
      expect(read.report.warnings).toMatchObject([{ code: 'container-corrupt' }]);
      expect(read.report.unread).toMatchObject([{ offset: read.bytes.length, length: null }]);
    });
  });

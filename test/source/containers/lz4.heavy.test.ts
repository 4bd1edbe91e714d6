import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { unlz4 } from '../../../src/source/containers/lz4/lz4.js';
import fc from '../../support/property.js';
import { program, sample } from '../collect.js';
import { codes, decode, expectCuts, expectHonest, expectMutations, expectWhole, range } from './decode.js';

const lz4 = (bytes: Uint8Array, ...args: string[]): Buffer => program('lz4', ['-qc', ...args], bytes);
const plain = sample(300_000);
/** Longer than a block of the smallest size, and than the history. */
const long = Buffer.concat([plain, Buffer.alloc(200_000, 'abcdefg'), Buffer.alloc(200_000), plain]);

function skippable(length: number, nibble = 0): Buffer {
  const frame = Buffer.alloc(8 + length, 0x5a);
  frame.writeUInt32LE(0x184d2a50 + nibble, 0);
  frame.writeUInt32LE(length, 4);
  return frame;
}

describe('lz4', () => {
  test.each([
    ['-1'],
    ['-9'],
    ['-12', '-BD'],
    ['-B4'],
    ['-B4', '-BD'],
    ['-B5', '-BD', '-BX'],
    ['-B4', '-BX', '--no-frame-crc'],
    ['--content-size'],
    ['--fast=10', '-B4'],
    ['-l'],
  ])('output of lz4 %s %s', async (...args) => {
    expectWhole(await decode(unlz4, lz4(long, ...args.filter(Boolean))), long);
  });

  test('no bytes, few bytes, random bytes, several blocks of 4 and 8 MiB', async () => {
    const large = Buffer.concat([Buffer.alloc(9_000_000, 'wxyz'), randomBytes(1_000_000)]);
    const contents = [...range(0, 20).map((length) => plain.subarray(0, length)), randomBytes(200_000)];
    const whole = contents.map((bytes) => lz4(bytes, '-BX'));
    expectWhole(await decode(unlz4, Buffer.concat(whole)), Buffer.concat(contents));
    for (const args of [['-B7', '-BD'], ['-l']]) expectWhole(await decode(unlz4, lz4(large, ...args)), large);
  });

  test('frames of all kinds in one file', async () => {
    const parts = range(0, 6).map((i) => plain.subarray(i * 50_000, (i + 1) * 50_000));
    const options = [['-BD'], ['-l'], ['-B4', '-BX'], ['-l'], ['-l'], ['-9']];
    const frames = parts.flatMap((part, i) => [skippable(7 * i, i), lz4(part, ...options[i]!)]);
    expectWhole(await decode(unlz4, Buffer.concat([...frames, skippable(0), skippable(700_000, 15)])), plain);
    expectWhole(await decode(unlz4, Buffer.concat([lz4(plain), Buffer.alloc(5000)])), plain);
    const read = await decode(unlz4, Buffer.concat([lz4(plain), Buffer.from('more')]));
    expect(codes(read)).toEqual(['container-trailing-data']);
  });

  test('into memory of any size', async () => {
    for (const room of [1000, 65_536, 10_000_000])
      for (const args of [['-B4', '-BD'], ['-l']])
        expectWhole(await decode(unlz4, lz4(long, ...args), room), long);
  });

  test('a dictionary is needed', async () => {
    // FLG with DictID, BD of 64 KiB, ID 7, and the header's checksum.
    const head = Buffer.from('04224d18 4140 07000000'.replaceAll(' ', ''), 'hex');
    const seen = new Set<string>();
    for (let sum = 0; sum < 256; sum++) {
      const read = await decode(unlz4, Buffer.concat([head, Buffer.of(sum), Buffer.alloc(4)]));
      expect(read.report.unread).toMatchObject([{ offset: 0, length: null }]);
      seen.add(codes(read).join());
    }
    expect(seen).toEqual(new Set(['container-corrupt', 'lz4-dictionary']));
  });

  test.each([
    ['the checksum of the content', [], -1, [{ offset: 0, length: 300_000 }]],
    ['the checksum of a block', ['-BX', '--no-frame-crc'], -5, [{ offset: 262_144, length: 37_856 }]],
  ])('%s is wrong', async (_, args, at, unread) => {
    const whole = lz4(plain, '-B5', ...args);
    whole[whole.length + at]! ^= 1;
    const read = await decode(unlz4, whole);
    expect(read.bytes.equals(plain)).toBe(true);
    expect(codes(read)).toEqual(['container-checksum']);
    expect(read.report.unread).toMatchObject(unread);
  });

  test('cut anywhere', async () => {
    const content = plain.subarray(0, 9000);
    for (const args of [['-BX'], ['-l'], ['--content-size', '-9']]) {
      const isLegacy = args.includes('-l');
      // A frame of the legacy kind has no end.
      await expectCuts(unlz4, lz4(content, ...args), content, 97, (cut) => isLegacy && cut <= 4);
    }
    const one = lz4(content);
    const two = Buffer.concat([one, skippable(40), one]);
    await expectCuts(
      unlz4,
      two,
      Buffer.concat([content, content]),
      149,
      (cut) => cut === one.length || cut === one.length + 48,
    );
  });

  test('changed bytes', async () => {
    const content = plain.subarray(0, 5000);
    const whole = Buffer.concat([
      lz4(content.subarray(0, 2000), '--content-size', '-BX'),
      skippable(9),
      lz4(content.subarray(2000)),
    ]);
    await expectMutations(unlz4, whole, content, [...range(0, 40), ...range(40, whole.length, 67)]);
  });

  test('any block', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), async (block) => {
        const size = Buffer.alloc(4);
        size.writeUInt32LE(block.length);
        const read = await decode(unlz4, Buffer.concat([Buffer.from('02214c18', 'hex'), size, block]));
        expect(read.bytes.equals(naive(block))).toBe(true);
        expect(read.report.unread.length).toBeLessThan(2);
        expectHonest(read, read.bytes);
      }),
    );
  });
});

/** The content of a block, as far as it can be decoded (lz4_Block_format.md). */
function naive(block: Uint8Array): Buffer {
  const out: number[] = [];
  let at = 0;
  const long = (nibble: number): number | undefined => {
    let length = nibble;
    for (let byte = nibble === 15 ? 255 : 0; byte === 255; length += byte) {
      if (at === block.length) return undefined;
      byte = block[at++]!;
    }
    return length;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = long(token >> 4);
    if (literals === undefined) break;
    out.push(...block.subarray(at, at + literals));
    at += literals;
    if (at + 2 > block.length) break;
    const distance = block[at]! + 256 * block[at + 1]!;
    at += 2;
    const length = long(token & 15);
    if (length === undefined || distance === 0 || distance > out.length) break;
    for (let i = 0; i < length + 4; i++) out.push(out[out.length - distance]!);
  }
  return Buffer.from(out);
}

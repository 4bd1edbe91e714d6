import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { unlzma } from '../../../src/source/containers/lzma/alone.js';
import { unlzip } from '../../../src/source/containers/lzma/lzip.js';
import { program, sample } from '../collect.js';
import { codes, decode, expectCuts, expectHonest, expectMutations, expectWhole, range } from './decode.js';

const plain = sample(150_000);

const lzma = (bytes: Uint8Array, ...args: string[]): Buffer =>
  program('xz', ['-c', '--format=lzma', ...args], bytes);

/** A member as lzip writes it, from the stream of xz with the same properties. */
function lzip(bytes: Uint8Array): Buffer {
  const stream = lzma(bytes, '--lzma1=lc=3,lp=0,pb=2,dict=1MiB').subarray(13);
  const tail = Buffer.alloc(20);
  tail.writeUInt32LE(crc32(bytes), 0);
  tail.writeBigUInt64LE(BigInt(bytes.length), 4);
  tail.writeBigUInt64LE(BigInt(stream.length + 26), 12);
  return Buffer.concat([Buffer.from('LZIP\x01\x14', 'latin1'), stream, tail]);
}

/** A stream whose header states the length. */
function withLength(stream: Buffer, length: number): Buffer {
  const changed = Buffer.from(stream);
  changed.writeBigUInt64LE(BigInt(length), 5);
  return changed;
}

describe('.lzma', () => {
  test.each([['-0'], ['-6'], ['--lzma1=lc=0,lp=4,pb=4,dict=4KiB']])('output of xz %s', async (option) => {
    for (const bytes of [plain, plain.subarray(0, 0), plain.subarray(0, 1), Buffer.alloc(3_000_000, 'xyz')])
      expectWhole(await decode(unlzma, lzma(bytes, option)), bytes);
  });

  test('with its length, with and without the end marker', async () => {
    const stream = lzma(plain);
    expectWhole(await decode(unlzma, withLength(stream, plain.length)), plain);
    for (const length of [plain.length - 1, plain.length + 1, 10, 2 ** 37]) {
      const read = await decode(unlzma, withLength(stream, length));
      expect(codes(read)).toEqual(['container-corrupt']);
      expect(read.bytes.equals(plain.subarray(0, length))).toBe(true);
    }
  });

  test('more content than the window', async () => {
    const bytes = Buffer.concat(range(0, 34).map((i) => plain.subarray(i)));
    expectWhole(await decode(unlzma, lzma(bytes, '--lzma1=preset=0,dict=4KiB')), bytes);
  });

  test('cut anywhere, and what follows', async () => {
    const content = plain.subarray(0, 6000);
    const stream = lzma(content);
    await expectCuts(unlzma, stream, content, 37);
    const read = await decode(unlzma, Buffer.concat([stream, Buffer.from('more')]));
    expect(codes(read)).toEqual(['container-trailing-data']);
  });
});

describe('lzip', () => {
  test('members', async () => {
    const parts = [plain.subarray(0, 500), plain.subarray(0, 0), plain.subarray(500)];
    const whole = Buffer.concat(parts.map(lzip));
    expectWhole(await decode(unlzip, whole), plain);
    expectWhole(await decode(unlzip, Buffer.concat([whole, Buffer.alloc(1000)])), plain);
    const read = await decode(unlzip, Buffer.concat([whole, Buffer.from('more')]));
    expect(codes(read)).toEqual(['container-trailing-data']);
  });

  test('cut anywhere, and changed bytes', async () => {
    const content = plain.subarray(0, 5000);
    const [one, two] = [lzip(content.subarray(0, 2000)), lzip(content.subarray(2000))];
    const whole = Buffer.concat([one, two]);
    await expectCuts(unlzip, whole, content, 37, (cut) => cut === one.length);
    const places = [
      ...range(0, 30),
      ...range(whole.length - 24, whole.length),
      ...range(30, whole.length, 131),
    ];
    await expectMutations(unlzip, whole, content, places);
    expectHonest(await decode(unlzip, one), content.subarray(0, 2000));
  });
});

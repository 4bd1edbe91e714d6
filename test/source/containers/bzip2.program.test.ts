import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { unbzip2 } from '../../../src/source/containers/bzip2/bzip2.js';
import { program, sample } from '../collect.js';
import { codes, decode, expectCuts, expectMutations, expectWhole, range } from './decode.js';

const bzip2 = (bytes: Uint8Array, level = 9): Buffer => program('bzip2', ['-c', `-${level}`], bytes);
const plain = sample(250_000);
const EMPTY = bzip2(Buffer.alloc(0));

describe('bzip2', () => {
  test.each([1, 2, 9])('output of bzip2 -%d', async (level) => {
    expectWhole(await decode(unbzip2, bzip2(plain, level)), plain);
  });

  test('few bytes, runs of every length, random bytes', async () => {
    const runs = Buffer.concat(range(0, 600).map((i) => Buffer.alloc(i, i)));
    for (const bytes of [plain.subarray(0, 1), Buffer.alloc(5), runs, randomBytes(120_000)])
      expectWhole(await decode(unbzip2, bzip2(bytes, 1)), bytes);
  });

  test('a block of more than a part: repeated bytes', async () => {
    const bytes = Buffer.concat([Buffer.alloc(2_500_001), Buffer.alloc(300_000, 'ab')]);
    expectWhole(await decode(unbzip2, bzip2(bytes)), bytes);
  });

  test('streams of all levels, some empty, and zeros after them', async () => {
    const parts = range(0, 9).map((i) => plain.subarray(i * 28_000, (i + 1) * 28_000));
    const streams = parts.flatMap((part, i) => [bzip2(part, i + 1), EMPTY]);
    expectWhole(await decode(unbzip2, Buffer.concat(streams)), plain);
    expectWhole(await decode(unbzip2, Buffer.concat([...streams, Buffer.alloc(7777)])), plain);
    const read = await decode(unbzip2, Buffer.concat([...streams, Buffer.from('BZhmore')]));
    expect(codes(read)).toEqual(['container-trailing-data']);
    expectWhole(await decode(unbzip2, EMPTY), Buffer.alloc(0));
  });

  test('more input than its memory', async () => {
    const part = randomBytes(400_000);
    const stream = bzip2(part);
    const count = 11;
    const whole = Buffer.concat(Array<Buffer>(count).fill(stream));
    expectWhole(await decode(unbzip2, whole), Buffer.concat(Array<Buffer>(count).fill(part)));
  });

  test('a wrong checksum of a block concerns the block, and that of the stream all of it', async () => {
    const stream = bzip2(plain, 1);
    const changed = Buffer.from(stream);
    changed[10]! ^= 1;
    const block = await decode(unbzip2, changed);
    expect(block.bytes.equals(plain)).toBe(true);
    const length = block.report.unread[0]!.length!;
    expect(length).toBeGreaterThan(90_000);
    expect(length).toBeLessThan(250_000);
    expect(block.report.unread).toMatchObject([{ offset: 0, length }]);
    expect(codes(block)).toEqual(['container-checksum']);
    const other = Buffer.from(stream);
    other[other.length - 2]! ^= 0x10;
    const all = await decode(unbzip2, other);
    expect(all.report.unread).toMatchObject([{ offset: 0, length: plain.length }]);
  });

  test('cut anywhere', async () => {
    const [one, two] = [plain.subarray(0, 5000), plain.subarray(5000, 9000)];
    const first = bzip2(one);
    const whole = Buffer.concat([first, bzip2(two, 1)]);
    // An end of a stream is no cut; after it three bytes may be anything.
    const isEnd = (cut: number) => cut >= first.length && cut < first.length + 4;
    await expectCuts(unbzip2, whole, plain, 97, isEnd);
    await expectCuts(unbzip2, first.subarray(0, 60), plain, 3);
  });

  test('changed bytes', async () => {
    const content = plain.subarray(0, 3000);
    const whole = bzip2(content);
    const places = [
      ...range(0, 14),
      ...range(14, 70, 3),
      ...range(whole.length - 12, whole.length),
      ...range(70, whole.length, 149),
    ];
    await expectMutations(unbzip2, whole, content, places);
  });
});

import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { ContainerDecoder } from '../../../src/source/containers/decoding/decoder.js';
import { LzmaKernel } from '../../../src/source/containers/lzma/lzma-kernel.js';
import { unxz } from '../../../src/source/containers/lzma/xz.js';
import fc from '../../support/property.js';
import { program, sample } from '../collect.js';
import { codes, decode, expectCuts, expectHonest, expectMutations, expectWhole, range } from './decode.js';

const xz = (bytes: Uint8Array, ...args: string[]): Buffer => program('xz', ['-c', ...args], bytes);
const plain = sample(150_000);

/** Bytes with many instructions that the branch filters change. */
function instructions(length: number): Buffer {
  const often = Buffer.from('00ffe8e94800407febf0f8949790b0172705efe313130c67', 'hex');
  return Buffer.from(
    sample(length, 7).map((byte, i) =>
      (byte * 31 + i * 7) % 5 < 2 ? byte : often[(byte + i) % often.length]!,
    ),
  );
}
const code = instructions(100_000);

describe('xz', () => {
  test.each([
    ['-0'],
    ['-6'],
    ['--check=none'],
    ['--check=crc32'],
    ['--check=crc64'],
    ['--check=sha256'],
    ['-T1', '--block-size=30001'],
    ['-T2', '--block-size=30001'],
    ['--lzma2=dict=4KiB,lc=0,lp=4,pb=0'],
    ['--lzma2=dict=768MiB,lc=4,lp=0,pb=4'],
    ['--lzma2=mode=fast,mf=hc3,nice=273'],
  ])('output of xz %s', async (...args) => {
    expectWhole(await decode(unxz, xz(plain, ...args.filter(Boolean))), plain);
  });

  test.each([
    '--delta=dist=1',
    '--delta=dist=4',
    '--delta=dist=256',
    '--x86',
    '--x86=start=4096',
    '--powerpc',
    '--ia64',
    '--arm',
    '--armthumb',
    '--sparc',
    '--arm64',
    '--arm64=start=4294967292',
    '--riscv',
  ])('the filter %s', async (filter) => {
    for (const length of [7, 17, code.length]) {
      const bytes = code.subarray(0, length);
      expectWhole(await decode(unxz, xz(bytes, filter, '--lzma2=dict=64KiB')), bytes);
    }
  });

  test('a chain of four filters, in several blocks', async () => {
    const args = ['--x86', '--delta=dist=3', '--arm', '--lzma2', '--block-size=50000'];
    expectWhole(await decode(unxz, xz(code, ...args)), code);
  });

  test('no bytes, repeated bytes, random bytes', async () => {
    for (const bytes of [plain.subarray(0, 0), Buffer.alloc(5_000_000, 'ab'), randomBytes(150_000)])
      expectWhole(await decode(unxz, xz(bytes, '-0')), bytes);
  });

  test('more content than the window', async () => {
    const bytes = Buffer.concat(range(0, 44).map((i) => plain.subarray(i, 140_000 + 7 * i)));
    expectWhole(await decode(unxz, xz(bytes, '--lzma2=preset=0,dict=1MiB')), bytes);
  });

  test('several streams with padding between and after them', async () => {
    const parts = [plain.subarray(0, 1000), plain.subarray(0, 0), plain.subarray(1000)];
    const packed = parts.map((part, i) => xz(part, ['--check=none', '--check=crc32', '--check=sha256'][i]!));
    const whole = Buffer.concat(packed.flatMap((stream, i) => [stream, Buffer.alloc(4 * i * 9000)]));
    expectWhole(await decode(unxz, whole), plain);
    expectWhole(await decode(unxz, Buffer.concat([...packed, Buffer.alloc(1_000_003)])), plain);
  });

  test('what follows is reported', async () => {
    const read = await decode(unxz, Buffer.concat([xz(plain), Buffer.alloc(8), Buffer.from('more')]));
    expect(codes(read)).toEqual(['container-trailing-data']);
    expectHonest(read, plain);
  });

  test('a match beyond the history that is kept', async () => {
    const bytes = Buffer.concat([plain, Buffer.alloc(300_000), plain]);
    // The window moves after 4 MiB.
    const near: ContainerDecoder = (input, report) =>
      unxz(input, report, undefined, new LzmaKernel(256 * 1024));
    const read = await decode(near, xz(bytes, '--lzma2=dict=1MiB'));
    expect(codes(read)).toEqual(['container-window']);
    expect(read.report.unread).toMatchObject([{ offset: read.bytes.length, length: null }]);
    expect(read.bytes.length).toBeGreaterThanOrEqual(450_000);
    expect(read.bytes.equals(bytes.subarray(0, read.bytes.length))).toBe(true);
    // Not needed: the content is small.
    expectWhole(await decode(near, xz(plain, '--lzma2=dict=1MiB')), plain);
  });

  /** Sets the check's ID in a stream without filters: of header and footer. */
  function withCheck(stream: Buffer, id: number): Buffer {
    const changed = Buffer.from(stream);
    const foot = changed.length - 12;
    changed[7] = changed[foot + 9] = id;
    changed.writeUInt32LE(crc32(changed.subarray(6, 8)), 8);
    changed.writeUInt32LE(crc32(changed.subarray(foot + 4, foot + 10)), foot);
    return changed;
  }

  test('a check of an unknown kind is doubtful', async () => {
    const read = await decode(unxz, withCheck(xz(plain, '--check=crc32'), 2));
    expect(read.bytes.equals(plain)).toBe(true);
    expect(read.report).toMatchObject({
      unread: [{ offset: 0, length: plain.length }],
      warnings: [{ code: 'container-checksum', message: expect.stringContaining('unknown kind (2)') }],
    });
  });

  test('a wrong check concerns its block', async () => {
    const whole = xz(plain, '--block-size=60000', '--check=sha256');
    const index = xz(plain.subarray(0, 60_000), '--block-size=60000', '--check=sha256').length - 12 - 20;
    whole[index - 10]! ^= 1;
    const read = await decode(unxz, whole);
    expect(read.bytes.equals(plain)).toBe(true);
    expect(codes(read)).toEqual(['container-checksum']);
    expect(read.report.unread).toMatchObject([{ offset: 0, length: 60_000 }]);
  });

  test('a block that is missing is noticed by the index', async () => {
    const one = xz(plain.subarray(0, 60_000), '--block-size=60000');
    const two = xz(plain.subarray(0, 120_000), '--block-size=60000');
    // The footer and the index of two blocks: 4 * (1 + stored size) bytes.
    const size = 12 + 4 * (1 + two.readUInt32LE(two.length - 8));
    const end = 12 + 4 * (1 + one.readUInt32LE(one.length - 8));
    const read = await decode(unxz, Buffer.concat([one.subarray(0, -end), two.subarray(-size)]));
    expect(codes(read)).toEqual(['container-checksum']);
    expect(read.report.unread).toMatchObject([{ offset: 60_000, length: null }]);
  });

  test('cut anywhere', async () => {
    const content = code.subarray(0, 8000);
    for (const args of [['--check=none'], ['--x86', '--lzma2', '--block-size=3000', '--check=sha256']])
      await expectCuts(unxz, xz(content, ...args), content, 29);
  });

  test('changed bytes', async () => {
    const content = plain.subarray(0, 6000);
    for (const args of [['--check=crc32'], ['-T2', '--delta', '--arm', '--lzma2', '--block-size=2000']]) {
      const whole = xz(content, ...args);
      const edges = [...range(0, 60), ...range(whole.length - 90, whole.length)];
      await expectMutations(unxz, whole, content, [...edges, ...range(60, whole.length - 90, 151)]);
    }
  });

  test('anything after a valid header', async () => {
    const head = xz(plain.subarray(0, 10), '--check=none').subarray(0, 24);
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 0, max: 255 }),
        async (tail, first) => {
          const read = await decode(unxz, Buffer.concat([head, Buffer.of(first), tail]));
          expect(read.report.unread).toHaveLength(1);
          expect(read.bytes.length).toBeLessThan(3_000_000);
        },
      ),
    );
  });
});

import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import { Writer } from './build-elf.js';
import { explore } from './explore.js';

function image(...ranges: [address: bigint, bytes: Buffer][]): Buffer {
  const file = new Writer('le');
  for (const [address, bytes] of ranges) {
    file
      .raw('EMiL')
      .u32(1)
      .u64(address, address + BigInt(bytes.length) - 1n)
      .zeros(8)
      .raw(bytes);
  }
  return file.done();
}

const TWO = image([0x1000n, Buffer.alloc(100, 1)], [0x100000n, Buffer.alloc(50, 2)]);

describe('a LiME image', () => {
  const dump = openDump(bufferReader(TWO));

  test('has physical addresses', () => {
    expect(dump).toMatchObject({
      format: 'lime',
      process: {},
      warnings: [],
    });
    expect(dump.segments).toEqual([
      { offset: 32, length: 100, address: 0x1000n },
      { offset: 164, length: 50, address: 0x100000n },
    ]);
    expect(dump.memory).toEqual({ described: 150, present: 150, missing: [] });
  });

  test('names pages and headers', () => {
    expect(dump.locate(33)).toMatchObject({
      address: 0x1001n,
      addressSpace: { kind: 'physical' },
      region: { kind: 'page' },
    });
    expect(dump.locate(131).region).toEqual({ kind: 'page' });
    expect(dump.locate(132)).toMatchObject({ region: { kind: 'header' } });
  });

  test('that is cut says what it lacks', () => {
    for (let length = 8; length < TWO.length; length++) {
      const { memory, warnings } = explore(TWO.subarray(0, length));
      expect(memory!.present + memory!.missing.reduce((sum, range) => sum + range.length, 0)).toBe(
        memory!.described,
      );
      // The format does not say how many ranges there are: a cut between two of them leaves no trace.
      const inside = length !== 132;
      expect(memory!.missing.length + warnings.length > 0).toBe(inside);
    }
    expect(openDump(bufferReader(TWO.subarray(0, 200))).memory).toEqual({
      described: 150,
      present: 136,
      missing: [{ address: '0x100024', length: 14, reason: 'beyond the end of the file' }],
    });
  });

  test.each([
    ['an end before its start', 164 + 50, 0xffn],
    ['all of the address space', 164 + 50, 2n ** 64n - 1n],
  ])('whose last range claims %s is swept without it', (_name, at, end) => {
    const bytes = Buffer.concat([TWO, image([0x200000n, Buffer.alloc(8)])]);
    bytes.writeBigUInt64LE(end, at + 16);
    const changed = explore(bytes);
    expect(changed.segments).toHaveLength(2);
    expect(changed.warnings).toMatchObject([{ code: 'lime-ranges-truncated', offset: at }]);
  });
});

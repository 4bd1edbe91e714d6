import { describe, expect, test } from '@jest/globals';
import { finish } from '../../src/core/base/runtime/turns.js';
import { regionsOf } from '../../src/formats/memory/region-list.js';
import fc from '../support/property.js';
import { buildElfCore, Writer } from './build-elf.js';
import { regionsIn, wrongRegions } from './regions.js';

const lime = (...ranges: [address: bigint, bytes: Buffer][]): Buffer => {
  const file = new Writer('le');
  for (const [address, bytes] of ranges)
    file
      .raw('EMiL')
      .u32(1)
      .u64(address, address + BigInt(bytes.length) - 1n)
      .zeros(8)
      .raw(bytes);
  return file.done();
};

describe('the list of regions', () => {
  test('of LiME has headers and pages', () => {
    const physical = { kind: 'physical' };
    const image = lime([0x1000n, Buffer.alloc(100, 1)], [0x100000n, Buffer.alloc(50, 2)]);
    expect(regionsIn(image)).toEqual([
      { kind: 'header', offset: 0, length: 32, present: 32, addressSpace: physical },
      { kind: 'page', address: '0x1000', offset: 32, length: 100, present: 100, addressSpace: physical },
      { kind: 'header', offset: 132, length: 32, present: 32, addressSpace: physical },
      { kind: 'page', address: '0x100000', offset: 164, length: 50, present: 50, addressSpace: physical },
    ]);
  });

  test('of a cut core has what is missing, beside what it continues and alone', () => {
    const segments = [0x10000n, 0x20000n, 0x40000n].map((vaddr) => ({ vaddr, bytes: Buffer.alloc(4096, 1) }));
    const { bytes, offsets } = buildElfCore({ segments });
    const regions = regionsIn(bytes.subarray(0, offsets[1]! + 1000));
    expect(regions.slice(-2)).toMatchObject([
      { kind: 'mapping', address: '0x20000', offset: offsets[1], length: 4096, present: 1000 },
      { kind: 'unknown', address: '0x40000', offset: offsets[1]! + 1000, length: 4096, present: 0 },
    ]);
  });

  test('of raw bytes is one, of nothing none', () => {
    expect(regionsIn(Buffer.alloc(9, 1))).toEqual([{ kind: 'unknown', offset: 0, length: 9, present: 9 }]);
    expect(regionsIn(Buffer.alloc(0))).toEqual([]);
  });

  test('joins small neighbours where there are too many, and loses no byte', () => {
    const ranges = Array.from({ length: 9_000 }, (_, i): [bigint, Buffer] => [
      BigInt(i) * 0x10000n,
      Buffer.alloc(64 + (i % 7), 1),
    ]);
    const image = lime(...ranges);
    const regions = regionsIn(image);
    expect(regions.length).toBeLessThanOrEqual(4096);
    expect(regions.length).toBeGreaterThan(1000);
    let end = 0;
    for (const { offset, present } of regions) {
      expect(offset).toBe(end);
      end += present;
    }
    expect(end).toBe(image.length);
  });

  const kinds = ['heap', 'stack', 'module'] as const;
  const part = fc.record({
    length: fc.integer({ min: 1, max: 40 }),
    gap: fc.integer({ min: 0, max: 2 }),
    kind: fc.constantFrom(...kinds),
    name: fc.constantFrom('a', 'b', undefined),
  });

  test('is that of a naive walk over all bytes', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        let [offset, address] = [0, 0];
        const all = parts.map(({ length, gap, kind, name }) => {
          const region = {
            kind,
            ...(name !== undefined && { name: kind === 'module' ? `${name}+0x5` : name }),
          };
          const placed = { offset, address: address + gap, length, region };
          offset += length;
          address += gap + length;
          return placed;
        });
        const at = (byte: number) => all.findLast((each) => each.offset <= byte)!;
        const dump = {
          segments: all.map((each) => ({ ...each, address: BigInt(each.address) })),
          locate: (byte: number) => {
            const each = at(byte);
            return { address: BigInt(each.address + byte - each.offset), region: each.region };
          },
        };
        const naive: string[] = [];
        let last = '';
        for (let byte = 0; byte < offset; byte++) {
          const { kind, name } = at(byte).region;
          const shown = `${kind} ${name?.replace('+0x5', '')} ${at(byte).address - at(byte).offset}`;
          if (shown !== last) naive.push(shown);
          last = shown;
        }
        const listed = finish(regionsOf(dump, offset)).map(
          ({ kind, name, address: start, offset: from }) => `${kind} ${name} ${Number(start) - from}`,
        );
        expect(listed).toEqual(naive);
      }),
    );
  });
});

test('the regions of a core are those of its bytes', () => {
  const segments = [0x10000n, 0x11000n, 0x20000n].map((vaddr, i) => ({
    vaddr,
    bytes: Buffer.alloc(4096, 1),
    flags: i === 0 ? 5 : 6,
  }));
  expect(wrongRegions(buildElfCore({ segments }).bytes, 1, true)).toEqual([]);
});

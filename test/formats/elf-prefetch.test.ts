import { describe, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { prefetchCore } from '../../src/formats/elf/core.js';
import fc from '../support/property.js';

const core = fixtureDumps().find(({ name }) => name === 'signer.core')!.bytes;
/** Program headers of a 64-bit little-endian core: type, p_offset and p_filesz (ELF-64, "Program Header"). */
const headers = Array.from({ length: core.readUInt16LE(56) }, (_, i) => {
  const at = Number(core.readBigUInt64LE(32)) + 56 * i;
  return {
    type: core.readUInt32LE(at),
    offset: Number(core.readBigUInt64LE(at + 8)),
    filesz: Number(core.readBigUInt64LE(at + 32)),
  };
});

describe('the prefetch of a core', () => {
  test('covers its notes, and the start of each segment', () => {
    const wanted = prefetchCore(core);
    const covers = (from: number, to: number): boolean =>
      wanted.some(({ offset, length }) => offset <= from && to <= offset + length);
    for (const { type, offset, filesz } of headers) {
      if (type === 4) expect(covers(offset, offset + filesz)).toBe(true);
      if (type === 1 && filesz > 0) expect(covers(offset, offset + Math.min(filesz, 4096))).toBe(true);
    }
    expect(headers.length).toBeGreaterThan(2);
  });

  test('property: from damaged headers come ascending, disjoint extents, at most 16,384', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(4095), fc.nat(255)), { maxLength: 40 }),
        fc.integer({ min: 0, max: 65_536 }),
        (changes, length) => {
          const head = Buffer.from(core.subarray(0, Math.max(length, 64)));
          for (const [at, byte] of changes) if (at >= 6 && at < head.length) head[at] = byte;
          let end = -1;
          const wanted = prefetchCore(head);
          for (const extent of wanted) {
            expect(extent.offset).toBeGreaterThan(end);
            end = extent.offset + extent.length;
          }
          expect(wanted.length).toBeLessThanOrEqual(16_384);
        },
      ),
    );
  });
});

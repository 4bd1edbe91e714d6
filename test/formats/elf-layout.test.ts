import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import type { Dump } from '../../src/formats/memory/types.js';
import { buildElfCore, type CoreSpec, ntFile, prstatus } from './build-elf.js';
import { KINDS, libraryPage } from './elf-kinds.js';

function open(bytes: Uint8Array): Dump {
  return openDump(bufferReader(bytes));
}

describe('a module', () => {
  const open3 = (mappings: Parameters<typeof ntFile>[2], segments: NonNullable<CoreSpec['segments']>) => {
    const core = buildElfCore({ notes: [ntFile(KINDS[0], 4096, mappings)], segments });
    const dump = open(core.bytes);
    return { dump, region: (segment: number) => dump.locate(core.offsets[segment]!).region };
  };

  test('covers its own mappings and not those between them', () => {
    const { dump, region } = open3(
      [
        { start: 0x10000n, end: 0x11000n, offset: 0, path: '/lib/a.so' },
        { start: 0x12000n, end: 0x13000n, offset: 0, path: '/srv/other' },
        { start: 0x14000n, end: 0x15000n, offset: 0x4000, path: '/lib/a.so' },
      ],
      [
        { vaddr: 0x10000n, bytes: libraryPage(KINDS[0], 0x8000), flags: 5 },
        { vaddr: 0x11000n, bytes: Buffer.alloc(8) },
        { vaddr: 0x12000n, bytes: Buffer.alloc(8) },
        { vaddr: 0x14000n, bytes: Buffer.alloc(8) },
        { vaddr: 0x15000n, bytes: Buffer.alloc(8) },
        { vaddr: 0x18000n, bytes: Buffer.alloc(8) },
      ],
    );
    expect([0, 1, 2, 3, 4, 5].map(region)).toEqual([
      { kind: 'module', name: '/lib/a.so+0x0' },
      { kind: 'heap' },
      { kind: 'mapping', name: '/srv/other' },
      { kind: 'module', name: '/lib/a.so+0x4000' },
      { kind: 'module', name: '/lib/a.so+0x5000' },
      { kind: 'heap' },
    ]);
    expect(dump.process.modules).toHaveLength(1);
  });

  test('that is loaded twice is two', () => {
    const { dump, region } = open3(
      [
        { start: 0x10000n, end: 0x11000n, offset: 0, path: '/lib/a.so' },
        { start: 0x20000n, end: 0x21000n, offset: 0, path: '/lib/a.so' },
      ],
      [
        { vaddr: 0x10000n, bytes: libraryPage(KINDS[0], 0x8000), flags: 5 },
        { vaddr: 0x20000n, bytes: libraryPage(KINDS[0], 0x8000), flags: 5 },
      ],
    );
    expect(dump.process.modules?.map(({ address }) => address)).toEqual(['0x10000', '0x20000']);
    expect(region(1)).toEqual({ kind: 'module', name: '/lib/a.so+0x0' });
  });

  test('may have its first page missing, or be known by its name alone', () => {
    const { dump } = open3(
      [
        { start: 0x10000n, end: 0x11000n, offset: 0, path: '/lib/a.so.1' },
        { start: 0x20000n, end: 0x21000n, offset: 0, path: '/usr/lib/locale-archive' },
        { start: 0x30000n, end: 0x31000n, offset: 0, path: '/bin/program' },
        { start: 0x31000n, end: 0x32000n, offset: 0x1000, path: '/bin/program' },
      ],
      [{ vaddr: 0x31000n, memsz: 0x1000, flags: 5 }],
    );
    expect(dump.process.modules?.map(({ path }) => path)).toEqual(['/lib/a.so.1', '/bin/program']);
  });
});

describe('an ELF core', () => {
  const three: CoreSpec['segments'] = [
    { vaddr: 0x1000n, bytes: Buffer.alloc(16, 1) },
    { vaddr: 0x3000n, bytes: Buffer.alloc(16, 2) },
    { vaddr: 0x1010n, bytes: Buffer.alloc(16, 3) },
  ];

  test.each([32, 64] as const)(
    'of %i bits with PN_XNUM has the number of headers in section header 0',
    (bits) => {
      const core = buildElfCore({ bits, machine: bits === 64 ? 62 : 3, xnum: true, segments: three });
      const dump = open(core.bytes);
      expect(dump.segments.map(({ address }) => address)).toEqual([0x1000n, 0x3000n, 0x1010n]);
      expect(dump.warnings).toEqual([]);
      expect(dump.locate(core.shoff).region).toEqual({ kind: 'header' });
    },
  );

  test('with PN_XNUM that lost its end is read up to its first segment', () => {
    const core = buildElfCore({ xnum: true, segments: three });
    const dump = open(core.bytes.subarray(0, core.shoff));
    expect(dump.segments).toHaveLength(3);
    expect(dump.warnings.map(({ code }) => code)).toEqual(['elf-headers-truncated']);
  });

  test('with more headers than 16 bits can count', () => {
    const count = 66_000;
    const segments = Array.from({ length: count }, (_, i) => ({
      vaddr: BigInt(i) * 0x2000n,
      bytes: Buffer.of(i & 255),
    }));
    const core = buildElfCore({ xnum: true, segments });
    const dump = open(core.bytes);
    expect(dump.segments).toHaveLength(count);
    expect(dump.locate(core.offsets[65_999]!).address).toBe(65_999n * 0x2000n);
  });

  test('joins segments by address', () => {
    const core = buildElfCore({ segments: three });
    expect([...open(core.bytes).seams()]).toEqual([
      { endOffset: core.offsets[0]! + 16, offset: core.offsets[2]!, address: three[2]!.vaddr },
    ]);
  });

  test('of a machine has physical addresses', () => {
    const core = buildElfCore({
      notes: [
        prstatus(KINDS[0], 1, 0, Buffer.alloc(27 * 8)),
        { owner: 'QEMU', type: 0, desc: Buffer.alloc(400) },
      ],
      segments: [{ vaddr: 0n, paddr: 0x100000n, bytes: Buffer.alloc(32), flags: 0 }],
    });
    const dump = open(core.bytes);
    expect(dump.locate(0).addressSpace).toEqual({ kind: 'physical' });
    expect(dump.process).toEqual({ machine: 'x86-64', bits: 64, endian: 'le' });
    expect(dump.locate(core.offsets[0]! + 1)).toMatchObject({ address: 0x100001n, region: { kind: 'page' } });
  });

  test('that lists no files does not call memory a heap', () => {
    const core = buildElfCore({ segments: three });
    expect(open(core.bytes).locate(core.offsets[0]!).region).toEqual({ kind: 'mapping' });
  });

  test('says how much writable memory its writer left out, and counts it as no gap', () => {
    const core = buildElfCore({
      segments: [
        { vaddr: 0x1000n, memsz: 0x3000, flags: 6 },
        { vaddr: 0x8000n, memsz: 0x1000, flags: 5 },
        { vaddr: 0x9000n, bytes: Buffer.alloc(10) },
      ],
    });
    const dump = open(core.bytes);
    expect(dump.memory).toEqual({ described: 10, present: 10, missing: [] });
    expect(dump.warnings).toMatchObject([
      { code: 'memory-not-dumped', message: '12288 bytes of writable memory in 1 mappings were not dumped' },
    ]);
  });

  test('that is cut says which memory it lacks', () => {
    const core = buildElfCore({ segments: three });
    const dump = open(core.bytes.subarray(0, core.offsets[1]! + 4));
    expect(dump.memory).toEqual({
      described: 48,
      present: 20,
      missing: [
        { address: '0x3004', length: 12, reason: 'beyond the end of the file' },
        { address: '0x1010', length: 16, reason: 'beyond the end of the file' },
      ],
    });
  });

  test.each(['kernel', 'gcore'] as const)('whose notes are cut, as %s writes them, says so', (layout) => {
    const notes = [ntFile(KINDS[0], 4096, [{ start: 0x1000n, end: 0x2000n, offset: 0, path: '/bin/a' }])];
    const core = buildElfCore({ notes, segments: layout === 'gcore' ? three : [], layout });
    const { offset, length } = core.notes;
    const codes = (end: number): string[] =>
      open(core.bytes.subarray(0, end)).warnings.map(({ code }) => code);
    expect(codes(offset + length)).toEqual([]);
    for (const end of [offset, offset + 1, offset + (length >> 1), offset + length - 1])
      expect(codes(end)).toContain('elf-notes-truncated');
  });

  test('that has an empty note past its end has lost none', () => {
    const { bytes, notes } = buildElfCore({ segments: three, layout: 'gcore' });
    expect(notes.length).toBe(0);
    // The program headers follow the header of 64 bytes; the first is PT_NOTE, with p_offset at 8.
    bytes.writeBigUInt64LE(BigInt(bytes.length) + 4096n, 64 + 8);
    expect(open(bytes).warnings).toEqual([]);
  });

  test('lists missing memory up to a limit, and the rest as a sum', () => {
    const segments = Array.from({ length: 1000 }, (_, i) => ({
      vaddr: BigInt(i) * 0x2000n,
      bytes: Buffer.alloc(8),
    }));
    const core = buildElfCore({ segments });
    const { memory } = open(core.bytes.subarray(0, core.offsets[0]!));
    expect(memory!.missing).toHaveLength(257);
    expect(memory!.missing.reduce((sum, { length }) => sum + length, 0)).toBe(8000);
    expect(memory!.missing.at(-1)!.reason).toBe(
      'beyond the end of the file, in 744 ranges from this address on',
    );
  });

  test.each([
    ['an executable', 2],
    ['a library', 3],
    ['a relocatable object', 1],
  ])('is not what %s is', (_name, type) => {
    expect(open(buildElfCore({ type, segments: three }).bytes).format).toBe('raw');
  });
});

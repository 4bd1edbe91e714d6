import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import { describeWithSamples } from '../support/samples.js';
import { auxv, buildElfCore, ntFile, prpsinfo, prstatus } from './build-elf.js';
import { checkChanges, checkCuts, explore } from './explore.js';

const KIND = { bits: 64, endian: 'le' } as const;

/** Offsets and sizes of the header fields of an ELF file, from its class. */
function headerFields(bytes: Buffer): [offset: number, size: number][] {
  const wide = bytes[4] === 2;
  const le = bytes[5] === 1;
  const word = wide ? 8 : 4;
  const elf: number[] = [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 4, word, word, word, 4, 2, 2, 2, 2, 2, 2];
  const program: number[] = wide ? [4, 4, 8, 8, 8, 8, 8, 8] : [4, 4, 4, 4, 4, 4, 4, 4];
  const count = Math.min(
    wide ? (le ? bytes.readUInt16LE(56) : bytes.readUInt16BE(56)) : bytes.readUInt16LE(44),
    6,
  );
  const fields: [number, number][] = [];
  let at = 4;
  // e_ident is 16 bytes: class, data, version, abi, abi version, padding.
  for (const size of elf) {
    if (at === 12) at = 16;
    fields.push([at, size]);
    at += size;
  }
  at = wide ? 64 : 52;
  for (const size of Array.from({ length: count }, () => program).flat()) {
    fields.push([at, size]);
    at += size;
  }
  return fields.filter(([offset, size]) => offset + size <= bytes.length);
}

/** Each field set to 0, to all ones, to one, and to the value of the field after it. */
function* mutations(bytes: Buffer): Generator<Buffer> {
  const fields = headerFields(bytes);
  for (const [index, [offset, size]] of fields.entries()) {
    const [next] = fields[index + 1] ?? [0];
    const values = [Buffer.alloc(size), Buffer.alloc(size, 0xff), bytes.subarray(next, next + size)];
    for (const value of values) {
      const changed = Buffer.from(bytes);
      value.copy(changed, offset);
      yield changed;
    }
  }
}

function sampleCore(): Buffer {
  return buildElfCore({
    notes: [
      prstatus(KIND, 1, 11, Buffer.alloc(27 * 8)),
      prpsinfo(KIND, 1, 'a', 'a b'),
      auxv(KIND, [
        [31, 0x7010n],
        [33, 0x5000n],
      ]),
      ntFile(KIND, 4096, [{ start: 0x4000n, end: 0x5000n, offset: 0, path: '/a' }]),
    ],
    segments: [
      { vaddr: 0x4000n, bytes: Buffer.alloc(100, 1) },
      { vaddr: 0x6000n, bytes: Buffer.alloc(100, 2), gap: 8 },
      { vaddr: 0x7000n, bytes: Buffer.from('\0\0\0\0\0\0\0\0A=b\0C=d\0./a\0') },
    ],
    layout: 'gcore',
  }).bytes;
}

describe('a damaged ELF core', () => {
  test('with any header field changed is still swept, and says what is true', () => {
    const opened = [...mutations(sampleCore())].map(explore);
    expect(new Set(opened.map(({ format }) => format))).toEqual(new Set(['elf-core', 'raw']));
  });

  test('cut anywhere says what it lacks', () => {
    const bytes = sampleCore();
    expect(() => checkCuts(bytes, Math.floor(bytes.length / 3))).not.toThrow();
  });

  test('with any bytes changed is still swept', () => {
    expect(() => checkChanges(sampleCore(), 300)).not.toThrow();
  });

  test('whose segments all claim the whole file is read in linear time', () => {
    const count = 20_000;
    const core = buildElfCore({ segments: Array.from({ length: count }, () => ({ vaddr: 0x1000n })) });
    const header = core.bytes.subarray(core.phoff + core.phentsize, core.phoff + 2 * core.phentsize);
    header.writeBigUInt64LE(0n, 8);
    header.writeBigUInt64LE(BigInt(core.bytes.length), 32);
    for (let index = 2; index <= count; index++) header.copy(core.bytes, core.phoff + index * core.phentsize);
    const dump = explore(core.bytes);
    expect(dump.segments).toHaveLength(count);
    expect(dump.memory!.described).toBe(count * core.bytes.length);
  });

  test('whose segments name the whole file as notes reads it once', () => {
    const core = buildElfCore({ segments: Array.from({ length: 20_000 }, () => ({ vaddr: 0n })) });
    for (let index = 1; index <= 20_000; index++) {
      const at = core.phoff + index * core.phentsize;
      core.bytes.writeUInt32LE(4, at);
      core.bytes.writeBigUInt64LE(0n, at + 8);
      core.bytes.writeBigUInt64LE(BigInt(core.bytes.length), at + 32);
    }
    expect(explore(core.bytes).format).toBe('elf-core');
  });

  test('whose mappings all name one image under other names reads it once, and few of its notes', () => {
    // A page of an ELF image with 36 PT_NOTE headers of the zeros that follow: notes of 12 bytes.
    const image = Buffer.alloc(4096);
    buildElfCore({ notes: [prpsinfo(KIND, 1, 'a', 'b')] }).bytes.copy(image, 0, 0, 64);
    const table = 64 + 36 * 56;
    image.writeUInt16LE(36, 56);
    for (let at = 64; at < table; at += 56) {
      image.writeUInt32LE(4, at);
      image.writeBigUInt64LE(BigInt(table), at + 8);
      image.writeBigUInt64LE(BigInt(4096 - table), at + 32);
    }
    const mappings = Array.from({ length: 20_000 }, (_, i) => ({
      start: 0x400000n,
      end: 0x401000n,
      offset: 0,
      path: `/${i}`,
    }));
    const core = buildElfCore({
      notes: [ntFile(KIND, 4096, mappings)],
      segments: [{ vaddr: 0x400000n, bytes: image }],
    });
    let pages = 0;
    const reader = bufferReader(core.bytes);
    const dump = openDump({
      ...reader,
      read(offset, target) {
        if (offset >= core.offsets[0]!) pages++;
        return reader.read(offset, target);
      },
    });
    expect(dump.locate(core.offsets[0]! + 100).region).toMatchObject({ name: expect.stringMatching(/^\//) });
    expect(pages).toBeLessThan(10);
  });

  test('with more notes than any process has stops reading them', () => {
    // Zeros are notes of 12 bytes: no owner, no descriptor.
    const length = 270_000 * 12;
    const core = buildElfCore({ segments: [{ vaddr: 0n, bytes: Buffer.alloc(length) }] });
    core.bytes.copyWithin(core.phoff, core.phoff + core.phentsize, core.phoff + 2 * core.phentsize);
    core.bytes.writeUInt32LE(4, core.phoff);
    core.bytes.writeUInt32LE(0, core.phoff + core.phentsize);
    const dump = openDump(bufferReader(core.bytes));
    expect(dump.warnings).toMatchObject([{ code: 'notes-capped' }]);
    expect(dump.locate(core.offsets[0]! + length - 1).region).toEqual({ kind: 'note' });
  });

  test('with notes too short for their structures says so', () => {
    const short = (type: number) => ({ owner: 'CORE', type, desc: Buffer.alloc(3) });
    const core = buildElfCore({ notes: [1, 3, 6, 0x46494c45, 0x53494749].map(short) });
    const { warnings } = openDump(bufferReader(core.bytes));
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      ['note-malformed', 'NT_PRSTATUS is shorter than its structure'],
      ['note-malformed', 'NT_FILE, the list of mapped files, was read in part'],
      ['note-malformed', 'NT_SIGINFO is shorter than its structure'],
    ]);
  });
});

describeWithSamples('a real ELF core, damaged', (samples) => {
  const folder = join(samples, 'elf-core');
  const names = readdirSync(folder);

  test.each(names)('%s cut at 200 points says what it lacks', (name) => {
    expect(() => checkCuts(readFileSync(join(folder, name)), 200)).not.toThrow();
  });

  test.each(names)('%s with each header field changed is still swept', (name) => {
    expect(() => [...mutations(readFileSync(join(folder, name)))].map(explore)).not.toThrow();
  });
});

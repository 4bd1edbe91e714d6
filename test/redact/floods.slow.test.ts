import { expect, test } from '@jest/globals';
import { buildElfCore, ntFile, prstatus, registers } from '../formats/build-elf.js';
import { isLinear } from '../support/work.js';
import { BuiltProcess } from './built-core.js';
import { copyOf } from './made-copy.js';

/** Headers that claim more than any process has: bounded in work and memory. */
const KIND = { bits: 64, endian: 'le' } as const;
const BASE = 0x10000n;
const thread = (sp: bigint) => prstatus(KIND, 1, 0, registers('le', 8, 27, 19, sp));

async function expectLinear(
  half: number,
  make: (count: number) => Buffer,
  result: (count: number) => object,
) {
  const copying = (count: number) => {
    const bytes = make(count);
    return async () => expect((await copyOf(bytes)).result).toMatchObject(result(count));
  };
  expect(await isLinear(copying, half)).toBe(true);
}

test('10,000 threads in one stack', () =>
  expectLinear(
    5_000,
    (count) => {
      const notes = Array.from({ length: count }, (_, index) => thread(BASE + BigInt(8 * index)));
      return buildElfCore({ notes, segments: [{ vaddr: BASE, bytes: Buffer.alloc(2 ** 18, 1) }] }).bytes;
    },
    (count) => ({ threads: count }),
  ));

test('30,000 overlapping segments', () =>
  expectLinear(
    15_000,
    (count) => {
      const segments = Array.from({ length: count }, (_, index) => ({
        vaddr: BASE + BigInt(16 * index),
        bytes: Buffer.alloc(16, index),
        memsz: 2 ** 30,
        flags: index % 2 === 0 ? 5 : 6,
      }));
      return buildElfCore({ notes: [thread(BASE)], segments }).bytes;
    },
    () => ({ threads: 1 }),
  ));

test('25,000 mappings of one file', () =>
  expectLinear(
    12_500,
    (count) => {
      const mappings = Array.from({ length: count }, (_, index) => ({
        start: BASE + BigInt(4096 * index),
        end: BASE + BigInt(4096 * (index + 2)),
        offset: 0,
        path: '/usr/lib/libx.so',
      }));
      const notes = [thread(BASE), ntFile(KIND, 1, mappings)];
      return buildElfCore({ notes, segments: [{ vaddr: BASE, bytes: Buffer.alloc(4096, 1) }] }).bytes;
    },
    () => ({ threads: 1, modules: 0 }),
  ));

test('2048 images with a thousand notes each take bounded work', () => {
  const process = new BuiltProcess('notes');
  const page = Buffer.from(process.program);
  page.writeUInt16LE(60, 56);
  for (let index = 5; index < 60; index++) page.copy(page, 64 + 56 * index, 64 + 56 * 4, 64 + 56 * 5);
  for (let index = 4; index < 60; index++) page.writeBigUInt64LE(60_000n, 64 + 56 * index + 40);
  const base = 0x6000_0000n;
  return expectLinear(
    1024,
    (count) => {
      const pages = Buffer.concat(Array.from({ length: count }, () => page));
      const mappings = Array.from({ length: count }, (_, index) => ({
        start: base + BigInt(4096 * index),
        end: base + BigInt(4096 * (index + 1)),
        offset: 0,
        path: `/lib/${index}.so`,
      }));
      return process.core((spec) => ({
        ...spec,
        notes: [thread(base), ntFile(KIND, 1, mappings)],
        segments: [{ vaddr: base, bytes: pages, flags: 4 }],
      })).bytes;
    },
    () => ({ threads: 1 }),
  );
});

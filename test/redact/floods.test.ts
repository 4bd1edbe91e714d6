import { expect, test } from '@jest/globals';
import { buildElfCore, ntFile, prstatus, registers } from '../formats/build-elf.js';
import { BuiltProcess } from './built-core.js';
import { copyOf } from './made-copy.js';

/** Headers that claim more than any process has: bounded in time and memory. */
const KIND = { bits: 64, endian: 'le' } as const;
const BASE = 0x10000n;
const thread = (sp: bigint) => prstatus(KIND, 1, 0, registers('le', 8, 27, 19, sp));
const MOST_SECONDS = 20;

async function timed(bytes: Buffer): Promise<Awaited<ReturnType<typeof copyOf>>['result']> {
  const start = performance.now();
  const { result } = await copyOf(bytes);
  expect((performance.now() - start) / 1000).toBeLessThan(MOST_SECONDS);
  return result;
}

test('20,000 threads in one stack', async () => {
  const notes = Array.from({ length: 20_000 }, (_, index) => thread(BASE + BigInt(8 * index)));
  const segments = [{ vaddr: BASE, bytes: Buffer.alloc(2 ** 18, 1) }];
  expect(await timed(buildElfCore({ notes, segments }).bytes)).toMatchObject({ threads: 20_000 });
});

test('60,000 overlapping segments', async () => {
  const segments = Array.from({ length: 60_000 }, (_, index) => ({
    vaddr: BASE + BigInt(16 * index),
    bytes: Buffer.alloc(16, index),
    memsz: 2 ** 30,
    flags: index % 2 === 0 ? 5 : 6,
  }));
  const notes = [thread(BASE)];
  expect(await timed(buildElfCore({ notes, segments }).bytes)).toMatchObject({ threads: 1 });
});

test('50,000 mappings of one file', async () => {
  const mappings = Array.from({ length: 50_000 }, (_, index) => ({
    start: BASE + BigInt(4096 * index),
    end: BASE + BigInt(4096 * (index + 2)),
    offset: 0,
    path: '/usr/lib/libx.so',
  }));
  const notes = [thread(BASE), ntFile(KIND, 1, mappings)];
  const segments = [{ vaddr: BASE, bytes: Buffer.alloc(4096, 1) }];
  expect(await timed(buildElfCore({ notes, segments }).bytes)).toMatchObject({ threads: 1, modules: 0 });
});

test('4096 images with a thousand notes each take bounded time', async () => {
  const process = new BuiltProcess('notes');
  const page = Buffer.from(process.program);
  page.writeUInt16LE(60, 56);
  for (let index = 5; index < 60; index++) page.copy(page, 64 + 56 * index, 64 + 56 * 4, 64 + 56 * 5);
  for (let index = 4; index < 60; index++) page.writeBigUInt64LE(60_000n, 64 + 56 * index + 40);
  const pages = Buffer.concat(Array.from({ length: 4096 }, () => page));
  const base = 0x6000_0000n;
  const mappings = Array.from({ length: 4096 }, (_, index) => ({
    start: base + BigInt(4096 * index),
    end: base + BigInt(4096 * (index + 1)),
    offset: 0,
    path: `/lib/${index}.so`,
  }));
  const core = process.core((spec) => ({
    ...spec,
    notes: [thread(base), ntFile(KIND, 1, mappings)],
    segments: [{ vaddr: base, bytes: pages, flags: 4 }],
  }));
  await timed(core.bytes);
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Writer } from '../formats/build-elf.js';
import { withTempDir } from '../support/folder.js';
import { ADDRESS, BuiltProcess } from './built-core.js';
import { copyOf } from './made-copy.js';
import { windowsIn } from './windows.js';

const ARENA = 0xc0_0000_0000n;
const CODE = ADDRESS.text + 0x123n;
const DEFACED = 0x0defaced0defacedn;
/** In the arena: list of goroutines, structures g and m, a stack. */
const AT = { list: 0x100, g: 0x1000, m: 0x2000, stack: 0x4000 } as const;
const STACK = 0x1000;
const ALLGS = ADDRESS.data + 0x800n;
const VARIABLES: readonly (readonly [name: string, address: bigint])[] = [
  ['runtime.other', 0x1234n],
  ['runtime.allgs', ALLGS],
  ['runtime.allglen', ALLGS + 24n],
];

/** A Go program's file: the program headers that are in memory, and symbols. */
function program(headers: Uint8Array): Buffer {
  const names = Buffer.from(`\0${VARIABLES.map(([name]) => `${name}\0`).join('')}`);
  const symbols = new Writer('le').zeros(24);
  for (const [name, address] of VARIABLES) symbols.u32(names.indexOf(`\0${name}\0`) + 1, 1).u64(address, 24);
  const table = symbols.done();
  const symbolsAt = 64 + headers.length;
  const namesAt = symbolsAt + table.length;
  const section = (type: number, offset: number, size: number, link: number) =>
    new Writer('le').u32(0, type).u64(0, 0, offset, size).u32(link, 0).u64(0, 0).done();
  return new Writer('le')
    .raw('\x7fELF')
    .raw(Buffer.from([2, 1, 1, 0]))
    .zeros(8)
    .u16(2, 62)
    .u32(1)
    .u64(0, 64, namesAt + names.length)
    .u32(0)
    .u16(64, 56, 5, 64, 3, 0)
    .raw(headers)
    .raw(table)
    .raw(names)
    .raw(section(0, 0, 0, 0))
    .raw(section(2, symbolsAt, table.length, 2))
    .raw(section(3, namesAt, names.length, 0))
    .done();
}

/** A process with one parked goroutine; its arena is random but for what the runtime has there. */
function built(seed: string) {
  const process = new BuiltProcess(seed);
  const arena = process.noise(0x8000);
  const at = (offset: number) => ARENA + BigInt(offset);
  process.data.set(new Writer('le').u64(at(AT.list), 1, 1, 1).done(), 0x800);
  arena.writeBigUInt64LE(at(AT.g), AT.list);
  const g = new Writer('le').u64(at(AT.stack), at(AT.stack + STACK), 0, 0, 0, 0, at(AT.m));
  arena.set(
    g
      .u64(at(AT.stack + 0x800))
      .zeros(376 - 64)
      .done(),
    AT.g,
  );
  arena.fill(0, AT.m, AT.m + 200);
  const words = [CODE, at(AT.stack + 0x900), at(AT.g), at(AT.stack + STACK)];
  arena.set(new Writer('le').u64(...words).done(), AT.stack + 0x800);
  const core = process.core((spec) => ({
    ...spec,
    segments: [...spec.segments, { vaddr: ARENA, bytes: arena }],
  }));
  return { process, core, headers: process.program.subarray(64, 64 + 5 * 56) };
}

/** The copy with a program, and the word of it at an offset of the arena. */
const copied = (core: ReturnType<typeof built>['core'], exe: Buffer) =>
  withTempDir(async (folder) => {
    const file = join(folder, 'program');
    writeFileSync(file, exe);
    const { copy } = await copyOf(core.bytes, { exe: file });
    return { copy, word: (offset: number) => copy.readBigUInt64LE(core.offsets.at(-1)! + offset) };
  });

describe('a copy of a core of a Go program', () => {
  test('has the stacks of goroutines that were not running, with the program', async () => {
    const { process, core, headers } = built('go');
    const { copy, word } = await copied(core, program(headers));
    expect(word(AT.list)).toBe(ARENA + BigInt(AT.g));
    expect(word(AT.g + 56)).toBe(ARENA + BigInt(AT.stack + 0x800));
    const words = [-8, 0, 8, 16, 24, 32].map((offset) => word(AT.stack + 0x800 + offset));
    expect(words).toEqual([0n, CODE, ARENA + BigInt(AT.stack + 0x900), DEFACED, DEFACED, DEFACED]);
    expect([word(AT.stack + STACK - 8), word(AT.stack + STACK)]).toEqual([DEFACED, 0n]);
    expect(windowsIn(copy, process.secret)).toEqual([]);
  });

  test('has none of them without it', async () => {
    const { core } = built('alone');
    const { copy } = await copyOf(core.bytes);
    const arena = core.offsets.at(-1)!;
    expect(copy.subarray(arena, arena + 0x8000).every((byte) => byte === 0)).toBe(true);
  });

  test('is refused with another program, or with none', async () => {
    const { core, headers } = built('other');
    const other = Buffer.from(headers);
    other[40] = 1;
    await expect(copied(core, program(other))).rejects.toMatchObject({
      code: 'redact-other-program',
      exit: 3,
    });
    await expect(copied(core, Buffer.from('text'))).rejects.toMatchObject({ code: 'redact-no-program' });
  });
});

import { describe, expect, test } from '@jest/globals';
import { ARCHITECTURES, type ArchitectureName } from '../formats/build-minidump.js';
import { built, CODE, GENERATED, PATH, SP, STACK } from './built-minidump.js';
import { copyOf } from './made-copy.js';
import { windowsIn } from './windows.js';

const DEFACED = 0x0defaced0defacedn;

describe('a copy of a minidump for backtraces', () => {
  test('has no 8 bytes of memory, registers, environment, comments and parameters', async () => {
    const { bytes, secrets } = built();
    const { copy, result } = await copyOf(bytes);
    expect(copy).toHaveLength(bytes.length);
    expect(windowsIn(bytes, secrets).length).toBeGreaterThan(8_000);
    expect(windowsIn(copy, secrets)).toEqual([]);
    expect(result).toMatchObject({ format: 'minidump', threads: 1, withoutStack: 0, modules: 1, word: 8 });
  });

  test('has words of the stack that point to modules, executable memory and the same stack', async () => {
    const { file, bytes } = built();
    const { copy } = await copyOf(bytes);
    const at = file.rva('stack');
    const words = Array.from({ length: 8 }, (_, index) => copy.readBigUInt64LE(at + SP + 8 * index));
    const kept = [CODE, GENERATED + 8n, STACK + BigInt(SP + 8)];
    expect(words).toEqual([...kept, DEFACED, DEFACED, 0n, DEFACED, DEFACED]);
    expect(copy.subarray(at, at + SP).every((byte) => byte === 0)).toBe(true);
  });

  test('has its lists and names', async () => {
    const { file, bytes } = built();
    const { copy } = await copyOf(bytes);
    for (const [label, length] of [
      ['threads', 52],
      ['modules', 112],
      ['name', 4 + 2 * PATH.length],
      ['exception', 40],
    ] as const) {
      const at = file.rva(label);
      expect(copy.subarray(at, at + length).equals(bytes.subarray(at, at + length))).toBe(true);
    }
  });

  test('has hashes of names if they are wanted', async () => {
    const { file, bytes } = built();
    const { copy } = await copyOf(bytes, { paths: 'hash' });
    const at = file.rva('name') + 4;
    expect(copy.toString('utf16le', at, at + 2 * PATH.length)).toMatch(/^[0-9a-f]{19}$/);
  });

  test('is refused where a name is in memory', async () => {
    const { file, bytes } = built();
    // ModuleNameRva is at offset 20 of a module, behind the count.
    bytes.writeUInt32LE(1024, file.rva('heap'));
    bytes.writeUInt32LE(file.rva('heap'), file.rva('modules') + 4 + 20);
    await expect(copyOf(bytes)).rejects.toMatchObject({ code: 'redact-overlap', exit: 2 });
  });

  test.each(Object.keys(ARCHITECTURES) as ArchitectureName[])('is made on %s', async (architecture) => {
    const { file, bytes, secrets } = built(architecture);
    const { copy } = await copyOf(bytes, { accept32bit: true });
    const { word, sp } = ARCHITECTURES[architecture];
    // 4 bytes of a random register may look like an address.
    if (word === 8) expect(windowsIn(copy, secrets)).toEqual([]);
    const at = file.rva('context') + sp;
    expect(copy.subarray(at, at + word).equals(bytes.subarray(at, at + word))).toBe(true);
  });

  test('of 32 bits is refused unless it is accepted', async () => {
    await expect(copyOf(built('x86').bytes)).rejects.toMatchObject({ code: 'redact-32bit', exit: 2 });
  });

  test('of a copy is the copy', async () => {
    const { copy } = await copyOf(built().bytes);
    expect((await copyOf(copy)).copy.equals(copy)).toBe(true);
  });
});

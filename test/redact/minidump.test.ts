import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { Writer } from '../formats/build-elf.js';
import {
  ARCHITECTURES,
  type ArchitectureName,
  MinidumpBuilder,
  memoryInfoList,
  memoryList,
  moduleList,
  PLATFORM,
  STREAM,
  systemInfo,
  threadList,
} from '../formats/build-minidump.js';
import { copyOf } from './made-copy.js';
import { windowsIn } from './windows.js';

const STACK = 0x7000_0000n;
const SP = 0x200;
const SIZE = 0x1000;
const MODULE = 0x1_4000_0000n;
const CODE = MODULE + 0x1234n;
/** Executable memory by MemoryInfoListStream, outside of modules; then memory that is only readable. */
const GENERATED = 0x2_0000_0000n;
const READABLE = 0x3_0000_0000n;
const DEFACED = 0x0defaced0defacedn;
const PATH = 'C:\\work\\program.exe';

/** Flags, segments and program counter of a context: no program chooses all of their bits. */
const ALWAYS_KEPT: Record<ArchitectureName, [from: number, to: number][]> = {
  amd64: [
    [0x30, 0x48],
    [0xf8, 0x100],
  ],
  arm64: [
    [0, 8],
    [0x108, 0x110],
  ],
  arm: [],
  x86: [],
};

/** A minidump whose memory, context, environment and comments are random. */
function built(architecture: ArchitectureName = 'amd64') {
  const random = new SeededRandom(`minidump ${architecture}`);
  const secrets: Buffer[] = [];
  const noise = (length: number): Buffer => {
    const bytes = Buffer.from(random.bytes(length));
    secrets.push(Buffer.from(bytes));
    return bytes;
  };
  const { number, context: size, sp, word } = ARCHITECTURES[architecture];
  const stack = noise(SIZE);
  const registers = noise(size);
  for (const [from, to] of ALWAYS_KEPT[architecture]) registers.fill(0, from, to);
  if (word === 8) {
    const words = [CODE, GENERATED + 8n, STACK + BigInt(SP + 8), READABLE, STACK, 0n, MODULE + 0x8000n];
    words.forEach((value, index) => {
      stack.writeBigUInt64LE(value, SP + 8 * index);
    });
    registers.writeBigUInt64LE(STACK + BigInt(SP), sp);
  } else registers.writeUInt32LE(Number(STACK) + SP, sp);
  const file = new MinidumpBuilder();
  const stackRva = file.put(stack, 'stack');
  const heapRva = file.put(noise(SIZE), 'heap');
  const contextRva = file.put(registers, 'context');
  const nameRva = file.string(PATH, 'name');
  const thread = {
    id: 7,
    stack: { address: STACK, size: SIZE, rva: stackRva },
    context: { rva: contextRva, size },
  };
  file
    .stream(STREAM.system, systemInfo(number, PLATFORM.windows))
    .stream(STREAM.threads, threadList([thread]), 'threads')
    .stream(STREAM.modules, moduleList([{ base: MODULE, size: 0x4000, nameRva }]), 'modules')
    .stream(
      STREAM.memory,
      memoryList([
        { address: STACK, size: SIZE, rva: stackRva },
        { address: READABLE, size: SIZE, rva: heapRva },
      ]),
    )
    .stream(
      STREAM.info,
      memoryInfoList([
        { address: GENERATED, size: 0x1000, protect: 0x20, type: 0x20000 },
        { address: READABLE, size: 0x1000, protect: 0x04, type: 0x20000 },
      ]),
    )
    .stream(
      STREAM.exception,
      new Writer('le')
        .u32(7, 0, 0xc0000409, 0)
        .u64(0, CODE)
        .u32(15, 0)
        .raw(noise(120))
        .u32(size, contextRva)
        .done(),
      'exception',
    )
    .stream(STREAM.environment, noise(512))
    .stream(STREAM.commandLine, noise(64))
    .stream(STREAM.commentA, noise(64))
    .stream(STREAM.handles, noise(64));
  return { file, bytes: file.done(), secrets, registers };
}

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

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

export const STACK = 0x7000_0000n;
export const SP = 0x200;
const SIZE = 0x1000;
const MODULE = 0x1_4000_0000n;
export const CODE = MODULE + 0x1234n;
/** Executable memory by MemoryInfoListStream, outside of modules; then memory that is only readable. */
export const GENERATED = 0x2_0000_0000n;
const READABLE = 0x3_0000_0000n;
export const PATH = 'C:\\work\\program.exe';

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
export function built(architecture: ArchitectureName = 'amd64') {
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

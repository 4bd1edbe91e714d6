import { SeededRandom } from '../../fixtures/random.js';
import {
  auxv,
  type BuiltCore,
  buildElfCore,
  type CoreSpec,
  ntFile,
  prpsinfo,
  prstatus,
  type SegmentSpec,
  Writer,
} from '../formats/build-elf.js';

/** A core of a made-up process whose memory and registers are random but for what a debugger reads. */

const KIND = { bits: 64, endian: 'le' } as const;
export const ADDRESS = {
  program: 0x400000n,
  text: 0x401000n,
  data: 0x420000n,
  heap: 0x500000n,
  linker: 0x7f00_0000_1000n,
  library: 0x7f00_0010_0000n,
  vdso: 0x7ffd_0000_0000n,
  stack: 0x7ffc_0000_0000n,
  threadStack: 0x7f10_0000_0000n,
} as const;
const PAGE = 4096;
export const STACK = 4 * PAGE;
/** Where the stack pointers are in their segments. */
export const SP = 0x1000;
/** Where the control block of the second thread is in its segment. */
export const BLOCK = 0x3000;
export const NAMES = ['', '/usr/lib/libx.so', '/usr/lib/ld.so'];
export const DYNAMIC = 0x100;
/** Registers of user_regs_struct by index. */
const RIP = 16;
const RSP = 19;
const FS_BASE = 21;
const REGISTERS = 27;

export class BuiltProcess {
  readonly random: SeededRandom;
  /** All random bytes, which are a secret's. */
  readonly secret: Buffer[] = [];
  readonly stack: Buffer;
  readonly threadStack: Buffer;
  readonly linker: Buffer;
  readonly program: Buffer;
  readonly data: Buffer;
  readonly vdso: Buffer;
  /** General registers of the two threads. */
  readonly registers: bigint[][];
  readonly names: bigint[] = [];

  constructor(seed: string) {
    this.random = new SeededRandom(seed);
    this.stack = this.noise(STACK);
    this.threadStack = this.noise(STACK);
    this.linker = this.noise(PAGE);
    this.data = this.noise(PAGE);
    const load = new Writer('le').u32(1, 5).u64(0, 0, 0, PAGE, PAGE, PAGE).done();
    this.vdso = Buffer.concat([elfHeader(1), load, Buffer.alloc(PAGE - 120, 0x90)]);
    this.program = programPage();
    this.registers = [ADDRESS.stack, ADDRESS.threadStack].map((base) => {
      const values = Array.from({ length: REGISTERS }, () => this.noise(8).readBigUInt64LE());
      values[RIP] = ADDRESS.text + 16n;
      values[RSP] = base + BigInt(SP);
      for (const index of [17, 18, 20, 21, 22, 23, 24, 25, 26]) values[index] = 0n;
      return values;
    });
    this.registers[1]![FS_BASE] = ADDRESS.threadStack + BigInt(BLOCK);
    this.#linkMap();
    this.data.set(new Writer('le').u64(1, 5, 21, ADDRESS.linker, 0, 0).done(), DYNAMIC);
  }

  noise(length: number): Buffer {
    const bytes = Buffer.from(this.random.bytes(length));
    this.secret.push(Buffer.from(bytes));
    return bytes;
  }

  /** r_debug, then three entries, each followed by its name. */
  #linkMap(): void {
    const entries = NAMES.map((_, index) => ADDRESS.linker + 0x100n + BigInt(index) * 0x100n);
    const debug = new Writer('le').u32(1, 0).u64(entries[0]!, 0, 0, ADDRESS.linker);
    this.linker.set(debug.done(), 0);
    NAMES.forEach((name, index) => {
      const at = 0x100 + index * 0x100;
      const nameAddress = ADDRESS.linker + BigInt(at + 64);
      this.names.push(nameAddress);
      const words = [0n, nameAddress, ADDRESS.library, entries[index + 1] ?? 0n, entries[index - 1] ?? 0n];
      this.linker.set(new Writer('le').u64(...words).done(), at);
      this.linker.set(Buffer.from(`${name}\0`), at + 64);
    });
  }

  segments(): SegmentSpec[] {
    return [
      { vaddr: ADDRESS.program, bytes: this.program, flags: 4 },
      { vaddr: ADDRESS.text, memsz: 0x10000, flags: 5 },
      { vaddr: ADDRESS.data, bytes: this.data },
      { vaddr: ADDRESS.heap, bytes: this.noise(4 * PAGE) },
      { vaddr: ADDRESS.linker, bytes: this.linker },
      { vaddr: ADDRESS.threadStack, bytes: this.threadStack },
      { vaddr: ADDRESS.stack, bytes: this.stack },
      { vaddr: ADDRESS.vdso, bytes: this.vdso, flags: 5 },
    ];
  }

  core(change: (spec: CoreSpec & { segments: SegmentSpec[] }) => CoreSpec = (spec) => spec): BuiltCore {
    const threads = this.registers.map((values, index) =>
      prstatus(KIND, 100 + index, 11, new Writer('le').u64(...values).done()),
    );
    const mappings = [
      { start: ADDRESS.program, end: ADDRESS.text + 0x10000n, offset: 0, path: '/usr/bin/program' },
      { start: ADDRESS.data, end: ADDRESS.data + BigInt(PAGE), offset: 0x11, path: '/usr/bin/program' },
      { start: ADDRESS.library, end: ADDRESS.library + 0x8000n, offset: 0, path: '/usr/lib/libx.so' },
      { start: ADDRESS.library + 0x10000n, end: ADDRESS.library + 0x20000n, offset: 0, path: '/var/data' },
    ];
    return buildElfCore(
      change({
        notes: [
          threads[0]!,
          prpsinfo(KIND, 100, 'program', this.noise(40).toString('hex')),
          { owner: 'CORE', type: 0x53494749, desc: Buffer.concat([Buffer.alloc(24, 1), this.noise(104)]) },
          auxv(KIND, [
            [3, ADDRESS.program + 64n],
            [5, 5n],
            [9, ADDRESS.text],
            [33, ADDRESS.vdso],
          ]),
          ntFile(KIND, 1, mappings),
          { owner: 'CORE', type: 2, desc: this.noise(512) },
          {
            owner: 'LINUX',
            type: 0x202,
            desc: Buffer.concat([this.noise(464), new Writer('le').u64(7).done(), this.noise(2000)]),
          },
          { owner: 'Secret', type: 7, desc: this.noise(64) },
          threads[1]!,
        ],
        segments: this.segments(),
      }),
    );
  }
}

function elfHeader(count: number): Buffer {
  return new Writer('le')
    .raw('\x7fELF')
    .raw(Buffer.from([2, 1, 1, 0]))
    .zeros(8)
    .u16(3, 62)
    .u32(1)
    .u64(0, 64, 0)
    .u32(0)
    .u16(64, 56, count, 0, 0, 0)
    .done();
}

/** PT_PHDR, code, data, PT_DYNAMIC and a build identifier. */
function programPage(): Buffer {
  const page = new Writer('le').raw(elfHeader(5));
  const header = (type: number, flags: number, vaddr: bigint, size: number): void => {
    page.u32(type, flags).u64(0, vaddr, vaddr, size, size, 8);
  };
  header(6, 4, ADDRESS.program + 64n, 280);
  header(1, 5, ADDRESS.program, 0x11000);
  header(1, 6, ADDRESS.data, PAGE);
  header(2, 6, ADDRESS.data + BigInt(DYNAMIC), 48);
  header(4, 4, ADDRESS.program + 0x400n, 36);
  const bytes = page.done();
  const note = new Writer('le').u32(4, 20, 3).raw('GNU\0').raw(Buffer.alloc(20, 0xab)).done();
  return Buffer.concat([bytes, Buffer.alloc(0x400 - bytes.length), note, Buffer.alloc(PAGE - 0x400 - 36)]);
}

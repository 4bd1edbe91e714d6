import { CachedReader } from '../../core/base/bytes/cached-reader.js';
import { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { Extent } from '../../core/model/report.js';
import { type ElfHeader, elfClass } from '../../formats/elf/header.js';
import { EM, linuxStackPointer } from '../../formats/elf/machines.js';
import { type Note, walkNotes } from '../../formats/elf/notes.js';
import { readWord } from '../../formats/memory/words.js';
import { ADDRESS_LIMIT } from '../core/address-ranges.js';
import { hashedName } from '../core/names.js';
import type { Plan } from '../core/plan.js';
import { refusals } from '../core/refusals.js';

/** The general registers of a thread. */
export interface ThreadRegisters {
  /** File extent of the register set. */
  extent: Extent;
  stackPointer: bigint;
  /** Values of the registers that RegisterSet names, if the machine has them. */
  threadPointer: bigint | undefined;
  goroutine: bigint | undefined;
}

interface Context {
  plan: Plan;
  pages: CachedReader;
  header: ElfHeader;
  registers: RegisterSet;
  hashNames: boolean;
  threads: ThreadRegisters[];
}

/** What stays of a note's descriptor. */
type Keep = (context: Context, note: Note) => void;

/** Twice what Linux allows a process by default. Linux writes about ten notes per thread. */
const MAX_THREADS = 2 ** 16;
const MAX_NOTES = 2 ** 20;
/** The header of a note: three words of 4 bytes. */
const HEADER = 12;

/** All but the general registers, of which planRegisters decides. pr_fpvalid follows them. */
const prstatus: Keep = ({ plan, pages, header, registers, threads }, { desc }) => {
  const at = registersAt(header);
  const length = registers.count * registers.word;
  if (desc.length < at + length) return;
  plan.keep({ offset: desc.offset, length: at });
  plan.keep({ offset: desc.offset + at + length, length: Math.min(MAX_FPVALID, desc.length - at - length) });
  const extent = { offset: desc.offset + at, length };
  const fields = new FieldReader(pages.read(extent.offset, length), header.endian, extent.offset);
  if (fields.length < length) return;
  const { stackPointer, threadPointer, goroutine, word } = registers;
  const value = (index: number) => readWord(fields, index * word, word);
  const ifAny = (index: number | undefined) => (index === undefined ? undefined : value(index));
  threads.push({
    extent,
    stackPointer: value(stackPointer),
    threadPointer: ifAny(threadPointer),
    goroutine: ifAny(goroutine),
  });
};
/** pr_fpvalid and padding. */
const MAX_FPVALID = 8;

/** Offset of pr_fname by the size of struct elf_prpsinfo; 16 bytes later pr_psargs begins. */
const FNAME: Readonly<Record<number, number>> = { 124: 28, 128: 32, 136: 40 };
const FNAME_SIZE = 16;

/** Without pr_psargs, the arguments. */
const prpsinfo: Keep = ({ plan, pages, hashNames }, { desc }) => {
  const at = FNAME[desc.length];
  if (at === undefined) return;
  const name = pages.read(desc.offset + at, FNAME_SIZE);
  const end = name.indexOf(0);
  const length = end < 0 ? FNAME_SIZE : end;
  plan.keep({ offset: desc.offset, length: at + length });
  if (hashNames) plan.replace(desc.offset + at, hashedName(name.subarray(0, length)));
};

/** A vector has some 20 pairs of words; what follows AT_NULL is not part of it. */
const auxv: Keep = ({ plan, pages, header }, { desc }) => {
  const { word } = elfClass(header);
  const bytes = pages.read(desc.offset, Math.min(desc.length, MAX_AUXV));
  const fields = new FieldReader(bytes, header.endian, desc.offset);
  let length = 0;
  for (; length + 2 * word <= bytes.length; length += 2 * word) {
    const type = readWord(fields, length, word);
    if (type === 0n || type > MAX_AUX_TYPE) break;
  }
  plan.keep({ offset: desc.offset, length });
};
const MAX_AUXV = 16 * 1024;
/** The types that Linux has today end at 51. */
const MAX_AUX_TYPE = 255n;

/**
 * Counts, addresses and as many names as are counted (docs of readMappedFiles). A note that is not built like
 * that is dropped.
 */
const ntFile: Keep = ({ plan, pages, header, hashNames }, { desc }) => {
  const { word } = elfClass(header);
  const bytes = pages.read(desc.offset, Math.min(desc.length, MAX_FILE_LIST));
  if (bytes.length < 2 * word) return;
  const fields = new FieldReader(bytes, header.endian, desc.offset);
  const count = readWord(fields, 0, word);
  const table = (2n + 3n * count) * BigInt(word);
  if (table > BigInt(bytes.length)) return;
  let at = Number(table);
  for (let entry = 2 * word; entry < at; entry += 3 * word)
    if (!isMapping(readWord(fields, entry, word), readWord(fields, entry + word, word))) return;
  plan.keep({ offset: desc.offset, length: at });
  for (let index = 0n; index < count && at < bytes.length; index++) {
    const end = bytes.indexOf(0, at);
    if (end < 0) return;
    if (hashNames) plan.replace(desc.offset + at, hashedName(bytes.subarray(at, end)));
    else plan.keep({ offset: desc.offset + at, length: end + 1 - at });
    at = end + 1;
  }
};

/** Mappings are whole pages of user memory. */
const isMapping = (start: bigint, end: bigint): boolean =>
  start < end && end <= BigInt(ADDRESS_LIMIT) && start % 4096n === 0n && end % 4096n === 0n;
const MAX_FILE_LIST = 16 * 1024 * 1024;

/** si_signo, si_errno, si_code, and si_addr or the sender. What follows may be a value of the sender's. */
const siginfo: Keep = ({ plan, header }, { desc }) =>
  plan.keep({ offset: desc.offset, length: Math.min(desc.length, header.bits === 64 ? 24 : 16) });

/** XCR0, by which gdb knows the size of the state, in the bytes that the processor leaves to software. */
const xstate: Keep = ({ plan, pages, header }, { desc }) => {
  const bytes = pages.read(desc.offset + XCR0, 8);
  if (desc.length < XCR0 + 8 || bytes.length < 8) return;
  const features = new FieldReader(bytes, header.endian).u64(0);
  // x87 and SSE are always there.
  if ((features & 3n) === 3n && features <= MAX_FEATURES)
    plan.keep({ offset: desc.offset + XCR0, length: 8 });
};
const XCR0 = 464;
const MAX_FEATURES = 2n ** 24n;

/** Up to a number of bytes. */
const upTo =
  (most: number): Keep =>
  ({ plan }, { desc }) =>
    plan.keep({ offset: desc.offset, length: Math.min(desc.length, most) });

/** gdb's description of the machine: XML, with a NUL at its end. */
const description: Keep = ({ plan, pages }, { desc }) => {
  const bytes = pages.read(desc.offset, Math.min(desc.length, MAX_DESCRIPTION));
  const text = Buffer.from(bytes).toString('latin1');
  if (/^<\?xml[\t\n\r -~]*\0*$/.test(text)) plan.keep({ offset: desc.offset, length: bytes.length });
};
const MAX_DESCRIPTION = 256 * 1024;

/** By owner and type; of all other notes only the header stays, so that the list can be walked. */
const NOTES: Readonly<Record<string, Keep>> = {
  'CORE:1': prstatus,
  'CORE:3': prpsinfo,
  'CORE:6': auxv,
  [`CORE:${0x46494c45}`]: ntFile,
  [`CORE:${0x53494749}`]: siginfo,
  // NT_386_TLS: three descriptors of segments, struct user_desc.
  'LINUX:512': upTo(48),
  'LINUX:514': xstate,
  // NT_ARM_TLS: the thread pointer. NT_ARM_PAC_MASK: which bits of an address are its signature.
  'LINUX:1025': upTo(8),
  'LINUX:1030': upTo(16),
  [`GDB:${0xff000000}`]: description,
};

const OWNERS: ReadonlySet<string> = new Set(['CORE', 'LINUX', 'GDB']);

/** Plans what stays of all notes but the registers, which it returns. */
export function planNotes(
  reader: ByteReader,
  segments: readonly Extent[],
  context: Omit<Context, 'pages' | 'threads'>,
): ThreadRegisters[] {
  const pages = new CachedReader(reader);
  const whole: Context = { ...context, pages, threads: [] };
  let seen = 0;
  const read = (offset: number, length: number) => pages.read(offset, length);
  for (const segment of segments) {
    for (const note of walkNotes(read, segment, context.header.endian)) {
      if (++seen > MAX_NOTES || whole.threads.length > MAX_THREADS) throw refusals.tooLarge();
      const known = OWNERS.has(note.owner);
      const { offset } = note.extent;
      // What follows the NUL of a name may be anything.
      context.plan.keep({ offset, length: HEADER + (known ? note.owner.length : 0) });
      if (known) NOTES[`${note.owner}:${note.type}`]?.(whole, note);
    }
  }
  return whole.threads;
}

/**
 * General registers in struct elf_prstatus (Linux, arch/ARCH/include/asm/elf.h and ptrace.h). Indices are in
 * words of `word` bytes.
 */
export interface RegisterSet {
  word: 4 | 8;
  count: number;
  stackPointer: number;
  /** Stack pointer, program counter, flags, segments and bases: they stay. */
  kept: ReadonlySet<number>;
  /** Register with the address of the thread control block. */
  threadPointer?: number;
  /** Register that holds Go's g where the thread pointer does not lead to it. */
  goroutine?: number;
}

interface Row {
  count: number;
  kept: readonly number[];
  threadPointer?: number;
  goroutine?: number;
}

/** r0 to r12, lr are data; sp, pc, cpsr. */
const ARM: Row = { count: 18, kept: [13, 15, 16] };
/** x0 to x30 are data; sp, pc, pstate. Go keeps g in x28. */
const AARCH64: Row = { count: 34, kept: [31, 32, 33], goroutine: 28 };
/** r15 to rdi and orig_rax are data; rip, cs, eflags, rsp, ss, fs_base, gs_base, ds, es, fs, gs. */
const X86_64: Row = {
  count: 27,
  kept: [16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26],
  threadPointer: 21,
};
/** ds, es, fs, gs, eip, cs, eflags, esp, ss. */
const I386: Row = { count: 17, kept: [7, 8, 9, 10, 12, 13, 14, 15, 16] };

/** Registers by e_machine and class of the file. */
const ROWS: Readonly<Record<number, { 32?: Row; 64?: Row }>> = {
  [EM.I386]: { 32: I386 },
  [EM.X86_64]: { 32: X86_64, 64: X86_64 },
  [EM.ARM]: { 32: ARM },
  [EM.AARCH64]: { 64: AARCH64 },
  // r1 is the stack pointer, r2 or r13 the thread pointer; nip, msr, ccr.
  [EM.PPC]: { 32: { count: 48, kept: [1, 2, 32, 33, 38] } },
  [EM.PPC64]: { 64: { count: 48, kept: [1, 13, 32, 33, 38] } },
  // Program status word (two words), then r0 to r15.
  [EM.S390]: { 64: { count: 18, kept: [0, 1, 17] } },
  // o32 has six unused words before r0; gp, sp, epc, status.
  [EM.MIPS]: { 32: { count: 45, kept: [34, 35, 40, 42] }, 64: { count: 45, kept: [28, 29, 34, 36] } },
  // pc, sp, gp, tp.
  [EM.RISCV]: { 32: { count: 32, kept: [0, 2, 3, 4] }, 64: { count: 32, kept: [0, 2, 3, 4] } },
  // tp, sp, era.
  [EM.LOONGARCH]: { 64: { count: 45, kept: [2, 3, 33] } },
};

/** The registers of a core's threads; undefined for a machine whose layout is unknown. */
export function registerSet(header: ElfHeader): RegisterSet | undefined {
  const pointer = linuxStackPointer(header);
  const rows = ROWS[header.machine];
  const row = rows?.[header.machine === EM.MIPS && pointer?.word === 8 ? 64 : header.bits];
  if (pointer === undefined || row === undefined) return undefined;
  return { ...row, word: pointer.word, stackPointer: pointer.at / pointer.word, kept: new Set(row.kept) };
}

/** Byte offset of the general registers in struct elf_prstatus. */
const registersAt = (header: ElfHeader): number => (elfClass(header).word === 8 ? 112 : 72);

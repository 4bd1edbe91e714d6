import { type ElfHeader, elfClass } from '../../formats/elf/header.js';
import { EM, linuxStackPointer } from '../../formats/elf/machines.js';

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
export const registersAt = (header: ElfHeader): number => (elfClass(header).word === 8 ? 112 : 72);

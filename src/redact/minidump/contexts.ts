import type { Extent } from '../../model/report.js';

/** Bytes of a CONTEXT (winnt.h; Breakpad's minidump_cpu_*.h), as offsets in it. */
export interface ContextLayout {
  /** Bytes of a register. */
  word: 4 | 8;
  stackPointer: number;
  /** Stack pointer, program counter, flags and segments: they stay. */
  kept: readonly Extent[];
  /** Other general registers: they stay where they pass the test of stack words. */
  tested: readonly Extent[];
}

const part = (offset: number, length: number): Extent => ({ offset, length });

/** ContextFlags; SegGs to SegDs; Edi to Ebp; Eip, SegCs, EFlags, Esp, SegSs. */
const X86: ContextLayout = {
  word: 4,
  stackPointer: 0xc4,
  kept: [part(0, 4), part(0x8c, 0x10), part(0xb8, 0x14)],
  tested: [part(0x9c, 0x1c)],
};
/** ContextFlags; six segments, EFlags; Rax to Rbx; Rsp; Rbp to R15; Rip. */
const AMD64: ContextLayout = {
  word: 8,
  stackPointer: 0x98,
  kept: [part(0x30, 4), part(0x38, 0x10), part(0x98, 8), part(0xf8, 8)],
  tested: [part(0x78, 0x20), part(0xa0, 0x58)],
};
/** ContextFlags, r0 to r12, sp, lr, pc, cpsr. */
const ARM: ContextLayout = {
  word: 4,
  stackPointer: 56,
  kept: [part(0, 4), part(56, 4), part(64, 8)],
  tested: [part(4, 52), part(60, 4)],
};
/** ContextFlags, Cpsr, X0 to X28, Fp, Lr, Sp, Pc. */
const ARM64: ContextLayout = {
  word: 8,
  stackPointer: 0x100,
  kept: [part(0, 8), part(0x100, 0x10)],
  tested: [part(8, 0xf8)],
};
/** Breakpad's: 8 bytes of flags, x0 to x30, sp, pc, cpsr. */
const ARM64_BREAKPAD: ContextLayout = { ...ARM64, kept: [part(0, 8), part(0x100, 0x14)] };

/** Layouts by ProcessorArchitecture of MINIDUMP_SYSTEM_INFO. */
export const CONTEXTS: Readonly<Record<number, ContextLayout>> = {
  0: X86,
  5: ARM,
  9: AMD64,
  10: X86,
  12: ARM64,
  32771: ARM64_BREAKPAD,
};

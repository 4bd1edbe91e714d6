import type { ElfHeader } from './header.js';

/** e_machine (System V gABI). */
export const EM = {
  SPARC: 2,
  I386: 3,
  MIPS: 8,
  PPC: 20,
  PPC64: 21,
  S390: 22,
  ARM: 40,
  SPARCV9: 43,
  X86_64: 62,
  AARCH64: 183,
  RISCV: 243,
  LOONGARCH: 258,
  ALPHA: 0x9026,
} as const;

/** Position of the stack pointer among the general registers, in words of `word` bytes. */
interface StackPointer {
  index: number;
  word: 4 | 8;
}

interface Machine {
  name: string;
  /**
   * By ELF class: the register set of Linux's struct elf_prstatus (arch/ARCH/include/asm/elf.h and ptrace.h).
   */
  linux: { 32?: StackPointer; 64?: StackPointer };
}

const MACHINES: Readonly<Record<number, Machine>> = {
  [EM.I386]: { name: 'i386', linux: { 32: { index: 15, word: 4 } } },
  // x32: 64-bit registers in a 32-bit file.
  [EM.X86_64]: { name: 'x86-64', linux: { 32: { index: 19, word: 8 }, 64: { index: 19, word: 8 } } },
  [EM.ARM]: { name: 'arm', linux: { 32: { index: 13, word: 4 } } },
  [EM.AARCH64]: { name: 'aarch64', linux: { 32: { index: 31, word: 8 }, 64: { index: 31, word: 8 } } },
  [EM.PPC]: { name: 'ppc', linux: { 32: { index: 1, word: 4 } } },
  [EM.PPC64]: { name: 'ppc64', linux: { 64: { index: 1, word: 8 } } },
  // The registers follow the program status word (two words).
  [EM.S390]: { name: 's390x', linux: { 32: { index: 17, word: 4 }, 64: { index: 17, word: 8 } } },
  // o32 has six unused words before register 0; n32 has the flag EF_MIPS_ABI2.
  [EM.MIPS]: { name: 'mips', linux: { 32: { index: 35, word: 4 }, 64: { index: 29, word: 8 } } },
  [EM.RISCV]: { name: 'riscv', linux: { 32: { index: 2, word: 4 }, 64: { index: 2, word: 8 } } },
  [EM.LOONGARCH]: { name: 'loongarch', linux: { 32: { index: 3, word: 4 }, 64: { index: 3, word: 8 } } },
  [EM.SPARC]: { name: 'sparc', linux: {} },
  [EM.SPARCV9]: { name: 'sparc64', linux: {} },
  [EM.ALPHA]: { name: 'alpha', linux: {} },
};

/** EF_MIPS_ABI2: the n32 ABI, 64-bit registers in a 32-bit file. */
const EF_MIPS_ABI2 = 0x20;

export function machineName({ machine }: ElfHeader): string {
  return MACHINES[machine]?.name ?? `e_machine ${machine}`;
}

/** Byte offset and size of the stack pointer in Linux's general register set; undefined if unknown. */
export function linuxStackPointer(header: ElfHeader): { at: number; word: 4 | 8 } | undefined {
  const n32 = header.machine === EM.MIPS && header.bits === 32 && (header.flags & EF_MIPS_ABI2) !== 0;
  const pointer = MACHINES[header.machine]?.linux[n32 ? 64 : header.bits];
  return pointer && { at: pointer.index * pointer.word, word: pointer.word };
}

import { EM } from './machines.js';

/** Note types of Linux cores, owners CORE and LINUX (include/uapi/linux/elf.h). */
const LINUX: Readonly<Record<number, string>> = {
  1: 'NT_PRSTATUS',
  2: 'NT_PRFPREG',
  3: 'NT_PRPSINFO',
  4: 'NT_TASKSTRUCT',
  6: 'NT_AUXV',
  256: 'NT_PPC_VMX',
  257: 'NT_PPC_SPE',
  258: 'NT_PPC_VSX',
  512: 'NT_386_TLS',
  513: 'NT_386_IOPERM',
  514: 'NT_X86_XSTATE',
  516: 'NT_X86_SHSTK',
  517: 'NT_X86_XSAVE_LAYOUT',
  768: 'NT_S390_HIGH_GPRS',
  769: 'NT_S390_TIMER',
  770: 'NT_S390_TODCMP',
  771: 'NT_S390_TODPREG',
  772: 'NT_S390_CTRS',
  773: 'NT_S390_PREFIX',
  774: 'NT_S390_LAST_BREAK',
  775: 'NT_S390_SYSTEM_CALL',
  776: 'NT_S390_TDB',
  777: 'NT_S390_VXRS_LOW',
  778: 'NT_S390_VXRS_HIGH',
  779: 'NT_S390_GS_CB',
  780: 'NT_S390_GS_BC',
  1024: 'NT_ARM_VFP',
  1025: 'NT_ARM_TLS',
  1026: 'NT_ARM_HW_BREAK',
  1027: 'NT_ARM_HW_WATCH',
  1028: 'NT_ARM_SYSTEM_CALL',
  1029: 'NT_ARM_SVE',
  1030: 'NT_ARM_PAC_MASK',
  1031: 'NT_ARM_PACA_KEYS',
  1032: 'NT_ARM_PACG_KEYS',
  1033: 'NT_ARM_TAGGED_ADDR_CTRL',
  1034: 'NT_ARM_PAC_ENABLED_KEYS',
  1035: 'NT_ARM_SSVE',
  1036: 'NT_ARM_ZA',
  1037: 'NT_ARM_ZT',
  2048: 'NT_MIPS_DSP',
  2049: 'NT_MIPS_FP_MODE',
  2050: 'NT_MIPS_MSA',
  2304: 'NT_RISCV_CSR',
  2305: 'NT_RISCV_VECTOR',
  1179208773: 'NT_FILE',
  1189489535: 'NT_PRXFPREG',
  1397311305: 'NT_SIGINFO',
};

/** Owner FreeBSD (sys/elf_common.h). */
const FREEBSD: Readonly<Record<number, string>> = {
  1: 'NT_PRSTATUS',
  2: 'NT_FPREGSET',
  3: 'NT_PRPSINFO',
  7: 'NT_THRMISC',
  8: 'NT_PROCSTAT_PROC',
  9: 'NT_PROCSTAT_FILES',
  10: 'NT_PROCSTAT_VMMAP',
  11: 'NT_PROCSTAT_GROUPS',
  12: 'NT_PROCSTAT_UMASK',
  13: 'NT_PROCSTAT_RLIMIT',
  14: 'NT_PROCSTAT_OSREL',
  15: 'NT_PROCSTAT_PSSTRINGS',
  16: 'NT_PROCSTAT_AUXV',
  17: 'NT_PTLWPINFO',
  514: 'NT_X86_XSTATE',
};

/** Owner NetBSD-CORE (core(5)). */
const NETBSD: Readonly<Record<number, string>> = {
  1: 'NT_NETBSDCORE_PROCINFO',
  2: 'NT_NETBSDCORE_AUXV',
  24: 'NT_NETBSDCORE_LWPSTATUS',
};

/** Owner OpenBSD (sys/exec_elf.h). */
const OPENBSD: Readonly<Record<number, string>> = {
  10: 'NT_OPENBSD_PROCINFO',
  11: 'NT_OPENBSD_AUXV',
  20: 'NT_OPENBSD_REGS',
  21: 'NT_OPENBSD_FPREGS',
  22: 'NT_OPENBSD_XFPREGS',
  23: 'NT_OPENBSD_WCOOKIE',
};

const OWNERS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  CORE: LINUX,
  LINUX,
  FreeBSD: FREEBSD,
  'NetBSD-CORE': NETBSD,
  OpenBSD: OPENBSD,
  GDB: { 4278190080: 'NT_GDB_TDESC' },
};

/** Types from NT_NETBSDCORE_FIRSTMACH on are ptrace requests; on these machines PT_GETREGS is one lower. */
const NETBSD_FIRSTMACH = 32;
const REGS_AT_FIRSTMACH: ReadonlySet<number> = new Set([EM.ALPHA, EM.SPARC, EM.SPARCV9, EM.AARCH64]);

/** NetBSD's note type of the general registers (PT_GETREGS) on a machine. */
export function netbsdRegisters(machine: number): number {
  return NETBSD_FIRSTMACH + (REGS_AT_FIRSTMACH.has(machine) ? 0 : 1);
}

/** The official name of a note type; `owner` is without its `@lwp`. */
export function noteName(owner: string, type: number, machine: number): string {
  const known = OWNERS[owner]?.[type];
  if (known !== undefined) return known;
  if (owner === 'NetBSD-CORE' && type >= NETBSD_FIRSTMACH) {
    return type === netbsdRegisters(machine)
      ? 'PT_GETREGS'
      : `NT_NETBSDCORE_FIRSTMACH+${type - NETBSD_FIRSTMACH}`;
  }
  return `${owner} 0x${type.toString(16)}`;
}

const LINUX_PROCESS_NOTES = new Set([3, 4, 6, 0x46494c45, 0x53494749]);

/** True if a note of this type contains registers of a thread. */
export function holdsRegisters(owner: string, type: number): boolean {
  if (owner === 'CORE' || owner === 'LINUX') return !LINUX_PROCESS_NOTES.has(type);
  if (owner === 'FreeBSD') return type <= 2 || type === 514;
  if (owner === 'NetBSD-CORE') return type >= NETBSD_FIRSTMACH;
  return owner === 'OpenBSD' && type >= 20 && type <= 22;
}

import type { CachedReader } from '../../core/base/bytes/cached-reader.js';
import { FieldReader, OutOfBounds } from '../../core/base/bytes/field-reader.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import type { Extent, ProcessFacts, Region } from '../../core/model/report.js';
import type { FileSpan } from '../memory/file-spans.js';
import type { FileMapping } from '../memory/process-map.js';
import { decodeCString } from '../memory/text.js';
import type { ElfHeader } from './header.js';
import { LINUX_HANDLERS, setSignal } from './linux-notes.js';
import { EM } from './machines.js';
import { malformedNote, type Note, walkNotes } from './notes.js';
import { bsdSignal } from './signals.js';
import { warnings } from './warnings.js';

/**
 * Byte offset of the stack pointer in amd64's struct reg (sys/arch/amd64/include/reg.h,
 * sys/x86/include/reg.h).
 */
const AMD64_SP = { netbsd: 24 * 8, openbsd: 15 * 8, freebsd: 160 } as const;

/** struct netbsd_elfcore_procinfo (sys/exec_elf.h). */
const netbsdProcinfo: NoteHandler = (facts, fields) => {
  facts.process.pid = fields.u32(80);
  facts.process.name = decodeCString(fields.slice(124, 32));
  setSignal(facts, fields.u32(8), bsdSignal);
};

const netbsdMachine: NoteHandler = (facts, fields, note, header) => {
  if (note.thread === undefined || note.type !== netbsdRegisters(header.machine)) return;
  const known = header.machine === EM.X86_64 && fields.length >= AMD64_SP.netbsd + 8;
  facts.threads.push(thread(note.thread, known ? fields.u64(AMD64_SP.netbsd) : undefined));
};

/** struct elfcore_procinfo (sys/core.h of OpenBSD). */
const openbsdProcinfo: NoteHandler = (facts, fields) => {
  facts.process.pid = fields.u32(0x20);
  facts.process.name = decodeCString(fields.slice(0x48, 32));
  setSignal(facts, fields.u32(8), bsdSignal);
};

const openbsdRegs: NoteHandler = (facts, fields, note, header) => {
  const known = header.machine === EM.X86_64 && fields.length >= AMD64_SP.openbsd + 8;
  facts.threads.push(thread(note.thread ?? 0, known ? fields.u64(AMD64_SP.openbsd) : undefined));
};

/** struct prstatus (sys/procfs.h of FreeBSD): version, three sizes, osreldate, cursig, pid, registers. */
const freebsdPrstatus: NoteHandler = (facts, fields, _note, header) => {
  const wide = header.bits === 64;
  const [cursig, pid, registers] = wide ? [36, 40, 48] : [20, 24, 28];
  const at = registers + AMD64_SP.freebsd;
  const known = header.machine === EM.X86_64 && wide && fields.length >= at + 8;
  facts.threads.push(thread(fields.u32(pid), known ? fields.u64(at) : undefined));
  setSignal(facts, fields.u32(cursig), bsdSignal);
};

/**
 * struct prpsinfo (sys/procfs.h of FreeBSD): version, size, fname[17], psargs[81], then pid since version 1a.
 */
const freebsdPrpsinfo: NoteHandler = (facts, fields, _note, header) => {
  const fname = header.bits === 64 ? 16 : 8;
  const psargs = fname + 17;
  const pid = Math.ceil((psargs + 81) / 4) * 4;
  facts.process.name = decodeCString(fields.slice(fname, 17));
  facts.process.command = decodeCString(fields.slice(psargs, 81)).trimEnd();
  if (fields.length >= pid + 4) facts.process.pid = fields.u32(pid);
};

function thread(id: number, sp: bigint | undefined): Thread {
  return definedFields({ id, sp });
}

const BSD_HANDLERS: NoteHandlers = {
  'NetBSD-CORE:1': netbsdProcinfo,
  'NetBSD-CORE:*': netbsdMachine,
  'OpenBSD:10': openbsdProcinfo,
  'OpenBSD:20': openbsdRegs,
  'FreeBSD:1': freebsdPrstatus,
  'FreeBSD:3': freebsdPrpsinfo,
};

export interface Thread {
  id: number;
  /** Stack pointer. */
  sp?: bigint;
}

/** What the notes of a core say about the process. */
export interface CoreFacts {
  process: ProcessFacts;
  threads: Thread[];
  /** NT_FILE, as listed. */
  mappings: FileMapping[];
  /** False without an NT_FILE note; anonymous memory then cannot be distinguished from file mappings. */
  hasFileList: boolean;
  /** Bytes of NT_AUXV. The kernel put the same bytes on the main thread's stack. */
  auxv: Uint8Array;
  /** True for a core of a machine: addresses are p_paddr. */
  physical: boolean;
  spans: FileSpan[];
  warnings: Warning[];
}

/** Reads one type of note into the facts. `fields`: the descriptor, truncated at {@link MAX_DESC}. */
export type NoteHandler = (facts: CoreFacts, fields: FieldReader, note: Note, header: ElfHeader) => void;

/** Handlers by `owner:type`; `owner:*` handles every other type. */
export type NoteHandlers = Readonly<Record<string, NoteHandler>>;

const HANDLERS: NoteHandlers = { ...LINUX_HANDLERS, ...BSD_HANDLERS };

/** Owners of notes in dumps of whole machines only. */
const MACHINE_OWNERS: ReadonlySet<string> = new Set(['QEMU', 'VMCOREINFO', 'VBCORE', 'VBCPU']);

/** Linux writes about ten notes per thread: enough for 25,000 threads. */
const MAX_NOTES = 2 ** 18;
const MAX_WARNINGS = 16;
/** The longest descriptor is that of NT_FILE, which Linux limits to 4 MiB by default. */
const MAX_DESC = 16 * 1024 * 1024;

/** Reads every note of a core. A malformed note becomes a region without facts. */
export function readFacts(pages: CachedReader, header: ElfHeader, segments: readonly Extent[]): CoreFacts {
  const facts: CoreFacts = {
    process: { bits: header.bits, endian: header.endian },
    threads: [],
    mappings: [],
    hasFileList: false,
    auxv: new Uint8Array(0),
    physical: false,
    spans: [],
    warnings: [],
  };
  for (const segment of segments) {
    for (const note of walkNotes((offset, length) => pages.read(offset, length), segment, header.endian)) {
      if (facts.spans.length >= MAX_NOTES) break;
      readNote(pages, header, facts, note);
    }
  }
  if (facts.spans.length >= MAX_NOTES) {
    const message = `notes beyond the first ${MAX_NOTES} were swept without being read`;
    facts.warnings.push(warnings.of('notes-capped', { message, hint: 'the core is damaged or hostile' }));
  }
  facts.process.threads = facts.threads.length;
  return facts;
}

function readNote(pages: CachedReader, header: ElfHeader, facts: CoreFacts, note: Note): void {
  if (MACHINE_OWNERS.has(note.owner)) facts.physical = true;
  const handler = HANDLERS[`${note.owner}:${note.type}`] ?? HANDLERS[`${note.owner}:*`];
  if (handler !== undefined) {
    const bytes = pages.read(note.desc.offset, Math.min(note.desc.length, MAX_DESC));
    readOrWarn(facts, note, header, () =>
      handler(facts, new FieldReader(bytes, header.endian, note.desc.offset), note, header),
    );
  }
  const name = noteName(note.owner, note.type, header.machine);
  facts.spans.push({ ...note.extent, region: noteRegion(facts, note, name) });
}

function readOrWarn(facts: CoreFacts, note: Note, header: ElfHeader, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof OutOfBounds)) throw error;
    const message = `${noteName(note.owner, note.type, header.machine)} is shorter than its structure`;
    if (facts.warnings.length < MAX_WARNINGS) {
      facts.warnings.push(malformedNote(note, message));
    }
  }
}

/** Register notes belong to the thread of the preceding NT_PRSTATUS, unless their owner names a thread. */
function noteRegion(facts: CoreFacts, note: Note, name: string): Region {
  if (!holdsRegisters(note.owner, note.type)) return { kind: 'note', name };
  const thread = note.thread ?? facts.threads.at(-1)?.id;
  return definedFields({ kind: 'register', name, thread });
}

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
function netbsdRegisters(machine: number): number {
  return NETBSD_FIRSTMACH + (REGS_AT_FIRSTMACH.has(machine) ? 0 : 1);
}

/** The official name of a note type; `owner` is without its `@lwp`. */
function noteName(owner: string, type: number, machine: number): string {
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
function holdsRegisters(owner: string, type: number): boolean {
  if (owner === 'CORE' || owner === 'LINUX') return !LINUX_PROCESS_NOTES.has(type);
  if (owner === 'FreeBSD') return type <= 2 || type === 514;
  if (owner === 'NetBSD-CORE') return type >= NETBSD_FIRSTMACH;
  return owner === 'OpenBSD' && type >= 20 && type <= 22;
}

import { definedFields } from '../../core/base/runtime/defined.js';
import { decodeCString } from '../memory/text.js';
import type { NoteHandler, NoteHandlers, Thread } from './facts.js';
import { setSignal } from './linux-notes.js';
import { EM } from './machines.js';
import { netbsdRegisters } from './note-names.js';
import { bsdSignal } from './signals.js';

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

export const BSD_HANDLERS: NoteHandlers = {
  'NetBSD-CORE:1': netbsdProcinfo,
  'NetBSD-CORE:*': netbsdMachine,
  'OpenBSD:10': openbsdProcinfo,
  'OpenBSD:20': openbsdRegs,
  'FreeBSD:1': freebsdPrstatus,
  'FreeBSD:3': freebsdPrpsinfo,
};

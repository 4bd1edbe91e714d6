import { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { FileMapping } from '../memory/process-map.js';
import { decodeCString, decodeText } from '../memory/text.js';
import { readWord } from '../memory/words.js';
import type { CoreFacts, NoteHandler, NoteHandlers } from './facts.js';
import { elfClass } from './header.js';
import { linuxStackPointer } from './machines.js';
import { malformedNote } from './notes.js';
import { linuxSignal } from './signals.js';

/**
 * struct elf_prstatus (include/linux/elfcore.h): pr_info (3 ints), pr_cursig (short @12), two words of signal
 * sets @16, four pids, four timevals, then the registers. The 32-bit layout holds for x32 and n32 too.
 */
const PRSTATUS = {
  cursig: 12,
  32: { pid: 24, registers: 72 },
  64: { pid: 32, registers: 112 },
} as const;

const prstatus: NoteHandler = (facts, fields, _note, header) => {
  const layout = PRSTATUS[header.bits];
  const id = fields.u32(layout.pid);
  const pointer = linuxStackPointer(header);
  const at = layout.registers + (pointer?.at ?? 0);
  const inside = pointer !== undefined && at + pointer.word <= fields.length;
  facts.threads.push({ id, ...(inside ? { sp: readWord(fields, at, pointer.word) } : {}) });
  setSignal(facts, fields.u16(PRSTATUS.cursig), (signal) => linuxSignal(signal, header));
};

/** siginfo_t begins with si_signo. */
const siginfo: NoteHandler = (facts, fields, _note, header) =>
  setSignal(facts, fields.u32(0), (signal) => linuxSignal(signal, header));

/** Keeps the first signal: the kernel writes the crashed thread first. */
export function setSignal(
  facts: CoreFacts,
  signal: number,
  nameOf: (signal: number) => string | undefined,
): void {
  if (signal === 0 || signal > 255 || facts.process.signal !== undefined) return;
  const signalName = nameOf(signal);
  facts.process.signal = signal;
  if (signalName !== undefined) facts.process.signalName = signalName;
}

/**
 * struct elf_prpsinfo (include/linux/elfcore.h), by its size in bytes: 32-bit with 16-bit user ids (i386,
 * arm), 32-bit with 32-bit user ids (ppc, mips), 64-bit.
 */
const PRPSINFO: Readonly<Record<number, { pid: number; fname: number; psargs: number }>> = {
  124: { pid: 12, fname: 28, psargs: 44 },
  128: { pid: 16, fname: 32, psargs: 48 },
  136: { pid: 24, fname: 40, psargs: 56 },
};
const FNAME_SIZE = 16;
const PSARGS_SIZE = 80;

const prpsinfo: NoteHandler = (facts, fields) => {
  const layout = PRPSINFO[fields.length];
  if (layout === undefined) return;
  facts.process.pid = fields.u32(layout.pid);
  facts.process.name = decodeCString(fields.slice(layout.fname, FNAME_SIZE));
  facts.process.command = decodeCString(fields.slice(layout.psargs, PSARGS_SIZE)).trimEnd();
};

/** Longest vector in bytes; it has some 20 pairs of words. */
const MAX_AUXV = 16 * 1024;

const auxv: NoteHandler = (facts, fields) => {
  facts.auxv = Uint8Array.from(fields.bytes.subarray(0, MAX_AUXV));
};

const ntFile: NoteHandler = (facts, fields, note, header) => {
  const { mappings, complete } = readMappedFiles(fields, elfClass(header).word);
  facts.mappings = mappings;
  facts.hasFileList = mappings.length > 0;
  if (complete) return;
  const message = 'NT_FILE, the list of mapped files, was read in part';
  facts.warnings.push(malformedNote(note, message));
};

export const LINUX_HANDLERS: NoteHandlers = {
  'CORE:1': prstatus,
  'CORE:3': prpsinfo,
  'CORE:6': auxv,
  [`CORE:${0x46494c45}`]: ntFile,
  [`CORE:${0x53494749}`]: siginfo,
};

/** Types of the auxiliary vector (include/uapi/linux/auxvec.h). */
export const AT = { ENTRY: 9, EXECFN: 31, SYSINFO_EHDR: 33 } as const;

/** A value of the auxiliary vector, up to AT_NULL. */
export function auxValue(
  bytes: Uint8Array,
  type: number,
  word: 4 | 8,
  endian: 'le' | 'be',
): bigint | undefined {
  const fields = new FieldReader(bytes, endian);
  for (let at = 0; at + 2 * word <= bytes.length; at += 2 * word) {
    const found = readWord(fields, at, word);
    if (found === 0n) return undefined;
    if (found === BigInt(type)) return readWord(fields, at + word, word);
  }
  return undefined;
}

/** More mapped files than any known process has. */
const MAX_ENTRIES = 2 ** 18;
/** PATH_MAX of Linux. */
const MAX_PATH = 4096;

/**
 * NT_FILE (fs/binfmt_elf.c): count, page_size, count times {start, end, file_ofs} in words, count
 * NUL-terminated paths. file_ofs is in units of page_size: 4096 if written by a kernel, 1 by gcore. The n32
 * kernel of MIPS writes 8-byte words into a 32-bit core: the word size for which the note is valid is used.
 */
function readMappedFiles(fields: FieldReader, word: 4 | 8): { mappings: FileMapping[]; complete: boolean } {
  const size = [word, word === 8 ? 4 : 8].find((candidate) => fits(fields, candidate as 4 | 8)) as
    | 4
    | 8
    | undefined;
  if (size === undefined) return { mappings: [], complete: false };
  const count = Number(readWord(fields, 0, size));
  const pageSize = readWord(fields, size, size);
  const kept = Math.min(count, MAX_ENTRIES);
  const names = paths(fields.bytes, (2 + 3 * count) * size, kept);
  const mappings = names.map((path, index) => {
    const at = (2 + 3 * index) * size;
    return {
      start: readWord(fields, at, size),
      end: readWord(fields, at + size, size),
      fileOffset: readWord(fields, at + 2 * size, size) * pageSize,
      path,
    };
  });
  return { mappings, complete: mappings.length === count };
}

/** True if the note is valid with this word size: the table fits into it, and page_size is a power of two. */
function fits(fields: FieldReader, word: 4 | 8): boolean {
  if (fields.length < 2 * word) return false;
  const count = readWord(fields, 0, word);
  const pageSize = readWord(fields, word, word);
  const table = (2n + 3n * count) * BigInt(word);
  return count > 0n && pageSize > 0n && (pageSize & (pageSize - 1n)) === 0n && table <= BigInt(fields.length);
}

function paths(bytes: Uint8Array, start: number, count: number): string[] {
  const found: string[] = [];
  let last: { bytes: Uint8Array; path: string } | undefined;
  for (let at = start; found.length < count && at < bytes.length; ) {
    const nul = bytes.indexOf(0, at);
    const end = nul < 0 ? bytes.length : nul;
    const raw = bytes.subarray(at, Math.min(end, at + MAX_PATH));
    // Mappings of one file are adjacent: they share one decoded path.
    if (last === undefined || Buffer.compare(last.bytes, raw) !== 0)
      last = { bytes: raw, path: decodeText(raw) };
    found.push(last.path);
    at = end + 1;
  }
  return found;
}

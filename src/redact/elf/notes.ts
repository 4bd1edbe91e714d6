import { CachedReader } from '../../core/base/bytes/cached-reader.js';
import { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { Extent } from '../../core/model/report.js';
import { type ElfHeader, elfClass } from '../../formats/elf/header.js';
import { type Note, walkNotes } from '../../formats/elf/notes.js';
import { readWord } from '../../formats/memory/words.js';
import { ADDRESS_LIMIT } from '../core/address-ranges.js';
import { hashedName } from '../core/names.js';
import type { Plan } from '../core/plan.js';
import { refusals } from '../core/refusals.js';
import { type RegisterSet, registersAt } from './registers.js';

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

import type { Mapping, MemorySegment } from './segments.js';

/** Fields of an ELF core (elf(5)), of a 64-bit process in the byte order of this machine: little-endian. */
const EHDR = 64;
const PHDR = 56;
const [ET_CORE, PT_LOAD, PT_NOTE] = [4, 1, 4];
const [NT_PRSTATUS, NT_PRPSINFO, NT_AUXV, NT_FILE] = [1, 3, 6, 0x46494c45];

/** `e_machine`, and the places of stack pointer and program counter in pr_reg of NT_PRSTATUS. In bytes. */
export interface MachineLayout {
  machine: number;
  prstatus: number;
  sp: number;
  pc: number;
}

/** By Node's name of the processor (struct elf_prstatus of include/linux/elfcore.h; pr_reg is at 112). */
export const MACHINES: Readonly<Record<string, MachineLayout>> = {
  x64: { machine: 62, prstatus: 336, sp: 112 + 19 * 8, pc: 112 + 16 * 8 },
  arm64: { machine: 183, prstatus: 392, sp: 112 + 31 * 8, pc: 112 + 32 * 8 },
};

export interface StoppedThread {
  id: number;
  sp?: bigint | undefined;
  pc?: bigint | undefined;
}

/** What the notes of a core say of a process. */
export interface ProcessNotes {
  pid: number;
  /** Name of its executable, at most 15 bytes. */
  name: Buffer;
  /** Arguments, with NULs between them. */
  command: Buffer;
  auxv: Uint8Array;
  threads: readonly StoppedThread[];
  mappings: readonly Mapping[];
  /** Bytes of a page: the unit of offsets in NT_FILE. */
  page: number;
}

/** A segment with its place in the core. */
export interface PlacedSegment extends MemorySegment {
  /** Offset in bytes. */
  offset: number;
  /** Bytes of it in the core. */
  length: number;
}

/** The headers and notes of a core, and where its segments follow. */
export function coreHead(
  segments: readonly MemorySegment[],
  process: ProcessNotes,
  layout: MachineLayout,
): { head: Buffer; placed: PlacedSegment[] } {
  const notes = notesOf(process, layout);
  const notesAt = EHDR + PHDR * (segments.length + 1);
  let at = alignedTo(notesAt + notes.length, process.page);
  const placed = segments.map((segment): PlacedSegment => {
    const length = segment.isLeftOut ? 0 : Number(segment.end - segment.start);
    const offset = at;
    at += length;
    return { ...segment, offset, length };
  });
  const first = placed[0]?.offset ?? at;
  const head = Buffer.alloc(first);
  elfHeader(segments.length + 1, layout).copy(head);
  programHeader(PT_NOTE, 0, { offset: notesAt, length: notes.length, address: 0n, memory: 0n }).copy(
    head,
    EHDR,
  );
  placed.forEach(({ start, end, offset, length, mapping }, i) => {
    const row = { offset, length, address: start, memory: end - start };
    programHeader(PT_LOAD, flagsOf(mapping.permissions), row).copy(head, EHDR + PHDR * (i + 1));
  });
  notes.copy(head, notesAt);
  return { head, placed };
}

const alignedTo = (length: number, unit: number): number => Math.ceil(length / unit) * unit;

/** PF_R, PF_W, PF_X. */
const flagsOf = (permissions: string): number =>
  (permissions[0] === 'r' ? 4 : 0) | (permissions[1] === 'w' ? 2 : 0) | (permissions[2] === 'x' ? 1 : 0);

function elfHeader(headers: number, { machine }: MachineLayout): Buffer {
  const bytes = Buffer.alloc(EHDR);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes.writeUInt16LE(ET_CORE, 16);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(BigInt(EHDR), 32);
  bytes.writeUInt16LE(EHDR, 52);
  bytes.writeUInt16LE(PHDR, 54);
  bytes.writeUInt16LE(headers, 56);
  return bytes;
}

interface HeaderRow {
  offset: number;
  length: number;
  address: bigint;
  /** p_memsz. */
  memory: bigint;
}

function programHeader(type: number, flags: number, { offset, length, address, memory }: HeaderRow): Buffer {
  const bytes = Buffer.alloc(PHDR);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(flags, 4);
  bytes.writeBigUInt64LE(BigInt(offset), 8);
  bytes.writeBigUInt64LE(address, 16);
  bytes.writeBigUInt64LE(BigInt(length), 32);
  bytes.writeBigUInt64LE(memory, 40);
  return bytes;
}

function notesOf(process: ProcessNotes, layout: MachineLayout): Buffer {
  return Buffer.concat([
    note(NT_PRPSINFO, prpsinfo(process)),
    ...process.threads.map((thread) => note(NT_PRSTATUS, prstatus(thread, layout))),
    note(NT_AUXV, process.auxv),
    note(NT_FILE, fileNote(process)),
  ]);
}

function note(type: number, content: Uint8Array): Buffer {
  const bytes = Buffer.alloc(20 + alignedTo(content.length, 4));
  bytes.writeUInt32LE(5, 0);
  bytes.writeUInt32LE(content.length, 4);
  bytes.writeUInt32LE(type, 8);
  bytes.write('CORE\0', 12, 'latin1');
  bytes.set(content, 20);
  return bytes;
}

/** struct elf_prpsinfo: pr_pid at 24, pr_fname (16 bytes) at 40, pr_psargs (80 bytes) at 56. */
function prpsinfo({ pid, name, command }: ProcessNotes): Buffer {
  const bytes = Buffer.alloc(136);
  bytes.writeUInt32LE(pid, 24);
  bytes.set(name.subarray(0, 15), 40);
  const words = Buffer.from(command.subarray(0, 79));
  for (let at = words.indexOf(0); at >= 0; at = words.indexOf(0)) words[at] = 0x20;
  bytes.set(words, 56);
  return bytes;
}

function prstatus({ id, sp = 0n, pc = 0n }: StoppedThread, layout: MachineLayout): Buffer {
  const bytes = Buffer.alloc(layout.prstatus);
  bytes.writeUInt32LE(id, 32);
  bytes.writeBigUInt64LE(sp, layout.sp);
  bytes.writeBigUInt64LE(pc, layout.pc);
  return bytes;
}

/** Count and page size, a row of start, end and offset in pages for each mapped file, then their names. */
function fileNote({ mappings, page }: ProcessNotes): Buffer {
  const files = mappings.filter(({ path }) => path.startsWith('/'));
  const rows = Buffer.alloc(16 + 24 * files.length);
  rows.writeBigUInt64LE(BigInt(files.length), 0);
  rows.writeBigUInt64LE(BigInt(page), 8);
  files.forEach(({ start, end, offset }, i) => {
    rows.writeBigUInt64LE(start, 16 + 24 * i);
    rows.writeBigUInt64LE(end, 24 + 24 * i);
    rows.writeBigUInt64LE(offset / BigInt(page), 32 + 24 * i);
  });
  return Buffer.concat([rows, ...files.map(({ path }) => Buffer.from(`${path}\0`, 'latin1'))]);
}

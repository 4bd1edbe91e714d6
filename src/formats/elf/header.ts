import { type Endian, FieldReader } from '../../core/base/bytes/field-reader.js';
import { hasMagic } from '../memory/magic.js';
import { capped, readWord } from '../memory/words.js';

/** `\x7fELF` as a little-endian number. */
export const ELF_MAGIC = 0x464c457f;
const ET_CORE = 4;
export const PT_LOAD = 1;
export const PT_NOTE = 4;
export const PF_X = 1;
export const PF_W = 2;
/** e_phnum if the true count is in shdr[0].sh_info (System V gABI, "ELF Header"). */
export const PN_XNUM = 0xffff;

/** The fields of Elf32_Ehdr or Elf64_Ehdr that a core needs (System V gABI). */
export interface ElfHeader {
  bits: 32 | 64;
  endian: Endian;
  machine: number;
  flags: number;
  phoff: number;
  phentsize: number;
  phnum: number;
  shoff: number;
  shnum: number;
  shstrndx: number;
}

/** Byte offsets of fields that differ by class, and sizes of structures. */
interface ElfClass {
  word: 4 | 8;
  ehdr: Record<'size' | 'phoff' | 'shoff' | 'flags' | 'phentsize', number>;
  phdr: Record<'size' | 'flags' | 'offset' | 'vaddr' | 'paddr' | 'filesz' | 'memsz', number>;
  shdr: Record<'size' | 'offset' | 'sectionSize' | 'info', number>;
}

const CLASSES: Readonly<Record<32 | 64, ElfClass>> = {
  32: {
    word: 4,
    ehdr: { size: 52, phoff: 28, shoff: 32, flags: 36, phentsize: 42 },
    phdr: { size: 32, flags: 24, offset: 4, vaddr: 8, paddr: 12, filesz: 16, memsz: 20 },
    shdr: { size: 40, offset: 16, sectionSize: 20, info: 28 },
  },
  64: {
    word: 8,
    ehdr: { size: 64, phoff: 32, shoff: 40, flags: 48, phentsize: 54 },
    phdr: { size: 56, flags: 4, offset: 8, vaddr: 16, paddr: 24, filesz: 32, memsz: 40 },
    shdr: { size: 64, offset: 24, sectionSize: 32, info: 44 },
  },
};

export function elfClass(header: Pick<ElfHeader, 'bits'>): ElfClass {
  return CLASSES[header.bits];
}

/** A size or file offset of the class. */
export function size(fields: FieldReader, at: number, word: 4 | 8): number {
  return capped(readWord(fields, at, word));
}

/** Bits by e_ident[EI_CLASS]. */
const BITS: Readonly<Record<number, 32 | 64>> = { 1: 32, 2: 64 };
const ENDIANS: Readonly<Record<number, Endian>> = { 1: 'le', 2: 'be' };

/** True if a file claims to be an ELF core; its header may be truncated. */
export function isElfCore(head: Uint8Array): boolean {
  const endian = ENDIANS[head[5] ?? 0];
  if (!hasMagic(head, '\x7fELF') || !BITS[head[4] ?? 0] || endian === undefined) return false;
  return head.length >= 18 && new FieldReader(head, endian).u16(16) === ET_CORE;
}

/**
 * The ELF header at the start of `bytes`; undefined if there is none of a known class and byte order. Throws
 * OutOfBounds if the bytes end inside it.
 */
export function readElfHeader(bytes: Uint8Array): ElfHeader | undefined {
  const bits = BITS[bytes[4] ?? 0];
  const endian = ENDIANS[bytes[5] ?? 0];
  if (!hasMagic(bytes, '\x7fELF') || bits === undefined || endian === undefined) return undefined;
  const fields = new FieldReader(bytes, endian);
  const { word, ehdr } = CLASSES[bits];
  const sizes = ehdr.phentsize;
  return {
    bits,
    endian,
    machine: fields.u16(18),
    flags: fields.u32(ehdr.flags),
    phoff: size(fields, ehdr.phoff, word),
    phentsize: fields.u16(sizes),
    phnum: fields.u16(sizes + 2),
    shoff: size(fields, ehdr.shoff, word),
    shnum: fields.u16(sizes + 6),
    shstrndx: fields.u16(sizes + 8),
  };
}

/** Elf32_Phdr or Elf64_Phdr. */
export interface ProgramHeader {
  type: number;
  flags: number;
  offset: number;
  vaddr: bigint;
  paddr: bigint;
  filesz: number;
  memsz: number;
}

export function readProgramHeader(fields: FieldReader, at: number, { word, phdr }: ElfClass): ProgramHeader {
  return {
    type: fields.u32(at),
    flags: fields.u32(at + phdr.flags),
    offset: size(fields, at + phdr.offset, word),
    vaddr: readWord(fields, at + phdr.vaddr, word),
    paddr: readWord(fields, at + phdr.paddr, word),
    filesz: size(fields, at + phdr.filesz, word),
    memsz: size(fields, at + phdr.memsz, word),
  };
}

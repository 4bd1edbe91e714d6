import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { FieldReader } from '../../core/base/bytes/field-reader.js';
import { type ByteReader, openStorage } from '../../core/base/bytes/storage.js';
import { type ElfHeader, elfClass, readElfHeader, size } from '../../formats/elf/header.js';
import { readBytes } from '../../formats/memory/read.js';
import { readWord } from '../../formats/memory/words.js';

/** Global variables of Go's runtime that lead a debugger to all goroutines, with their sizes in words. */
const VARIABLES: Readonly<Record<string, number>> = {
  'runtime.allgs': 3,
  'runtime.allglen': 1,
  'runtime.allgptr': 1,
};

/** What is read of a program's file. */
export interface GoProgram {
  /** Address of the program headers as linked. */
  table: bigint;
  /** Bytes of the program headers, which are in memory too. */
  headers: Uint8Array;
  /** Addresses of the variables as linked, with their sizes in bytes. */
  variables: Map<string, { address: bigint; length: number }>;
}

/** Sections and symbols that are read; Kubernetes has 200,000 symbols. */
const MAX_SECTIONS = 4096;
const MAX_SYMBOLS = 64 * 1024 * 1024;
const MAX_NAMES = 64 * 1024 * 1024;
const SHT_SYMTAB = 2;
const PT_PHDR = 6;

interface Section {
  type: number;
  offset: number;
  length: number;
  link: number;
}

/** Reads the file of a Go program. Undefined for any other file, and without symbols. */
export function readGoProgram(path: string): GoProgram | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(fd);
    return stats.isFile() ? readFrom(openStorage({ kind: 'file', fd, length: stats.size })) : undefined;
  } catch {
    // Missing, unreadable, or no program: its goroutines are not found.
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function readFrom(reader: ByteReader): GoProgram | undefined {
  const header = readElfHeader(readBytes(reader, 0, 64));
  if (header === undefined) return undefined;
  const kind = elfClass(header);
  const headers = readBytes(reader, header.phoff, header.phnum * kind.phdr.size);
  const fields = new FieldReader(headers, header.endian);
  let table: bigint | undefined;
  for (let at = 0; at + kind.phdr.size <= headers.length; at += kind.phdr.size)
    if (fields.u32(at) === PT_PHDR) table = readWord(fields, at + kind.phdr.vaddr, kind.word);
  const sections = sectionsOf(reader, header);
  const symbols = sections.find(({ type }) => type === SHT_SYMTAB);
  const names = symbols && sections[symbols.link];
  if (table === undefined || symbols === undefined || names === undefined) return undefined;
  const variables = variablesOf(reader, header, symbols, names);
  return variables.has('runtime.allgs') ? { table, headers, variables } : undefined;
}

function sectionsOf(reader: ByteReader, header: ElfHeader): Section[] {
  const { shdr, word } = elfClass(header);
  const bytes = readBytes(reader, header.shoff, Math.min(header.shnum, MAX_SECTIONS) * shdr.size);
  const fields = new FieldReader(bytes, header.endian);
  return Array.from({ length: Math.floor(bytes.length / shdr.size) }, (_, index) => {
    const at = index * shdr.size;
    return {
      type: fields.u32(at + 4),
      offset: size(fields, at + shdr.offset, word),
      length: size(fields, at + shdr.sectionSize, word),
      link: fields.u32(at + shdr.sectionSize + word),
    };
  });
}

/**
 * Elf64_Sym: st_name u32, info, other, shndx u16, st_value @8, st_size @16. Elf32_Sym: st_value @4, 16 bytes.
 */
function variablesOf(
  reader: ByteReader,
  header: ElfHeader,
  symbols: Section,
  strings: Section,
): GoProgram['variables'] {
  const { word } = elfClass(header);
  const [entry, value] = word === 8 ? [24, 8] : [16, 4];
  const names = Buffer.from(readBytes(reader, strings.offset, Math.min(strings.length, MAX_NAMES)));
  const bytes = readBytes(reader, symbols.offset, Math.min(symbols.length, MAX_SYMBOLS));
  const fields = new FieldReader(bytes, header.endian);
  const found: GoProgram['variables'] = new Map();
  const wanted = new Map(
    Object.entries(VARIABLES).map(([name, words]) => [names.indexOf(`\0${name}\0`) + 1, { name, words }]),
  );
  wanted.delete(0);
  for (let at = 0; wanted.size > 0 && at + entry <= bytes.length; at += entry) {
    const variable = wanted.get(fields.u32(at));
    if (variable === undefined) continue;
    const address = readWord(fields, at + value, word);
    found.set(variable.name, { address, length: variable.words * word });
  }
  return found;
}

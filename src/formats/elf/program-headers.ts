import { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import { readBytes } from '../memory/read.js';
import { type ElfHeader, elfClass, PN_XNUM, type ProgramHeader, readProgramHeader } from './header.js';
import { warnings } from './warnings.js';

/** Headers read at once. */
const BATCH = 4096;

/** The part of the program header table that is in the file. */
export interface HeaderTable {
  /** Headers in the file. */
  count: number;
  /** File extent of the table. */
  offset: number;
  length: number;
  warnings: Warning[];
}

/** Determines how many program headers there are, and how many of them are in the file. */
export function locateHeaders(reader: ByteReader, header: ElfHeader): HeaderTable {
  const { phdr } = elfClass(header);
  const found: Warning[] = [];
  if (header.phentsize !== phdr.size && header.phnum > 0) {
    const message = `e_phentsize is ${header.phentsize}; read as ${phdr.size}, the only size of this class`;
    const hint = 'the header is damaged or hostile: addresses may be wrong; every byte was swept';
    found.push(warnings.of('elf-header-odd', { message, hint, offset: 0 }));
  }
  const room = Math.max(0, Math.floor((reader.length - header.phoff) / phdr.size));
  const stated = header.phnum === PN_XNUM ? trueCount(reader, header) : header.phnum;
  if (stated === undefined) found.push(countLost(header));
  const count = Math.min(stated ?? countByLayout(reader, header, room), room);
  if (stated !== undefined && stated > count) found.push(headersLost(header, stated, count));
  return { count, offset: header.phoff, length: count * phdr.size, warnings: found };
}

/** The program header count if e_phnum is PN_XNUM: sh_info of section header 0, at the end of the file. */
function trueCount(reader: ByteReader, header: ElfHeader): number | undefined {
  const { shdr } = elfClass(header);
  const bytes = readBytes(reader, header.shoff, shdr.size);
  if (header.shoff === 0 || bytes.length < shdr.size) return undefined;
  const count = new FieldReader(bytes, header.endian).u32(shdr.info);
  return count > 0 ? count : undefined;
}

/** Without a count, the table ends at the first segment that one of its headers places after it. */
function countByLayout(reader: ByteReader, header: ElfHeader, room: number): number {
  const { phdr } = elfClass(header);
  let end = header.phoff + room * phdr.size;
  let count = 0;
  for (const { filesz, offset } of programHeaders(reader, header, room)) {
    const next = header.phoff + (count + 1) * phdr.size;
    if (next > end) break;
    count++;
    if (filesz > 0 && offset >= next) end = Math.min(end, offset);
  }
  return count;
}

function countLost(header: ElfHeader): Warning {
  const message = 'the number of program headers (sh_info of section header 0) is past the end of the file';
  const hint = 'the file is cut: the table was read up to the first segment';
  return warnings.of('elf-headers-truncated', { message, hint, offset: header.shoff });
}

function headersLost(header: ElfHeader, stated: number, count: number): Warning {
  const message = `the file has ${count} of ${stated} program headers`;
  const hint = 'the file is cut: memory that the lost headers describe is unknown';
  return warnings.of('elf-headers-truncated', { message, hint, offset: header.phoff });
}

/** The first `count` headers, read in batches: memory use does not grow with the table. */
export function* programHeaders(
  reader: ByteReader,
  header: ElfHeader,
  count: number,
): Generator<ProgramHeader, void> {
  const kind = elfClass(header);
  const step = kind.phdr.size;
  for (let first = 0; first < count; first += BATCH) {
    const bytes = readBytes(reader, header.phoff + first * step, Math.min(BATCH, count - first) * step);
    const fields = new FieldReader(bytes, header.endian, header.phoff + first * step);
    for (let at = 0; at + step <= bytes.length; at += step) yield readProgramHeader(fields, at, kind);
    if (bytes.length < step) return;
  }
}

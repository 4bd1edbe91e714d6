import { type Endian, FieldReader } from '../../core/base/bytes/field-reader.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { Memory } from '../memory/memory.js';
import {
  elfClass,
  type ProgramHeader,
  PT_LOAD,
  PT_NOTE,
  readElfHeader,
  readProgramHeader,
} from './header.js';
import { walkNotes } from './notes.js';

/**
 * An executable or library, from its first page in memory. Linux dumps that page even if it omits the others.
 */
export interface Image {
  /** Bytes of memory from the base address, .bss included. */
  memorySize: number;
  /** NT_GNU_BUILD_ID, in lower-case hexadecimal. */
  buildId?: string;
}

const PAGE = 4096;
const NT_GNU_BUILD_ID = 3;
const MAX_BUILD_ID = 64;
/** Notes examined per image; a library has five. */
const MAX_NOTES = 64;
/** 1 TiB; a larger image is not credible. */
const MAX_PAGES = 2n ** 28n;

/**
 * The ELF image at an address; undefined if there is none, or its page is not in the dump. Throws
 * OutOfBounds.
 */
export function readImage(memory: Memory, base: bigint): Image | undefined {
  const page = memory.read(base, PAGE);
  const header = readElfHeader(page);
  if (header === undefined) return undefined;
  const kind = elfClass(header);
  const fields = new FieldReader(page, header.endian);
  const room = Math.max(0, Math.floor((page.length - header.phoff) / kind.phdr.size));
  const headers = Array.from({ length: Math.min(header.phnum, room) }, (_, index) =>
    readProgramHeader(fields, header.phoff + index * kind.phdr.size, kind),
  );
  const notes = headers.filter(({ type }) => type === PT_NOTE);
  const buildId = findBuildId(page, notes, header.endian);
  return definedFields({ memorySize: memorySize(headers), buildId });
}

/** From the page of the lowest PT_LOAD to the end of the highest PT_LOAD's last page. */
function memorySize(headers: readonly ProgramHeader[]): number {
  const loads = headers.filter(({ type }) => type === PT_LOAD);
  const starts = loads.map(({ vaddr }) => vaddr / BigInt(PAGE)).sort(ascending);
  const ends = loads
    .map(({ vaddr, memsz }) => (vaddr + BigInt(memsz + PAGE - 1)) / BigInt(PAGE))
    .sort(ascending);
  const pages = (ends.at(-1) ?? 0n) - (starts[0] ?? 0n);
  return pages > MAX_PAGES ? 0 : Number(pages) * PAGE;
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}

/** The first page is mapped from file offset 0, so p_offset is an index in it. */
function findBuildId(page: Uint8Array, notes: readonly ProgramHeader[], endian: Endian): string | undefined {
  const read = (offset: number, want: number): Uint8Array => page.subarray(offset, offset + want);
  let looked = 0;
  for (const { offset, filesz } of notes) {
    const length = Math.min(filesz, Math.max(0, page.length - offset));
    for (const { owner, type, desc } of walkNotes(read, { offset, length }, endian)) {
      if (++looked > MAX_NOTES) return undefined;
      if (owner !== 'GNU' || type !== NT_GNU_BUILD_ID || desc.length > MAX_BUILD_ID) continue;
      return Buffer.from(read(desc.offset, desc.length)).toString('hex');
    }
  }
  return undefined;
}

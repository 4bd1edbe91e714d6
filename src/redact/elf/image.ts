import { FieldReader } from '../../core/base/bytes/field-reader.js';
import {
  type ElfHeader,
  elfClass,
  PF_X,
  type ProgramHeader,
  PT_LOAD,
  PT_NOTE,
  readElfHeader,
  readProgramHeader,
} from '../../formats/elf/header.js';
import { walkNotes } from '../../formats/elf/notes.js';
import type { Memory } from '../../formats/memory/memory.js';
import { readWord } from '../../formats/memory/words.js';
import { type AddressRange, lowestOf } from '../core/address-ranges.js';

const PT_DYNAMIC = 2;
const PT_PHDR = 6;
const PAGE = 4096n;
/** Programs have some 15 program headers. */
const MAX_HEADERS = 256;
/** A large library's dynamic section has 600 bytes. */
const MAX_DYNAMIC = 64 * 1024;
/** A program has up to four segments of notes, each of some hundred bytes. */
const MAX_NOTE_SEGMENTS = 8;
const MAX_NOTES = 4096;
const NT_GNU_BUILD_ID = 3;
const MAX_BUILD_ID = 64;
/** The largest image, 1 TiB. */
const MAX_IMAGE = 2n ** 40n;

/** What a debugger reads of a program or library in memory. */
export interface ImageLayout {
  /** Headers and build identifier. */
  headers: AddressRange[];
  /** The dynamic section. */
  dynamic: AddressRange | undefined;
  /** Executable segments. */
  code: AddressRange[];
}

const range = (start: bigint, length: number | bigint): AddressRange => ({
  start,
  end: start + BigInt(length),
});

/** The image whose ELF header is at an address; undefined if there is none, or it is not in the dump. */
export function imageAt(memory: Memory, base: bigint, core: ElfHeader): ImageLayout | undefined {
  const kind = elfClass(core);
  const bytes = memory.read(base, kind.ehdr.size);
  if (bytes.length < kind.ehdr.size) return undefined;
  const header = readElfHeader(bytes);
  if (header === undefined || header.bits !== core.bits || header.endian !== core.endian) return undefined;
  const count = Math.min(header.phnum, MAX_HEADERS);
  const table = base + BigInt(header.phoff);
  const headers = programHeadersAt(memory, table, count, core);
  if (header.phentsize !== kind.phdr.size || !arePlausible(headers)) return undefined;
  const loads = headers.filter(({ type }) => type === PT_LOAD);
  const bias = base - pageOf(lowestOf(loads.map(({ vaddr }) => vaddr)) ?? 0n);
  const layout = layoutOf(memory, headers, bias, core);
  layout.headers.push(range(base, kind.ehdr.size), range(table, headers.length * kind.phdr.size));
  return layout;
}

/** The program whose program headers are at an address (AT_PHDR). */
export function programAt(
  memory: Memory,
  table: bigint,
  count: number,
  core: ElfHeader,
): ImageLayout | undefined {
  const headers = programHeadersAt(memory, table, Math.min(count, MAX_HEADERS), core);
  if (!arePlausible(headers)) return undefined;
  const self = headers.find(({ type }) => type === PT_PHDR);
  const layout = layoutOf(memory, headers, self === undefined ? 0n : table - self.vaddr, core);
  layout.headers.push(range(table, headers.length * elfClass(core).phdr.size));
  return layout;
}

function programHeadersAt(memory: Memory, table: bigint, count: number, core: ElfHeader): ProgramHeader[] {
  const kind = elfClass(core);
  const bytes = memory.read(table, count * kind.phdr.size);
  const fields = new FieldReader(bytes, core.endian);
  return Array.from({ length: Math.floor(bytes.length / kind.phdr.size) }, (_, index) =>
    readProgramHeader(fields, index * kind.phdr.size, kind),
  );
}

/** Types of the gABI, of the system and of the processor; flags of the gABI; at least one segment. */
const arePlausible = (headers: readonly ProgramHeader[]): boolean =>
  headers.some(({ type }) => type === PT_LOAD) &&
  headers.every(({ type, flags }) => (type < 8 || (type >= 0x6000_0000 && type < 0x8000_0000)) && flags < 8);

const pageOf = (address: bigint): bigint => address - (address % PAGE);

function layoutOf(
  memory: Memory,
  headers: readonly ProgramHeader[],
  bias: bigint,
  core: ElfHeader,
): ImageLayout {
  const dynamic = headers.find(({ type }) => type === PT_DYNAMIC);
  const code = headers.filter(({ type, flags }) => type === PT_LOAD && (flags & PF_X) !== 0);
  return {
    headers: headers
      .filter(({ type }) => type === PT_NOTE)
      .slice(0, MAX_NOTE_SEGMENTS)
      .flatMap((note) => buildIds(memory, note, bias, core)),
    dynamic: dynamic && dynamicSection(memory, bias + dynamic.vaddr, dynamic.memsz, core),
    code: code
      .filter(({ memsz }) => BigInt(memsz) < MAX_IMAGE)
      .map(({ vaddr, memsz }) => {
        const start = pageOf(bias + vaddr);
        return { start, end: pageOf(bias + vaddr + BigInt(memsz) + PAGE - 1n) };
      }),
  };
}

/** Tags of a dynamic section (elf.h): those of the gABI, of the system and of the processor. */
const isTag = (tag: bigint): boolean => tag < 64n || (tag >= 0x6000_0000n && tag < 0x8000_0000n);

/** Pairs of a tag and a value, up to DT_NULL. Undefined for anything else. */
function dynamicSection(
  memory: Memory,
  start: bigint,
  length: number,
  core: ElfHeader,
): AddressRange | undefined {
  const { word } = elfClass(core);
  const bytes = memory.read(start, Math.min(length, MAX_DYNAMIC));
  const fields = new FieldReader(bytes, core.endian);
  for (let at = 0; at + 2 * word <= bytes.length; at += 2 * word) {
    const tag = readWord(fields, at, word);
    if (tag === 0n) return range(start, at + 2 * word);
    if (!isTag(tag)) return undefined;
  }
  return undefined;
}

/** NT_GNU_BUILD_ID notes of a PT_NOTE segment. */
function buildIds(
  memory: Memory,
  { vaddr, memsz }: ProgramHeader,
  bias: bigint,
  { endian }: ElfHeader,
): AddressRange[] {
  const bytes = memory.read(bias + vaddr, Math.min(memsz, MAX_NOTES));
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return [...walkNotes(read, { offset: 0, length: bytes.length }, endian)]
    .filter(
      ({ owner, type, desc }) => owner === 'GNU' && type === NT_GNU_BUILD_ID && desc.length <= MAX_BUILD_ID,
    )
    .map(({ extent }) => range(bias + vaddr + BigInt(extent.offset), extent.length));
}

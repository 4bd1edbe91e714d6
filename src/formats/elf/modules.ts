import { type Endian, FieldReader, OutOfBounds } from '../../core/base/bytes/field-reader.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import { fileBacked, moduleRanges } from '../memory/file-backed.js';
import type { Memory } from '../memory/memory.js';
import type { FileMapping, MappedFile, MappedFiles } from '../memory/process-map.js';
import type { SegmentMap } from '../memory/segment-map.js';
import {
  elfClass,
  PF_W,
  type ProgramHeader,
  PT_LOAD,
  PT_NOTE,
  readElfHeader,
  readProgramHeader,
} from './header.js';
import type { LoadSegment } from './loads.js';
import { walkNotes } from './notes.js';

/** Images read per dump; a browser has some hundred. */
const MAX_IMAGES = 4096;

/**
 * Groups mappings by file. A file may be loaded twice: a mapping from offset 0 after the end of its image
 * begins another instance. Mappings of other files may lie between those of one. `isExecutable`: memory at an
 * address has PF_X.
 */
export function gatherFiles(
  memory: Memory,
  mappings: readonly FileMapping[],
  isExecutable: (address: bigint) => boolean,
): MappedFiles {
  const files: MappedFile[] = [];
  const latest = new Map<string, MappedFile>();
  const images = new Images(memory);
  const fileOf = mappings.map((mapping) => {
    const fromStart = mapping.fileOffset === 0n;
    const last = latest.get(mapping.path);
    const another = last === undefined || (fromStart && mapping.start >= (last.imageEnd ?? mapping.end));
    const file = another ? mappedAt(memory, mapping.path, mapping.start) : last;
    if (another) files.push(file);
    latest.set(mapping.path, file);
    if (mapping.end > file.end) file.end = mapping.end;
    file.isModule ||= isExecutable(mapping.start);
    if (fromStart && file.imageEnd === undefined) addImage(file, images.at(mapping.start));
    return file;
  });
  return { files, fileOf };
}

function mappedAt(memory: Memory, path: string, base: bigint): MappedFile {
  return { path, base, end: base, isModule: looksLikeLibrary(memory, base, path) };
}

function addImage(file: MappedFile, image: Image | undefined): void {
  if (image === undefined) return;
  file.isModule = true;
  file.imageEnd = file.base + BigInt(image.memorySize);
  if (image.buildId !== undefined) file.buildId = image.buildId;
}

/** Caches images by base address: a hostile dump may map one under a quarter of a million names. */
class Images {
  readonly #memory: Memory;
  readonly #known = new Map<bigint, Image | undefined>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  at(base: bigint): Image | undefined {
    if (!this.#known.has(base)) {
      if (this.#known.size >= MAX_IMAGES) return undefined;
      this.#known.set(base, this.#read(base));
    }
    return this.#known.get(base);
  }

  #read(base: bigint): Image | undefined {
    try {
      return readImage(this.#memory, base);
    } catch (error) {
      if (error instanceof OutOfBounds) return undefined;
      throw error;
    }
  }
}

/** Without a library's first page in the dump, only its name identifies it. */
function looksLikeLibrary(memory: Memory, base: bigint, path: string): boolean {
  return /\.so(\.|$)/.test(path) && memory.read(base, 1).length === 0;
}

/** Which file offsets of a core hold bytes of modules that the process could not write. */
export const fileBackedIn = (
  map: SegmentMap,
  segments: readonly LoadSegment[],
  mappings: readonly FileMapping[],
  { fileOf }: MappedFiles,
): ((offset: number) => boolean) =>
  fileBacked(map, moduleRanges(mappings, fileOf), (_, segment) => (segments[segment]!.flags & PF_W) !== 0);

/**
 * An executable or library, from its first page in memory. Linux dumps that page even if it omits the others.
 */
interface Image {
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
function readImage(memory: Memory, base: bigint): Image | undefined {
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

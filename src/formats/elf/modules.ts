import { OutOfBounds } from '../../core/base/bytes/field-reader.js';
import { fileBacked, moduleRanges } from '../memory/file-backed.js';
import type { Memory } from '../memory/memory.js';
import type { FileMapping, MappedFile, MappedFiles } from '../memory/process-map.js';
import type { SegmentMap } from '../memory/segment-map.js';
import { PF_W } from './header.js';
import { type Image, readImage } from './image.js';
import type { LoadSegment } from './loads.js';

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

import { OutOfBounds } from '../../bytes.js';
import type { Memory } from '../memory.js';
import { type Image, readImage } from './image.js';
import type { FileMapping } from './mapped-files.js';

/** A file that is mapped, once or in several stretches. */
export interface MappedFile {
  path: string;
  base: bigint;
  /** Past the last stretch, and past .bss where the image says how long it is. */
  end: bigint;
  /** An executable or a library, not a data file. */
  isModule: boolean;
  buildId?: string;
}

/** Stretches of one file that follow each other in NT_FILE, as the loader mapped them. */
interface Group {
  path: string;
  mappings: FileMapping[];
}

/** A file whose stretches are being gathered; `imageEnd` is known once its image has been read. */
interface Candidate extends MappedFile {
  imageEnd?: bigint;
}

/** Files in the order of NT_FILE. `isExecutable` tells whether memory at an address was mapped with PF_X. */
export function readMappedModules(
  memory: Memory,
  mappings: readonly FileMapping[],
  isExecutable: (address: bigint) => boolean,
): MappedFile[] {
  return groups(mappings).flatMap((group) => split(memory, group, isExecutable));
}

function groups(mappings: readonly FileMapping[]): Group[] {
  const found: Group[] = [];
  for (const mapping of mappings) {
    const last = found.at(-1);
    if (last?.path === mapping.path) last.mappings.push(mapping);
    else found.push({ path: mapping.path, mappings: [mapping] });
  }
  return found;
}

/** A file may be loaded twice in a row: a stretch from offset 0 past the end of the image begins another. */
function split(memory: Memory, group: Group, isExecutable: (address: bigint) => boolean): MappedFile[] {
  const files: Candidate[] = [];
  for (const mapping of group.mappings) {
    const fromStart = mapping.fileOffset === 0n;
    const last = files.at(-1);
    const another = last === undefined || (fromStart && mapping.start >= (last.imageEnd ?? mapping.end));
    const file = another ? mappedAt(memory, group.path, mapping.start) : last;
    if (another) files.push(file);
    if (mapping.end > file.end) file.end = mapping.end;
    file.isModule ||= isExecutable(mapping.start);
    if (fromStart && file.imageEnd === undefined) addImage(file, imageAt(memory, mapping.start));
  }
  return files.map(({ imageEnd: _, ...file }) => file);
}

function mappedAt(memory: Memory, path: string, base: bigint): Candidate {
  return { path, base, end: base, isModule: looksLikeLibrary(memory, base, path) };
}

function addImage(file: Candidate, image: Image | undefined): void {
  if (image === undefined) return;
  file.isModule = true;
  file.imageEnd = file.base + BigInt(image.memorySize);
  if (file.imageEnd > file.end) file.end = file.imageEnd;
  if (image.buildId !== undefined) file.buildId = image.buildId;
}

function imageAt(memory: Memory, base: bigint): Image | undefined {
  try {
    return readImage(memory, base);
  } catch (error) {
    if (error instanceof OutOfBounds) return undefined;
    throw error;
  }
}

/** A core without the first page of a library, and without its text, leaves only its name to go by. */
function looksLikeLibrary(memory: Memory, base: bigint, path: string): boolean {
  return memory.read(base, 1).length === 0 && /\.so(\.|$)/.test(path);
}

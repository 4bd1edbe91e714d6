import { FieldReader, OutOfBounds } from '../../../core/base/bytes/field-reader.js';

/* The directory of a cabinet ([MS-CAB], 2.1 to 2.4). The library reads files by it, and nothing else. */

const HEADER = 36;
const FOLDER = 8;
const FILE = 16;
const DATA = 8;
/** Flags of the header: a cabinet before this one, one after it, and reserved bytes in each structure. */
const PREVIOUS = 1;
const NEXT = 2;
const RESERVED = 4;

/** A file: its place in the content of a folder. */
interface CabFile {
  start: number;
  length: number;
}

/**
 * True if the files of a cabinet are all that its folders hold, in order and without gaps: otherwise some of
 * the content belongs to no file, and is not searched.
 */
export function isCompleteCab(archive: Buffer): boolean {
  try {
    return allContent(new FieldReader(archive, 'le'));
  } catch (error) {
    if (error instanceof OutOfBounds) return false;
    throw error;
  }
}

function allContent(cab: FieldReader): boolean {
  const flags = cab.u16(30);
  const hasReserved = (flags & RESERVED) !== 0;
  const reserved = hasReserved ? { folder: cab.u8(38), data: cab.u8(39) } : { folder: 0, data: 0 };
  let at = hasReserved ? HEADER + 4 + cab.u16(36) : HEADER;
  // Names of a cabinet and its disk.
  for (const flag of [PREVIOUS, PREVIOUS, NEXT, NEXT]) if ((flags & flag) !== 0) at = afterText(cab, at);
  // A file of several cabinets is in none of them whole.
  if ((flags & (PREVIOUS | NEXT)) !== 0) return false;
  const folders = cab.u16(26);
  const files = filesOf(cab, folders);
  // Folders that share blocks would take their number times as long.
  let left = cab.length / DATA;
  for (let i = 0; i < folders; i++, at += FOLDER + reserved.folder) {
    const blocks = cab.u16(at + 4);
    left -= blocks;
    if (left < 0 || !areAll(files[i]!, contentOf(cab, cab.u32(at), blocks, reserved.data))) return false;
  }
  return true;
}

function afterText(cab: FieldReader, at: number): number {
  const end = cab.bytes.indexOf(0, at);
  if (end < 0) throw new OutOfBounds('an unfinished name', at);
  return end + 1;
}

/** Files by folder. Throws for one of a folder that is not there. */
function filesOf(cab: FieldReader, folders: number): CabFile[][] {
  const files = Array.from({ length: folders }, (): CabFile[] => []);
  let at = cab.u32(16);
  for (let left = cab.u16(28); left > 0; left--) {
    const folder = files[cab.u16(at + 8)];
    if (folder === undefined) throw new OutOfBounds('a file of no folder', at);
    folder.push({ start: cab.u32(at + 4), length: cab.u32(at) });
    at = afterText(cab, at + FILE);
  }
  return files;
}

/** Bytes of a folder's content: those of all its blocks. */
function contentOf(cab: FieldReader, first: number, blocks: number, reserved: number): number {
  let at = first;
  let bytes = 0;
  for (let left = blocks; left > 0; left--) {
    bytes += cab.u16(at + 6);
    at += DATA + reserved + cab.u16(at + 4);
  }
  return bytes;
}

function areAll(files: readonly CabFile[], content: number): boolean {
  let end = 0;
  for (const { start, length } of files.toSorted((a, b) => a.start - b.start)) {
    if (start !== end) return false;
    end += length;
  }
  return end === content;
}

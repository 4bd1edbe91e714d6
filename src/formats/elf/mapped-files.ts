import type { Fields } from '../../base/bytes/field-reader.js';
import type { FileMapping } from '../memory/process-map.js';
import { decodeText } from '../memory/text.js';
import { address } from './header.js';

/** Entries that are read; a process with more mapped files is none that anybody has seen. */
const MAX_ENTRIES = 2 ** 18;
/** PATH_MAX of Linux. */
const MAX_PATH = 4096;

/**
 * NT_FILE (fs/binfmt_elf.c): count, page_size, then {start, end, file_ofs} in words, then as many NUL-terminated paths.
 * file_ofs counts page_size bytes: 4096 where a kernel wrote it, 1 where gcore did. The n32 kernel of MIPS writes words
 * of 8 bytes into a 32-bit core: the word that makes sense of the note is taken.
 */
export function readMappedFiles(fields: Fields, word: 4 | 8): { mappings: FileMapping[]; complete: boolean } {
  const size = [word, word === 8 ? 4 : 8].find((candidate) => fits(fields, candidate as 4 | 8)) as
    | 4
    | 8
    | undefined;
  if (size === undefined) return { mappings: [], complete: false };
  const count = Number(address(fields, 0, size));
  const pageSize = address(fields, size, size);
  const kept = Math.min(count, MAX_ENTRIES);
  const names = paths(fields.bytes, (2 + 3 * count) * size, kept);
  const mappings = names.map((path, index) => {
    const at = (2 + 3 * index) * size;
    return {
      start: address(fields, at, size),
      end: address(fields, at + size, size),
      fileOffset: address(fields, at + 2 * size, size) * pageSize,
      path,
    };
  });
  return { mappings, complete: mappings.length === count };
}

/** Whether the note makes sense in words of a size: its table lies inside, and its page size is a power of two. */
function fits(fields: Fields, word: 4 | 8): boolean {
  if (fields.length < 2 * word) return false;
  const count = address(fields, 0, word);
  const pageSize = address(fields, word, word);
  const table = (2n + 3n * count) * BigInt(word);
  return count > 0n && pageSize > 0n && (pageSize & (pageSize - 1n)) === 0n && table <= BigInt(fields.length);
}

function paths(bytes: Uint8Array, start: number, count: number): string[] {
  const found: string[] = [];
  let last: { bytes: Uint8Array; path: string } | undefined;
  for (let at = start; found.length < count && at < bytes.length; ) {
    const nul = bytes.indexOf(0, at);
    const end = nul < 0 ? bytes.length : nul;
    const raw = bytes.subarray(at, Math.min(end, at + MAX_PATH));
    // Mappings of one file stand together: their path is decoded and kept once.
    if (last === undefined || Buffer.compare(last.bytes, raw) !== 0)
      last = { bytes: raw, path: decodeText(raw) };
    found.push(last.path);
    at = end + 1;
  }
  return found;
}

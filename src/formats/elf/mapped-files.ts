import type { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { FileMapping } from '../memory/process-map.js';
import { decodeText } from '../memory/text.js';
import { readWord } from '../memory/words.js';

/** More mapped files than any known process has. */
const MAX_ENTRIES = 2 ** 18;
/** PATH_MAX of Linux. */
const MAX_PATH = 4096;

/**
 * NT_FILE (fs/binfmt_elf.c): count, page_size, count times {start, end, file_ofs} in words, count
 * NUL-terminated paths. file_ofs is in units of page_size: 4096 if written by a kernel, 1 by gcore. The n32
 * kernel of MIPS writes 8-byte words into a 32-bit core: the word size for which the note is valid is used.
 */
export function readMappedFiles(
  fields: FieldReader,
  word: 4 | 8,
): { mappings: FileMapping[]; complete: boolean } {
  const size = [word, word === 8 ? 4 : 8].find((candidate) => fits(fields, candidate as 4 | 8)) as
    | 4
    | 8
    | undefined;
  if (size === undefined) return { mappings: [], complete: false };
  const count = Number(readWord(fields, 0, size));
  const pageSize = readWord(fields, size, size);
  const kept = Math.min(count, MAX_ENTRIES);
  const names = paths(fields.bytes, (2 + 3 * count) * size, kept);
  const mappings = names.map((path, index) => {
    const at = (2 + 3 * index) * size;
    return {
      start: readWord(fields, at, size),
      end: readWord(fields, at + size, size),
      fileOffset: readWord(fields, at + 2 * size, size) * pageSize,
      path,
    };
  });
  return { mappings, complete: mappings.length === count };
}

/** True if the note is valid with this word size: the table fits into it, and page_size is a power of two. */
function fits(fields: FieldReader, word: 4 | 8): boolean {
  if (fields.length < 2 * word) return false;
  const count = readWord(fields, 0, word);
  const pageSize = readWord(fields, word, word);
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
    // Mappings of one file are adjacent: they share one decoded path.
    if (last === undefined || Buffer.compare(last.bytes, raw) !== 0)
      last = { bytes: raw, path: decodeText(raw) };
    found.push(last.path);
    at = end + 1;
  }
  return found;
}

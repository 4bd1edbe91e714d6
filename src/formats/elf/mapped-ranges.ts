import type { ByteReader } from '../../core/base/bytes/storage.js';
import { MAX_SEGMENTS } from '../memory/segment-collector.js';
import { type ElfHeader, PF_W, PF_X, PT_LOAD } from './header.js';
import { type HeaderTable, programHeaders } from './program-headers.js';

/** A mapping of the process, dumped or not. */
interface MappedRange {
  start: bigint;
  end: bigint;
}

/** Memory that PT_LOAD headers describe. */
export interface MappedRanges {
  all: MappedRange[];
  /** Ranges that are executable and not writable. */
  executable: MappedRange[];
  writable: MappedRange[];
}

/** The mappings of a process as its program headers have them, without a look at the file's memory. */
export function mappedRanges(reader: ByteReader, header: ElfHeader, table: HeaderTable): MappedRanges {
  const ranges: MappedRanges = { all: [], executable: [], writable: [] };
  for (const { type, flags, vaddr, filesz, memsz } of programHeaders(reader, header, table.count)) {
    if (type !== PT_LOAD || ranges.all.length >= MAX_SEGMENTS) continue;
    const range = { start: vaddr, end: vaddr + BigInt(Math.max(filesz, memsz)) };
    ranges.all.push(range);
    if ((flags & PF_W) !== 0) ranges.writable.push(range);
    else if ((flags & PF_X) !== 0) ranges.executable.push(range);
  }
  return ranges;
}

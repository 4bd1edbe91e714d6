import type { Region } from '../../core/model/report.js';
import { type Directory, StreamType } from './directory.js';
import type { MinidumpFile } from './file.js';

/** A range of memory and its region, by the operating system's list. */
export interface MemoryInfoRange {
  start: bigint;
  end: bigint;
  region: Region;
  /** True if its protection allows execution. */
  isExecutable: boolean;
  /** True if it allows writing, also by a copy. */
  isWritable: boolean;
}

const MAX_ENTRIES = 2 ** 19;
/** Sizes of MINIDUMP_MEMORY_INFO_LIST's header and of MINIDUMP_MEMORY_INFO, in bytes. */
const HEADER = 16;
const ENTRY = 48;
const MEM_PRIVATE = 0x20000;
/** PAGE_READWRITE, PAGE_WRITECOPY, PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY. */
const WRITABLE = 0x04 | 0x08 | 0x40 | 0x80;
/** PAGE_EXECUTE, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY. */
const EXECUTABLE = 0xf0;

/**
 * MemoryInfoListStream: private writable memory is heap, all else a mapping. Stacks have a rule of higher
 * priority.
 */
export function memoryInfo(file: MinidumpFile, { streams }: Directory): MemoryInfoRange[] {
  const stream = streams.get(StreamType.MemoryInfoListStream);
  const fields = stream && file.fields(stream);
  if (fields === undefined || fields.length < HEADER) return [];
  const header = Math.max(HEADER, fields.u32(0));
  const size = Math.max(ENTRY, fields.u32(4));
  const stated = fields.u64(8);
  const room = Math.max(0, Math.floor((fields.length - header) / size));
  const count = Math.min(room, MAX_ENTRIES, stated > BigInt(room) ? room : Number(stated));
  return Array.from({ length: count }, (_, index) => {
    const at = header + index * size;
    const start = fields.u64(at);
    const protection = fields.u32(at + 36);
    const isWritable = (protection & WRITABLE) !== 0;
    const isHeap = fields.u32(at + 40) === MEM_PRIVATE && isWritable;
    return {
      start,
      end: start + fields.u64(at + 24),
      region: { kind: isHeap ? 'heap' : 'mapping' },
      isExecutable: (protection & EXECUTABLE) !== 0,
      isWritable,
    };
  });
}

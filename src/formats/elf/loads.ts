import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import type { Extent } from '../../core/model/report.js';
import { MAX_SEGMENTS, type MemoryCoverage, SegmentCollector } from '../memory/segment-collector.js';
import type { Segment } from '../memory/types.js';
import { type ElfHeader, PF_W, PF_X, PT_LOAD, PT_NOTE } from './header.js';
import { type HeaderTable, programHeaders } from './program-headers.js';
import { warnings } from './warnings.js';

/** The part of a PT_LOAD segment that is in the file. */
export interface LoadSegment extends Segment {
  /** p_flags: PF_R 4, PF_W 2, PF_X 1. */
  flags: number;
}

interface Loads {
  segments: LoadSegment[];
  memory: MemoryCoverage;
  /** Start addresses of executable segments, dumped or not. */
  executable: Set<bigint>;
  warnings: Warning[];
}

const MAX_EXECUTABLE = 2 ** 16;
const MAX_NOTE_SEGMENTS = 2 ** 16;

/** File extents of PT_NOTE segments, ascending and disjoint. */
export function noteExtents(reader: ByteReader, header: ElfHeader, table: HeaderTable): Extent[] {
  const found: Extent[] = [];
  for (const { type, offset, filesz } of programHeaders(reader, header, table.count)) {
    if (type !== PT_NOTE || offset >= reader.length || filesz === 0) continue;
    found.push({ offset, length: Math.min(filesz, reader.length - offset) });
    if (found.length >= MAX_NOTE_SEGMENTS) break;
  }
  found.sort((a, b) => a.offset - b.offset);
  let end = 0;
  return found.filter((extent) => {
    if (extent.offset < end) return false;
    end = extent.offset + extent.length;
    return true;
  });
}

/**
 * Segments from the PT_LOAD headers, ascending by offset. `physical`: addresses are p_paddr (QEMU,
 * VirtualBox, vmcore). p_filesz counts as described memory; the rest of p_memsz was omitted when the core was
 * written.
 */
export function readLoads(
  reader: ByteReader,
  header: ElfHeader,
  table: HeaderTable,
  physical: boolean,
): Loads {
  const collector = new SegmentCollector<LoadSegment>(reader.length);
  const executable = new Set<bigint>();
  const found: Warning[] = [];
  let notDumped = 0;
  let notDumpedRanges = 0;
  let lostNotes = 0;
  for (const load of programHeaders(reader, header, table.count)) {
    if (load.type === PT_NOTE && load.filesz > 0 && load.offset + load.filesz > reader.length) lostNotes++;
    if (load.type !== PT_LOAD) continue;
    const address = physical ? load.paddr : load.vaddr;
    if ((load.flags & PF_X) !== 0 && executable.size < MAX_EXECUTABLE) executable.add(address);
    if (load.memsz > load.filesz && (load.flags & PF_W) !== 0) {
      notDumped = Math.min(Number.MAX_SAFE_INTEGER, notDumped + load.memsz - load.filesz);
      notDumpedRanges++;
    }
    const { offset, filesz: length, flags } = load;
    if (length > 0) collector.add({ offset, length, address, flags });
  }
  if (lostNotes > 0) found.push(truncatedNotes(lostNotes));
  if (collector.dropped > 0) found.push(tooMany(collector.dropped));
  if (notDumpedRanges > 0) found.push(notDumpedWarning(notDumped, notDumpedRanges));
  const { coverage: memory } = collector;
  return { segments: collector.sorted(), memory, executable, warnings: found };
}

function tooMany(count: number): Warning {
  const message = `${count} segments beyond the first ${MAX_SEGMENTS} were swept without addresses`;
  const hint = 'no process has that many mappings: the program headers are damaged or hostile';
  return warnings.of('segments-capped', { message, hint });
}

/** gcore writes notes after the memory: they may be all that a truncated copy lacks. */
function truncatedNotes(segments: number): Warning {
  const message = `notes are past the end of the file, in part or whole (segments: ${segments})`;
  const hint = 'the file is truncated: registers, mapped files and other facts in notes were not searched';
  return warnings.of('elf-notes-truncated', { message, hint });
}

function notDumpedWarning(bytes: number, ranges: number): Warning {
  const message = `${bytes} bytes of writable memory in ${ranges} mappings were not dumped`;
  const hint =
    'they were omitted when the core was written (coredump_filter, MADV_DONTDUMP, shared memory) ' +
    'and were not searched';
  return warnings.of('memory-not-dumped', { message, hint });
}

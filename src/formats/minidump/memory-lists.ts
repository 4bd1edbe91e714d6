import type { Warning } from '../../core/base/runtime/warnings.js';
import { MAX_SEGMENTS, type MemoryCoverage, SegmentCollector } from '../memory/segment-collector.js';
import type { Segment } from '../memory/types.js';
import { capped } from '../memory/words.js';
import { type Directory, StreamType } from './directory.js';
import { countedList, type MinidumpFile, type StreamLocation, truncatedList, warnings } from './file.js';
import type { MinidumpThread } from './threads.js';

interface MinidumpMemory {
  /** Ascending by offset. */
  segments: Segment[];
  coverage: MemoryCoverage;
  warnings: Warning[];
}

/** Size of MINIDUMP_MEMORY_DESCRIPTOR and of MINIDUMP_MEMORY_DESCRIPTOR64, in bytes. */
const DESCRIPTOR = 16;

/**
 * MemoryListStream, Memory64ListStream and the threads' stacks. Most writers list a stack both with its
 * thread and in the memory list: a range is counted once.
 */
export function readMemory(
  file: MinidumpFile,
  directory: Directory,
  threads: readonly MinidumpThread[],
): MinidumpMemory {
  const collector = new RangeCollector(file.reader.length);
  const found = [
    ...readMemoryList(file, directory.streams.get(StreamType.MemoryListStream), collector),
    ...readMemory64List(file, directory.streams.get(StreamType.Memory64ListStream), collector),
  ];
  for (const { stack } of threads) {
    if (stack.offset > 0) collector.add({ ...stack });
  }
  if (collector.dropped > 0) found.push(tooMany(collector.dropped));
  return { segments: collector.sorted(), coverage: collector.coverage, warnings: found };
}

class RangeCollector extends SegmentCollector {
  readonly #known = new Set<string>();

  override add(range: Segment): void {
    if (range.length === 0) return;
    if (this.#known.size >= MAX_SEGMENTS) {
      this.dropped++;
      return;
    }
    const key = `${range.address} ${range.offset} ${range.length}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    super.add(range);
  }
}

/** MINIDUMP_MEMORY_LIST: a count, then {StartOfMemoryRange u64, DataSize u32, Rva u32}. */
function readMemoryList(
  file: MinidumpFile,
  stream: StreamLocation | undefined,
  ranges: RangeCollector,
): Warning[] {
  if (stream === undefined) return [];
  const { fields, entries, ...list } = countedList(file.fields(stream), DESCRIPTOR, MAX_SEGMENTS + 1);
  for (const at of entries)
    ranges.add({ address: fields.u64(at), length: fields.u32(at + 8), offset: fields.u32(at + 12) });
  return truncatedList('MemoryListStream', list, stream.rva);
}

/**
 * MINIDUMP_MEMORY64_LIST: u64 count and BaseRva, then {StartOfMemoryRange, DataSize}; the ranges are
 * contiguous.
 */
function readMemory64List(
  file: MinidumpFile,
  stream: StreamLocation | undefined,
  ranges: RangeCollector,
): Warning[] {
  if (stream === undefined) return [];
  const fields = file.fields(stream);
  if (fields.length < DESCRIPTOR)
    return truncatedList('Memory64ListStream', { count: 0, stated: undefined }, stream.rva);
  const stated = capped(fields.u64(0));
  const count = Math.min(stated, Math.floor(fields.length / DESCRIPTOR) - 1, MAX_SEGMENTS + 1);
  let offset = capped(fields.u64(8));
  for (let index = 1; index <= count; index++) {
    const length = capped(fields.u64(index * DESCRIPTOR + 8));
    ranges.add({ address: fields.u64(index * DESCRIPTOR), length, offset });
    offset = Math.min(Number.MAX_SAFE_INTEGER, offset + length);
  }
  return truncatedList('Memory64ListStream', { count, stated }, stream.rva);
}

function tooMany(count: number): Warning {
  const message = `${count} memory ranges beyond the first ${MAX_SEGMENTS} were swept without addresses`;
  return warnings.of('segments-capped', { message, hint: 'the minidump is damaged or hostile' });
}

import type { Warning } from '../../base/runtime/warnings.js';
import { MemoryTally } from '../memory/memory-tally.js';
import type { Segment } from '../memory/types.js';
import { type Directory, StreamType } from './directory.js';
import { countedList, cutList, type Location, type MinidumpFile } from './file.js';
import type { MinidumpThread } from './threads.js';
import { warnings } from './warnings.js';

interface MinidumpMemory {
  /** Ascending by offset. */
  segments: Segment[];
  tally: MemoryTally;
  warnings: Warning[];
}

/** A range of memory and where it lies; `offset` may be beyond what a file can hold. */
interface Range {
  address: bigint;
  length: number;
  offset: number;
}

const MAX_RANGES = 2 ** 19;
/** MINIDUMP_MEMORY_DESCRIPTOR and MINIDUMP_MEMORY_DESCRIPTOR64 are both 16 bytes. */
const DESCRIPTOR = 16;

/**
 * MemoryListStream, Memory64ListStream and the threads' stacks. Most writers let a stack's descriptor point at the bytes of
 * an entry of the memory list: a range that was listed before is not counted again.
 */
export function readMemory(
  file: MinidumpFile,
  directory: Directory,
  threads: readonly MinidumpThread[],
): MinidumpMemory {
  const collector = new Collector(file.reader.length);
  const found = [
    ...readMemoryList(file, directory.streams.get(StreamType.MemoryListStream), collector),
    ...readMemory64List(file, directory.streams.get(StreamType.Memory64ListStream), collector),
  ];
  for (const { stack } of threads) {
    if (stack.offset > 0) collector.add(stack);
  }
  return collector.done(found);
}

class Collector {
  readonly #fileLength: number;
  readonly #segments: Segment[] = [];
  readonly #tally = new MemoryTally();
  readonly #known = new Set<string>();
  #left = 0;

  constructor(fileLength: number) {
    this.#fileLength = fileLength;
  }

  add({ address, length, offset }: Range): void {
    if (length === 0) return;
    if (this.#known.size >= MAX_RANGES) {
      this.#left++;
      return;
    }
    const key = `${address} ${offset} ${length}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    const inFile = Math.max(0, Math.min(length, this.#fileLength - offset));
    this.#tally.add(address, length, inFile);
    const room = 2n ** 64n - address;
    const addressed = room < BigInt(inFile) ? Number(room) : inFile;
    if (addressed > 0) this.#segments.push({ offset, length: addressed, address });
  }

  done(found: Warning[]): MinidumpMemory {
    const segments = this.#segments.sort((a, b) => a.offset - b.offset);
    if (this.#left > 0) found.push(tooMany(this.#left));
    return { segments, tally: this.#tally, warnings: found };
  }
}

/** MINIDUMP_MEMORY_LIST: a count, then {StartOfMemoryRange u64, DataSize u32, Rva u32}. */
function readMemoryList(file: MinidumpFile, stream: Location | undefined, ranges: Collector): Warning[] {
  if (stream === undefined) return [];
  const { fields, at, ...list } = countedList(file.fields(stream), DESCRIPTOR, MAX_RANGES + 1);
  for (let index = 0; index < list.count; index++) {
    const [address, length, offset] = [
      fields.u64(at(index)),
      fields.u32(at(index) + 8),
      fields.u32(at(index) + 12),
    ];
    ranges.add({ address, length, offset });
  }
  return cutList('MemoryListStream', list, stream.rva);
}

/** MINIDUMP_MEMORY64_LIST: a u64 count and BaseRva, then {StartOfMemoryRange, DataSize}; the ranges lie one after another. */
function readMemory64List(file: MinidumpFile, stream: Location | undefined, ranges: Collector): Warning[] {
  if (stream === undefined) return [];
  const fields = file.fields(stream);
  if (fields.length < DESCRIPTOR)
    return cutList('Memory64ListStream', { count: 0, stated: undefined }, stream.rva);
  const stated = cut(fields.u64(0));
  const count = Math.min(stated, Math.floor(fields.length / DESCRIPTOR) - 1, MAX_RANGES + 1);
  let offset = cut(fields.u64(8));
  for (let index = 1; index <= count; index++) {
    const length = cut(fields.u64(index * DESCRIPTOR + 8));
    ranges.add({ address: fields.u64(index * DESCRIPTOR), length, offset });
    offset = Math.min(Number.MAX_SAFE_INTEGER, offset + length);
  }
  return cutList('Memory64ListStream', { count, stated }, stream.rva);
}

/** A 64-bit count, size or offset; one above 2^53 - 1 lies past the end of every file. */
function cut(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

function tooMany(left: number): Warning {
  const message = `${left} memory ranges beyond the first ${MAX_RANGES} were swept without addresses`;
  return warnings.of('segments-capped', { message, hint: 'the minidump is damaged or hostile' });
}

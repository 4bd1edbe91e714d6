import type { Fields } from '../../bytes.js';
import type { Notice } from '../../errors.js';
import { MemoryTally } from '../memory-tally.js';
import type { Segment } from '../types.js';
import { type Directory, StreamType } from './directory.js';
import { countedList, type Location, type MinidumpFile } from './file.js';
import type { MinidumpThread } from './threads.js';

export interface MinidumpMemory {
  /** Ascending by offset. */
  segments: Segment[];
  tally: MemoryTally;
  warnings: Notice[];
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
  const list = directory.streams.get(StreamType.MemoryListStream);
  if (list !== undefined) for (const range of memoryList(file, list)) collector.add(range);
  const list64 = directory.streams.get(StreamType.Memory64ListStream);
  if (list64 !== undefined) for (const range of memory64List(file, list64)) collector.add(range);
  for (const { stack } of threads) {
    if (stack.offset > 0) collector.add(stack);
  }
  return collector.done();
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

  done(): MinidumpMemory {
    const segments = this.#segments.sort((a, b) => a.offset - b.offset);
    const warnings = this.#left > 0 ? [tooMany(this.#left)] : [];
    return { segments, tally: this.#tally, warnings };
  }
}

/** MINIDUMP_MEMORY_LIST: a count, then {StartOfMemoryRange u64, DataSize u32, Rva u32}. */
function* memoryList(file: MinidumpFile, stream: Location): Generator<Range> {
  const list = countedList(file.fields(stream), DESCRIPTOR, MAX_RANGES + 1);
  for (let index = 0; index < list.count; index++) {
    const at = list.at(index);
    const { fields } = list;
    yield { address: fields.u64(at), length: fields.u32(at + 8), offset: fields.u32(at + 12) };
  }
}

/** MINIDUMP_MEMORY64_LIST: a u64 count and BaseRva, then {StartOfMemoryRange, DataSize}; the ranges lie one after another. */
function* memory64List(file: MinidumpFile, stream: Location): Generator<Range> {
  const fields: Fields = file.fields(stream);
  if (fields.length < DESCRIPTOR) return;
  const count = Math.min(cut(fields.u64(0)), Math.floor(fields.length / DESCRIPTOR) - 1, MAX_RANGES + 1);
  let offset = cut(fields.u64(8));
  for (let index = 1; index <= count; index++) {
    const length = cut(fields.u64(index * DESCRIPTOR + 8));
    yield { address: fields.u64(index * DESCRIPTOR), length, offset };
    offset = Math.min(Number.MAX_SAFE_INTEGER, offset + length);
  }
}

/** A 64-bit count, size or offset; one above 2^53 - 1 lies past the end of every file. */
function cut(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

function tooMany(left: number): Notice {
  const message = `${left} memory ranges beyond the first ${MAX_RANGES} were swept without addresses`;
  return { code: 'segments-capped', message, hint: 'the minidump is damaged or hostile' };
}

import type { Warning } from '../../base/runtime/warnings.js';
import { type Architecture, stackPointer } from './architecture.js';
import { type Directory, StreamType } from './directory.js';
import { countedList, cutList, type Location, location, type MinidumpFile } from './file.js';

export interface MinidumpThread {
  id: number;
  name?: string;
  /** Of its name; 0 where it has none. */
  nameRva: number;
  /** Address of the thread environment block (Windows). */
  teb: bigint;
  /** As MINIDUMP_THREAD.Stack; offset 0 where the bytes lie in Memory64List. */
  stack: { address: bigint; length: number; offset: number };
  sp?: bigint;
  context: Location;
}

const MAX_THREADS = 2 ** 16;
/** MINIDUMP_THREAD, MINIDUMP_THREAD_EX (with a BackingStore) and MINIDUMP_THREAD_NAME, in bytes. */
const THREAD = 48;
const THREAD_EX = 64;
const THREAD_NAME = 12;

/** ThreadListStream (or ThreadExListStream), with the names of ThreadNamesStream. */
export function readThreads(
  file: MinidumpFile,
  { streams }: Directory,
  machine: Architecture | undefined,
): { threads: MinidumpThread[]; warnings: Warning[] } {
  const plain = streams.get(StreamType.ThreadListStream);
  const stream = plain ?? streams.get(StreamType.ThreadExListStream);
  if (stream === undefined) return { threads: [], warnings: [] };
  const names = threadNames(file, streams.get(StreamType.ThreadNamesStream));
  const { fields, at, ...list } = countedList(file.fields(stream), plain ? THREAD : THREAD_EX, MAX_THREADS);
  const threads = Array.from({ length: list.count }, (_, index) => {
    const entry = at(index);
    const id = fields.u32(entry);
    const context = location(fields, entry + 40);
    const nameRva = names.get(id) ?? 0;
    const name = file.string(nameRva);
    const sp = stackPointer(file.fields({ ...context, size: Math.min(context.size, MAX_CONTEXT) }), machine);
    return {
      id,
      ...(name ? { name } : {}),
      nameRva,
      teb: fields.u64(entry + 16),
      stack: {
        address: fields.u64(entry + 24),
        length: fields.u32(entry + 32),
        offset: fields.u32(entry + 36),
      },
      ...(sp === undefined ? {} : { sp }),
      context,
    };
  });
  return { threads, warnings: cutList(plain ? 'ThreadListStream' : 'ThreadExListStream', list, stream.rva) };
}

/** Stack pointers stand in the first 260 bytes of every CONTEXT. */
const MAX_CONTEXT = 512;

/** MINIDUMP_THREAD_NAME_LIST: a count, then packed {ThreadId u32, RvaOfThreadName u64}. RVAs by thread. */
function threadNames(file: MinidumpFile, stream: Location | undefined): Map<number, number> {
  const names = new Map<number, number>();
  if (stream === undefined) return names;
  const { fields, count, at } = countedList(file.fields(stream), THREAD_NAME, MAX_THREADS);
  for (let index = 0; index < count; index++) {
    const rva = fields.u64(at(index) + 4);
    if (rva < BigInt(file.reader.length)) names.set(fields.u32(at(index)), Number(rva));
  }
  return names;
}

import { definedFields } from '../../core/base/runtime/defined.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import { type Architecture, stackPointer } from './architecture.js';
import { type Directory, StreamType } from './directory.js';
import { countedList, location, type MinidumpFile, type StreamLocation, truncatedList } from './file.js';

export interface MinidumpThread {
  id: number;
  name?: string;
  /** RVA of its name, or 0. */
  nameRva: number;
  /** Address of the thread environment block (Windows). */
  teb: bigint;
  /** MINIDUMP_THREAD.Stack; the offset is 0 if the bytes are in Memory64ListStream. */
  stack: { address: bigint; length: number; offset: number };
  sp?: bigint;
  context: StreamLocation;
}

const MAX_THREADS = 2 ** 16;
/** Sizes of MINIDUMP_THREAD, MINIDUMP_THREAD_EX (with BackingStore) and MINIDUMP_THREAD_NAME, in bytes. */
const THREAD = 48;
const THREAD_EX = 64;
const THREAD_NAME = 12;

/** ThreadListStream (or ThreadExListStream), with names from ThreadNamesStream. */
export function readThreads(
  file: MinidumpFile,
  { streams }: Directory,
  machine: Architecture | undefined,
): { threads: MinidumpThread[]; warnings: Warning[] } {
  const plain = streams.get(StreamType.ThreadListStream);
  const stream = plain ?? streams.get(StreamType.ThreadExListStream);
  if (stream === undefined) return { threads: [], warnings: [] };
  const names = threadNames(file, streams.get(StreamType.ThreadNamesStream));
  const { fields, entries, ...list } = countedList(
    file.fields(stream),
    plain ? THREAD : THREAD_EX,
    MAX_THREADS,
  );
  const threads = entries.map((entry) => {
    const id = fields.u32(entry);
    const context = location(fields, entry + 40);
    const nameRva = names.get(id) ?? 0;
    const name = file.string(nameRva);
    const sp = stackPointer(file.fields({ ...context, size: Math.min(context.size, MAX_CONTEXT) }), machine);
    return definedFields({
      id,
      name: name || undefined,
      nameRva,
      teb: fields.u64(entry + 16),
      stack: {
        address: fields.u64(entry + 24),
        length: fields.u32(entry + 32),
        offset: fields.u32(entry + 36),
      },
      sp,
      context,
    });
  });
  return {
    threads,
    warnings: truncatedList(plain ? 'ThreadListStream' : 'ThreadExListStream', list, stream.rva),
  };
}

/** Bytes read of a CONTEXT: in all architectures, the stack pointer is in the first 264. */
const MAX_CONTEXT = 512;

/** RVAs by thread. MINIDUMP_THREAD_NAME_LIST: count, then packed {ThreadId u32, RvaOfThreadName u64}. */
function threadNames(file: MinidumpFile, stream: StreamLocation | undefined): Map<number, number> {
  const names = new Map<number, number>();
  if (stream === undefined) return names;
  const { fields, entries } = countedList(file.fields(stream), THREAD_NAME, MAX_THREADS);
  for (const at of entries) {
    const rva = fields.u64(at + 4);
    if (rva < BigInt(file.reader.length)) names.set(fields.u32(at), Number(rva));
  }
  return names;
}

import { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { Warning } from '../../core/base/runtime/warnings.js';
import { readBytes } from '../memory/read.js';
import { location, type MinidumpFile, type StreamLocation, warnings } from './file.js';

/** MINIDUMP_STREAM_TYPE (minidumpapiset.h), Breakpad's extensions (minidump_format.h) and Crashpad's. */
export const StreamType = {
  ThreadListStream: 3,
  ModuleListStream: 4,
  MemoryListStream: 5,
  ExceptionStream: 6,
  SystemInfoStream: 7,
  ThreadExListStream: 8,
  Memory64ListStream: 9,
  CommentStreamA: 10,
  CommentStreamW: 11,
  HandleDataStream: 12,
  FunctionTableStream: 13,
  UnloadedModuleListStream: 14,
  MiscInfoStream: 15,
  MemoryInfoListStream: 16,
  ThreadInfoListStream: 17,
  HandleOperationListStream: 18,
  TokenStream: 19,
  JavaScriptDataStream: 20,
  SystemMemoryInfoStream: 21,
  ProcessVmCountersStream: 22,
  IptTraceStream: 23,
  ThreadNamesStream: 24,
  BreakpadInfoStream: 0x47670001,
  AssertionInfoStream: 0x47670002,
  LinuxCpuInfo: 0x47670003,
  LinuxProcStatus: 0x47670004,
  LinuxLsbRelease: 0x47670005,
  LinuxCmdLine: 0x47670006,
  LinuxEnviron: 0x47670007,
  LinuxAuxv: 0x47670008,
  LinuxMaps: 0x47670009,
  LinuxDsoDebug: 0x4767000a,
  LinuxProcStat: 0x4767000b,
  LinuxProcUptime: 0x4767000c,
  LinuxProcFD: 0x4767000d,
  CrashpadInfoStream: 0x43500001,
} as const;

const NAMES = new Map<number, string>(Object.entries(StreamType).map(([name, type]) => [type, name]));

/** The official name of a stream type. */
export function streamName(type: number): string {
  return NAMES.get(type) ?? `stream 0x${type.toString(16)}`;
}

/** MINIDUMP_HEADER is 32 bytes, MINIDUMP_DIRECTORY 12. */
const HEADER = 32;
const ENTRY = 12;
/** Writers use about forty stream types. */
const MAX_STREAMS = 4096;

/** The stream directory of a minidump. */
export interface Directory {
  /** Streams by type; the first, if two have one type. */
  streams: Map<number, StreamLocation>;
  /** All streams, in order. */
  all: { type: number; location: StreamLocation }[];
  rva: number;
  length: number;
  warnings: Warning[];
}

/** Reads MINIDUMP_HEADER and the directory. Throws OutOfBounds if the header is truncated. */
export function readDirectory(file: MinidumpFile): Directory {
  const header = new FieldReader(readBytes(file.reader, 0, HEADER), 'le');
  const stated = header.u32(8);
  const rva = header.u32(12);
  const fields = file.fields({ rva, size: Math.min(stated, MAX_STREAMS) * ENTRY });
  const count = Math.floor(fields.length / ENTRY);
  const all = Array.from({ length: count }, (_, index) => ({
    type: fields.u32(index * ENTRY),
    location: location(fields, index * ENTRY + 4),
  })).filter(({ type, location: { size } }) => type !== 0 && size > 0);
  const streams = new Map<number, StreamLocation>();
  for (const { type, location } of all) if (!streams.has(type)) streams.set(type, location);
  const cut = all.filter(({ location: { rva, size } }) => rva + size > file.reader.length);
  const found = [
    ...(count < stated ? [truncatedDirectory(stated, count, rva)] : []),
    ...truncatedStreams(cut, rva),
  ];
  return { streams, all, rva, length: count * ENTRY, warnings: found };
}

function truncatedDirectory(stated: number, count: number, offset: number): Warning {
  const message = `the stream directory was read up to entry ${count} of ${stated}`;
  const hint = 'the file is cut or damaged: memory that lost streams describe is unknown';
  return warnings.of('minidump-directory-truncated', { message, hint, offset });
}

/** A warning about streams of any type past the end of the file: their text may be lost. */
function truncatedStreams(cut: Directory['all'], offset: number): Warning[] {
  const [first] = cut;
  if (first === undefined) return [];
  const others = cut.length > 1 ? `, and ${cut.length - 1} more` : '';
  const message = `${streamName(first.type)} is past the end of the file, in part or whole${others}`;
  const hint = 'the file is cut or damaged: what was in the lost part is unknown';
  return [warnings.of('minidump-stream-truncated', { message, hint, offset })];
}

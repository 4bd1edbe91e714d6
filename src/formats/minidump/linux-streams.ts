import type { Region } from '../../core/model/report.js';
import { readInitialStack } from '../elf/initial-stack.js';
import { AT, auxValue } from '../elf/linux-notes.js';
import { findStackEnd, type StackEnd } from '../elf/stack-end.js';
import type { FileSpan } from '../memory/file-spans.js';
import { Memory } from '../memory/memory.js';
import type { FileMapping, StackString } from '../memory/process-map.js';
import type { SegmentMap } from '../memory/segment-map.js';
import { decodeText } from '../memory/text.js';
import { type Directory, StreamType } from './directory.js';
import type { MinidumpFile } from './file.js';
import type { MemoryInfoRange } from './memory-info.js';
import type { MinidumpThread } from './threads.js';

/** Entries read of a /proc file; by default, a process cannot have more mappings. */
const MAX_ENTRIES = 2 ** 17;
const MAX_NAME = 256;

/** A span for each variable in Breakpad's copy of /proc/PID/environ. */
export function environmentSpans(file: MinidumpFile, { streams }: Directory): FileSpan[] {
  const stream = streams.get(StreamType.LinuxEnviron);
  if (stream === undefined) return [];
  const spans: FileSpan[] = [];
  const { bytes } = file.fields(stream);
  for (let at = 0; at < bytes.length && spans.length < MAX_ENTRIES; ) {
    const nul = bytes.indexOf(0, at);
    const end = nul < 0 ? bytes.length : nul + 1;
    const head = bytes.subarray(at, Math.min(end, at + MAX_NAME));
    const equals = head.indexOf(0x3d);
    const name = equals > 0 ? { name: decodeText(head.subarray(0, equals)) } : {};
    spans.push({ offset: stream.rva + at, length: end - at, region: { kind: 'environment', ...name } });
    at = end;
  }
  return spans;
}

/** Breakpad's copy of /proc/PID/cmdline: its span, and the arguments joined by spaces. */
export function commandLine(
  file: MinidumpFile,
  { streams }: Directory,
): { span?: FileSpan; command?: string } {
  const stream = streams.get(StreamType.LinuxCmdLine);
  if (stream === undefined) return {};
  const { bytes } = file.fields(stream);
  const command = decodeText(bytes).replaceAll('\0', ' ').trimEnd();
  return {
    span: { offset: stream.rva, length: stream.size, region: { kind: 'argv' } },
    ...(command === '' ? {} : { command }),
  };
}

/** Breakpad's copy of /proc/PID/maps. */
export interface LinuxMaps {
  mappings: FileMapping[];
  /** Start addresses of executable mappings. */
  executable: Set<bigint>;
  /** Start addresses of writable mappings. */
  writable: Set<bigint>;
  /** Mappings without a file; anonymous writable memory is heap. */
  ranges: MemoryInfoRange[];
}

export function linuxMaps(file: MinidumpFile, { streams }: Directory): LinuxMaps {
  const maps: LinuxMaps = { mappings: [], executable: new Set(), writable: new Set(), ranges: [] };
  const stream = streams.get(StreamType.LinuxMaps);
  if (stream === undefined) return maps;
  for (const line of decodeText(file.fields(stream).bytes).split('\n', MAX_ENTRIES)) {
    const match = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) (.{4}) ([0-9a-f]{1,16}) \S+ \d+ *(.*)$/.exec(line);
    if (match === null) continue;
    const [, from, to, rights, fileOffset, path] = match as unknown as [string, ...Five];
    const [start, end] = [BigInt(`0x${from}`), BigInt(`0x${to}`)];
    const [isExecutable, isWritable] = [rights.includes('x'), rights.includes('w')];
    if (isExecutable) maps.executable.add(start);
    if (isWritable) maps.writable.add(start);
    if (path.startsWith('/')) maps.mappings.push({ start, end, fileOffset: BigInt(`0x${fileOffset}`), path });
    else maps.ranges.push({ start, end, region: anonymous(rights, path), isExecutable, isWritable });
  }
  return maps;
}

type Five = [string, string, string, string, string];

function anonymous(rights: string, name: string): Region {
  if (rights.includes('w') && /^($|\[heap|\[anon)/.test(name)) return { kind: 'heap' };
  return { kind: 'mapping', ...(name === '' ? {} : { name }) };
}

/**
 * Arguments and environment on the main thread's stack, located by LinuxAuxv (Breakpad, lldb) or, without it,
 * by the end of the stack (Crashpad).
 */
export function initialStrings(
  file: MinidumpFile,
  { streams }: Directory,
  map: SegmentMap,
  main: MinidumpThread | undefined,
  word: 4 | 8,
): StackString[] {
  const memory = new Memory(file.reader, map);
  const stream = streams.get(StreamType.LinuxAuxv);
  const end = stream === undefined ? stackEnd(memory, main, word) : undefined;
  const auxv = stream === undefined ? end?.auxv : file.fields(stream).bytes;
  const top = end?.top ?? (auxv && auxValue(auxv, AT.EXECFN, word, 'le'));
  const place = top === undefined ? undefined : map.place(top);
  if (auxv === undefined || top === undefined || place === undefined) return [];
  return readInitialStack(memory, { low: place.segment.address, top, auxv, word, endian: 'le' });
}

function stackEnd(memory: Memory, main: MinidumpThread | undefined, word: 4 | 8): StackEnd | undefined {
  if (main === undefined) return undefined;
  const { address, length } = main.stack;
  return findStackEnd(memory, { low: address, end: address + BigInt(length), word });
}

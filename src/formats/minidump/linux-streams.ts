import { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { Region } from '../../core/model/report.js';
import { readInitialStack } from '../elf/initial-stack.js';
import { AT, auxValue } from '../elf/linux-notes.js';
import type { FileSpan } from '../memory/file-spans.js';
import { Memory } from '../memory/memory.js';
import type { FileMapping, StackString } from '../memory/process-map.js';
import type { SegmentMap } from '../memory/segment-map.js';
import { decodeText } from '../memory/text.js';
import { readWord } from '../memory/words.js';
import { type Directory, StreamType } from './directory.js';
import type { MinidumpFile } from './file.js';
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

/** The auxiliary vector on the main thread's stack, if no copy of it (NT_AUXV, LinuxAuxv) was dumped. */
interface StackEnd {
  /** Address of the AT_EXECFN string. */
  top: bigint;
  /** Bytes from the vector's first entry up to the AT_EXECFN string. */
  auxv: Uint8Array;
}

/** The vector is below the strings, for which Linux allows 6 MiB. */
const MAX_BLOCK = 8 * 1024 * 1024;
/** Types are small (the highest is AT_MINSIGSTKSZ, 51); the words below the vector are NULL or an address. */
const MAX_TYPE = 127n;

/**
 * A stack ends with the path of the program and a NULL (fs/exec.c, bprm_execve and __bprm_mm_init). If the
 * auxiliary vector has AT_EXECFN with that path's address, this is the end of the stack.
 */
function findStackEnd(
  memory: Memory,
  { low, end, word }: { low: bigint; end: bigint; word: 4 | 8 },
): StackEnd | undefined {
  const from = end - low > BigInt(MAX_BLOCK) ? end - BigInt(MAX_BLOCK) : low;
  const block = memory.read(from, Number(end - from));
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const pathEnd = textEnd(bytes);
  if (BigInt(bytes.length) !== end - from || pathEnd === undefined) return undefined;
  const path = bytes.lastIndexOf(0, pathEnd - 1) + 1;
  const top = from + BigInt(path);
  const fields = new FieldReader(bytes, 'le');
  const execfn = bytes.subarray(0, path).lastIndexOf(pair(AT.EXECFN, top, word));
  if (execfn < 0) return undefined;
  let start = execfn;
  const isEntry = (at: number): boolean => at >= 0 && isType(readWord(fields, at, word));
  while (isEntry(start - 2 * word)) start -= 2 * word;
  return { top, auxv: bytes.subarray(start, path) };
}

/** End of the text before the final zeros: the path's NUL, and a NULL of 4 or 8 bytes. */
function textEnd(bytes: Uint8Array): number | undefined {
  for (let end = bytes.length; end > Math.max(0, bytes.length - 16); end--)
    if (bytes[end - 1] !== 0) return bytes.length - end > 4 ? end : undefined;
  return undefined;
}

function isType(value: bigint): boolean {
  return value > 0n && value <= MAX_TYPE;
}

/** An entry of the vector, as in memory. */
function pair(type: number, value: bigint, word: 4 | 8): Buffer {
  const bytes = Buffer.alloc(2 * word);
  bytes.writeUInt32LE(type);
  if (word === 8) bytes.writeBigUInt64LE(value, word);
  else bytes.writeUInt32LE(Number(value & 0xffffffffn), word);
  return bytes;
}

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

const MEMORY_INFO_MAX_ENTRIES = 2 ** 19;
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
  const count = Math.min(room, MEMORY_INFO_MAX_ENTRIES, stated > BigInt(room) ? room : Number(stated));
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

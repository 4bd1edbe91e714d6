import type { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { Extent } from '../../core/model/report.js';
import { readWord } from '../../formats/memory/words.js';
import { type Directory, StreamType } from '../../formats/minidump/directory.js';
import { countedList, type MinidumpFile, type StreamLocation } from '../../formats/minidump/file.js';
import type { MinidumpModule } from '../../formats/minidump/modules.js';
import type { MinidumpThread } from '../../formats/minidump/threads.js';

/** A part of the file that stays; of a name, what a hash replaces. */
export interface KeptPart extends Extent {
  name?: { offset: number; length: number; wide: boolean };
}

/** What the streams are read with. */
interface Source {
  file: MinidumpFile;
  word: 4 | 8;
}

type Keep = (source: Source, stream: StreamLocation) => KeptPart[];

/**
 * Bytes that are kept of structures. MINIDUMP_MISC_INFO_5: times and flags of the process; then a time zone,
 * texts, and a cookie, which is a secret.
 */
const MISC = 60;
const SYSTEM_INFO = 56;
const MAX_CODE_VIEW = 4096;
/** Names of service packs and kernels, in bytes. */
const MAX_VERSION = 1024;
/** The longest UNICODE_STRING, in bytes. */
const MAX_NAME = 2 ** 16;
const MAX_ENTRIES = 2 ** 19;

/** The first bytes of a stream. */
const upTo =
  (most: number): Keep =>
  (_source, { rva, size }) => [{ offset: rva, length: Math.min(size, most) }];

/** A count, and as many entries of a size. */
const list =
  (entry: number): Keep =>
  ({ file }, stream) => {
    const { entries } = countedList(file.fields(stream), entry, MAX_ENTRIES);
    const length = (entries.at(-1) ?? 4 - entry) + entry;
    return [{ offset: stream.rva, length }];
  };

/** Memory64ListStream: a count and an RVA of 8 bytes each, then entries of 16. */
const memory64: Keep = ({ file }, { rva, size }) => {
  const fields = file.fields({ rva, size: Math.min(size, 16) });
  if (fields.length < 16) return [];
  return [{ offset: rva, length: 16 + Math.min(size - 16, 16 * Number(fields.u64(0))) }];
};

/** SizeOfHeader, SizeOfEntry (u32 each), then the number of entries. */
const sized =
  (least: { header: number; entry: number }): Keep =>
  ({ file }, stream) =>
    keptOfSized(sizedList(file.fields(stream), least), least, stream);

/** All of a list, or what is known of its header and entries if they are larger: more may be anything. */
function keptOfSized(
  { header, entry, count, end }: ReturnType<typeof sizedList>,
  least: { header: number; entry: number },
  { rva }: StreamLocation,
): KeptPart[] {
  if (header <= least.header && entry <= least.entry) return [{ offset: rva, length: end }];
  const entries = Array.from({ length: count }, (_, index) => ({
    offset: rva + header + index * entry,
    length: least.entry,
  }));
  return [{ offset: rva, length: least.header }, ...entries];
}

function sizedList(
  fields: FieldReader,
  least: { header: number; entry: number },
): { header: number; entry: number; count: number; end: number } {
  if (fields.length < least.header) return { header: 0, entry: 1, count: 0, end: 0 };
  const header = Math.max(least.header, fields.u32(0));
  const entry = Math.max(least.entry, fields.u32(4));
  const room = Math.max(0, Math.floor((fields.length - header) / entry));
  const count = Math.min(fields.u32(8), room, MAX_ENTRIES);
  return { header, entry, count, end: Math.min(fields.length, header + count * entry) };
}

/** Access violations, and pages that could not be read: parameters are the kind of access and the address. */
const FAULTS: ReadonlySet<number> = new Set([0xc0000005, 0xc0000006]);

/**
 * MINIDUMP_EXCEPTION_STREAM: thread, then code, flags, nested record, address, number of parameters @8;
 * parameters @40, which may be any values of the program; location of the CONTEXT @160.
 */
const exception: Keep = ({ file }, { rva, size }) => {
  const fields = file.fields({ rva, size: Math.min(size, 168) });
  if (fields.length < 168) return [];
  const fault = FAULTS.has(fields.u32(8)) ? [{ offset: rva + 40, length: 16 }] : [];
  return [{ offset: rva, length: 40 }, ...fault, { offset: rva + 160, length: 8 }];
};

/** The structure, and the name of the service pack or kernel @24. */
const systemInfo: Keep = ({ file }, { rva, size }) => {
  const fields = file.fields({ rva, size: Math.min(size, SYSTEM_INFO) });
  const text = fields.length < 28 ? [] : [string(file, fields.u32(24), false)].filter(isVersion);
  return [{ offset: rva, length: fields.length }, ...text];
};

const isVersion = ({ length }: Extent): boolean => length <= MAX_VERSION;

const UNLOADED = { header: 12, entry: 24 };

/** MINIDUMP_UNLOADED_MODULE_LIST: names @20 of an entry. */
const unloaded: Keep = ({ file }, stream) => {
  const fields = file.fields(stream);
  const sizes = sizedList(fields, UNLOADED);
  const { header, entry, count } = sizes;
  const names = Array.from({ length: count }, (_, index) =>
    string(file, fields.u32(header + index * entry + 20), true),
  );
  return [...keptOfSized(sizes, UNLOADED, stream), ...names];
};

/** Breakpad's copy of the auxiliary vector, up to AT_NULL. */
const auxv: Keep = ({ file, word }, stream) => {
  const fields = file.fields({ ...stream, size: Math.min(stream.size, 16 * 1024) });
  let length = 0;
  while (length + 2 * word <= fields.length && readWord(fields, length, word) !== 0n) length += 2 * word;
  return [{ offset: stream.rva, length }];
};

/** A line of /proc/PID/maps: addresses, rights, offset, device, inode and name. */
const MAPS_LINE = new RegExp(
  [
    /^[0-9a-f]{1,16}-[0-9a-f]{1,16}/,
    /[r-][w-][x-][ps]/,
    /[0-9a-f]{1,16}/,
    /[0-9a-f]{1,4}:[0-9a-f]{1,6}/,
    /\d{1,20} *(?<name>[^\n]{0,4200})(?<end>\n?)/,
  ]
    .map(({ source }) => source)
    .join(' '),
  'gm',
);
/** Programs can name anonymous mappings by any text. */
const SYSTEM_MAPPING = /^\[(heap|stack|vdso|vvar|vvar_vclock|vsyscall|vectors|sigpage|uprobes)\]$/;

/** Breakpad's copy of /proc/PID/maps: paths are the rest of a line after the inode. */
const maps: Keep = ({ file }, stream) => {
  const { bytes } = file.fields(stream);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const lines = text.matchAll(MAPS_LINE);
  return [...lines].flatMap(({ index, 0: line, groups }): KeptPart[] => {
    const [name = '', end = '', offset] = [groups?.name, groups?.end, stream.rva + index];
    const at = offset + line.length - end.length - name.length;
    const part = { offset, length: line.length };
    if (name.startsWith('/')) return [{ ...part, name: { offset: at, length: name.length, wide: false } }];
    if (SYSTEM_MAPPING.test(name)) return [part];
    return [
      { offset, length: at - offset },
      { offset: at + name.length, length: end.length },
    ];
  });
};

/** Streams that are kept, by type; all others are dropped. */
const STREAMS: Readonly<Record<number, Keep>> = {
  [StreamType.ThreadListStream]: list(48),
  [StreamType.ThreadExListStream]: list(64),
  [StreamType.ModuleListStream]: list(108),
  [StreamType.MemoryListStream]: list(16),
  [StreamType.ExceptionStream]: exception,
  [StreamType.SystemInfoStream]: systemInfo,
  [StreamType.Memory64ListStream]: memory64,
  [StreamType.UnloadedModuleListStream]: unloaded,
  [StreamType.MiscInfoStream]: upTo(MISC),
  [StreamType.MemoryInfoListStream]: sized({ header: 16, entry: 48 }),
  [StreamType.ThreadNamesStream]: list(12),
  [StreamType.LinuxAuxv]: auxv,
  [StreamType.LinuxMaps]: maps,
};

/** What stays of the streams, and the streams of which nothing does. */
export function keptOfStreams(source: Source, directory: Directory): { kept: KeptPart[]; dropped: Extent[] } {
  const kept: KeptPart[] = [];
  const dropped: Extent[] = [];
  for (const { type, location } of directory.all) {
    // Of other types a debugger reads the first. lldb writes an exception for each thread that has stopped.
    const isRead = type === StreamType.ExceptionStream || directory.streams.get(type) === location;
    const keep = isRead ? STREAMS[type] : undefined;
    if (keep === undefined) dropped.push({ offset: location.rva, length: location.size });
    else kept.push(...keep(source, location));
  }
  return { kept, dropped };
}

/** Names of modules and threads, and records of debug information. */
export function keptOfLists(
  file: MinidumpFile,
  modules: readonly MinidumpModule[],
  threads: readonly MinidumpThread[],
): KeptPart[] {
  return [
    ...modules.flatMap(({ nameRva, codeView }) => [
      string(file, nameRva, true),
      ...debugRecord(file, codeView),
    ]),
    ...threads.map(({ nameRva }) => string(file, nameRva, true)),
  ];
}

/** CV_INFO_PDB70: `RSDS`, a GUID and an age, then the path of the PDB file. */
const PDB_PATH = 24;
/** Breakpad's MDCVInfoELF: a signature and a build identifier. Other records may be anything. */
const BUILD_ID = 'LEpB';
const MAX_BUILD_ID = 68;

function debugRecord(file: MinidumpFile, { rva, size }: StreamLocation): KeptPart[] {
  const length = Math.min(size, MAX_CODE_VIEW);
  const { bytes } = file.fields({ rva, size: length });
  const signature = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  if (signature === BUILD_ID) return [{ offset: rva, length: Math.min(length, MAX_BUILD_ID) }];
  if (signature !== 'RSDS') return [];
  const end = bytes.indexOf(0, PDB_PATH);
  const name = { offset: rva + PDB_PATH, length: Math.max(0, end - PDB_PATH), wide: false };
  return [{ offset: rva, length: end < 0 ? Math.min(length, PDB_PATH) : end, name }];
}

/** A MINIDUMP_STRING: length, UTF-16LE. `isName`: of a file or thread. */
function string(file: MinidumpFile, rva: number, isName: boolean): KeptPart {
  const { offset, length } = file.stringExtent(rva);
  if (length > MAX_NAME + 4) return { offset, length: 0 };
  if (!isName || length <= 4) return { offset, length };
  return { offset, length, name: { offset: offset + 4, length: length - 4, wide: true } };
}

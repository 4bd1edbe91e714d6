import type { FieldReader } from '../../core/base/bytes/field-reader.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import { fileBacked, moduleRanges } from '../memory/file-backed.js';
import type { MappedFiles } from '../memory/process-map.js';
import { indexByRange } from '../memory/region-rules.js';
import type { SegmentMap } from '../memory/segment-map.js';
import type { ParsedDump } from '../memory/types.js';
import { type Directory, StreamType } from './directory.js';
import { countedList, location, type MinidumpFile, type StreamLocation } from './file.js';
import type { LinuxMaps, MemoryInfoRange } from './linux-streams.js';

export interface MinidumpModule {
  path: string;
  base: bigint;
  /** SizeOfImage. */
  size: number;
  nameRva: number;
  codeView: StreamLocation;
  /** GUID and age of a PDB in the notation of symbol servers, or an ELF build identifier. */
  buildId?: string;
}

const MAX_MODULES = 2 ** 16;
/** Size of MINIDUMP_MODULE, in bytes. */
const MODULE = 108;
const MAX_CODE_VIEW = 64;

/** ModuleListStream; the first module is the executable. */
export function readModules(file: MinidumpFile, { streams }: Directory): MinidumpModule[] {
  const stream = streams.get(StreamType.ModuleListStream);
  if (stream === undefined) return [];
  const { fields, entries } = countedList(file.fields(stream), MODULE, MAX_MODULES);
  return entries.map((entry) => {
    const codeView = location(fields, entry + 76);
    const buildId = identifier(file.fields({ ...codeView, size: Math.min(codeView.size, MAX_CODE_VIEW) }));
    const nameRva = fields.u32(entry + 20);
    return definedFields({
      path: file.string(nameRva),
      base: fields.u64(entry),
      size: fields.u32(entry + 8),
      nameRva,
      codeView,
      buildId,
    });
  });
}

/**
 * By signature: CV_INFO_PDB70 (`RSDS`, a GUID and an age), Breakpad's MDCVInfoELF (`BpEL`, a build
 * identifier).
 */
const IDENTIFIERS: Readonly<Record<string, (record: FieldReader) => string | undefined>> = {
  RSDS: (record) =>
    record.length < 24 ? undefined : guid(record, 4) + record.u32(20).toString(16).toUpperCase(),
  LEpB: (record) => Buffer.from(record.bytes.subarray(4)).toString('hex'),
};

function identifier(record: FieldReader): string | undefined {
  return IDENTIFIERS[record.cstring(0, 4)]?.(record);
}

/** A GUID: u32, u16, u16, 8 bytes. */
function guid(fields: FieldReader, at: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  const tail = Buffer.from(fields.slice(at + 8, 8)).toString('hex');
  return (
    hex(fields.u32(at), 8) +
    hex(fields.u16(at + 4), 4) +
    hex(fields.u16(at + 6), 4) +
    tail
  ).toUpperCase();
}

/** Memory of modules of which a list says that it cannot be written; without such a list none. */
export function moduleBytes(
  map: SegmentMap,
  modules: readonly MinidumpModule[],
  ranges: readonly MemoryInfoRange[],
  { mappings, writable }: LinuxMaps,
  { fileOf }: MappedFiles,
): ParsedDump['isFileBacked'] {
  if (mappings.length > 0) {
    const own = moduleRanges(mappings, fileOf).filter(({ start }) => !writable.has(start));
    return fileBacked(map, own, () => false);
  }
  if (ranges.length === 0 || modules.length === 0) return undefined;
  const rangeAt = indexByRange(ranges, ({ start, end }) => [start, end]);
  const own = modules.map(({ base, size }) => ({ start: base, end: base + BigInt(size) }));
  return fileBacked(map, own, (address) => ranges[rangeAt(address)]?.isWritable !== false);
}

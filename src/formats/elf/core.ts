import { CachedReader } from '../../core/base/bytes/cached-reader.js';
import { unionOf } from '../../core/base/bytes/intervals.js';
import { type ByteReader, bufferReader } from '../../core/base/bytes/storage.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { AddressSpace, Extent, ProcessFacts } from '../../core/model/report.js';
import type { FileSpan } from '../memory/file-spans.js';
import { Memory } from '../memory/memory.js';
import { moduleFacts } from '../memory/modules.js';
import { parsedDump } from '../memory/parsed-dump.js';
import type { MappedFile } from '../memory/process-map.js';
import { readBytes } from '../memory/read.js';
import { SegmentMap } from '../memory/segment-map.js';
import type { DumpFormat, ParsedDump } from '../memory/types.js';
import { type CoreFacts, readFacts } from './facts.js';
import { ELF_MAGIC, type ElfHeader, elfClass, isElfCore, PT_LOAD, PT_NOTE, readElfHeader } from './header.js';
import { AT } from './linux-notes.js';
import { noteExtents, readLoads } from './loads.js';
import { machineName } from './machines.js';
import { aux, initialStack } from './main-stack.js';
import { fileBackedIn, gatherFiles } from './modules.js';
import { locateHeaders, programHeaders } from './program-headers.js';
import { recordOwners } from './record-owners.js';
import { coreRegions } from './regions.js';
import { hasSectionsOnly, sectionSpans, sectionsOnly, unreadSections } from './sections.js';
import { warnings } from './warnings.js';

/** A core of a large program has some thousands of segments. */
const MAX_SEGMENTS = 16_384;
/** Bytes at the start of a segment, where the header of a mapped image would be. */
const SEGMENT_START = 4096;
/** Bytes of notes: enough for thousands of threads and mappings. */
const MAX_NOTES = 16 * 1024 * 1024;

/**
 * What opening a core will read besides its headers: notes, and the start of each segment. Headers that are
 * not in `head` are ignored. This is an optimisation: extents that are left out are read later.
 */
export function prefetchCore(head: Uint8Array): Extent[] {
  const reader = bufferReader(head);
  const header = readElfHeader(head);
  if (header === undefined || head.length < elfClass(header).ehdr.size) return [];
  const wanted: Extent[] = [];
  const { count } = locateHeaders(reader, header);
  for (const { type, offset, filesz } of programHeaders(reader, header, count)) {
    if (wanted.length >= MAX_SEGMENTS) break;
    if (type === PT_NOTE) wanted.push({ offset, length: Math.min(filesz, MAX_NOTES) });
    else if (type === PT_LOAD) wanted.push({ offset, length: Math.min(filesz, SEGMENT_START) });
  }
  // A hostile table can name the same extent thousands of times.
  return unionOf(wanted);
}

const EHDR_MAX = 64;

/**
 * ELF core of a process (Linux, the BSDs; written by a kernel or by gcore) or of a machine (QEMU,
 * VirtualBox).
 */
export const elfCore: DumpFormat = {
  name: 'elf-core',
  writtenBy: 'linux',
  leavesOut: 'pages that coredump_filter or MADV_DONTDUMP excludes leave no trace',
  probe: isElfCore,
  open(reader) {
    const header = readElfHeader(readBytes(reader, 0, EHDR_MAX))!;
    return openCore(reader, header);
  },
  streaming: { segmented: true, prefetch: prefetchCore, pageMagic: ELF_MAGIC, owners: true },
  debugCommand: (file, address) => `gdb -batch -ex 'x/32xb ${address}' -c ${file}`,
  warnings,
};

function openCore(reader: ByteReader, header: ElfHeader): ParsedDump {
  const table = locateHeaders(reader, header);
  const noteSegments = noteExtents(reader, header, table);
  const facts = readFacts(new CachedReader(reader), header, noteSegments);
  const loads = readLoads(reader, header, table, facts.physical);
  const map = SegmentMap.of(loads.segments);
  const memory = new Memory(reader, map);
  const mapped = gatherFiles(memory, facts.mappings, (address) => loads.executable.has(address));
  const start = initialStack(header, facts, map, memory);
  const process = processFacts(header, facts, mapped.files, start.executable);
  const headers: FileSpan[] = [
    { offset: 0, length: elfClass(header).ehdr.size, region: { kind: 'header' } },
    { offset: table.offset, length: table.length, region: { kind: 'header' } },
    ...sectionSpans(reader, header),
  ];
  return parsedDump({
    segments: loads.segments,
    addressSpace: addressSpace(facts),
    process,
    memory: loads.memory.facts(),
    unread: hasSectionsOnly(header) ? unreadSections(reader, header) : [],
    ...definedFields({ owners: recordOwners(reader, header, facts, loads.segments, process) }),
    warnings: [...sectionsOnly(header), ...table.warnings, ...facts.warnings, ...loads.warnings],
    ...(facts.hasFileList && {
      isFileBacked: fileBackedIn(map, loads.segments, facts.mappings, mapped),
    }),
    regionAt: coreRegions({
      facts,
      segments: loads.segments,
      map,
      layers: [headers, facts.spans, noteSegments.map((extent) => ({ ...extent, region: { kind: 'note' } }))],
      mapped,
      strings: start.strings,
      vdso: aux(header, facts, AT.SYSINFO_EHDR),
      mainStack: start.stack,
    }),
  });
}

function addressSpace({ physical, process: { pid } }: CoreFacts): AddressSpace {
  return physical ? { kind: 'physical' } : definedFields({ kind: 'process', pid });
}

function processFacts(
  header: ElfHeader,
  facts: CoreFacts,
  files: readonly MappedFile[],
  executable: string | undefined,
): ProcessFacts {
  const machine = machineName(header);
  if (facts.physical) return { machine, bits: header.bits, endian: header.endian };
  const modules = moduleFacts(files.filter(({ isModule }) => isModule));
  return { ...facts.process, machine, ...definedFields({ executable }), modules };
}

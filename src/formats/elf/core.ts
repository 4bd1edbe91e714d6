import { unionOf } from '../../base/bytes/intervals.js';
import { bufferReader, type Reader } from '../../base/bytes/storage.js';
import { definedFields } from '../../base/runtime/defined.js';
import type { Warning } from '../../base/runtime/warnings.js';
import type { AddressSpace, Extent, ProcessFacts } from '../../model/report.js';
import { CachedReader } from '../memory/cached-reader.js';
import type { FileSpan } from '../memory/file-spans.js';
import { Memory } from '../memory/memory.js';
import { moduleFacts } from '../memory/modules.js';
import { parsedDump } from '../memory/parsed-dump.js';
import type { MappedFile, StackString } from '../memory/process-map.js';
import { readBytes } from '../memory/read.js';
import { SegmentMap } from '../memory/segment-map.js';
import { decodeCString } from '../memory/text.js';
import type { DumpFormat, ParsedDump } from '../memory/types.js';
import { type CoreFacts, readFacts, type Thread } from './facts.js';
import { ELF_MAGIC, type ElfHeader, elfClass, isElfCore, PT_LOAD, PT_NOTE, readElfHeader } from './header.js';
import { readInitialStack } from './initial-stack.js';
import { AT, auxValue } from './linux-notes.js';
import { noteExtents, readLoads } from './loads.js';
import { machineName } from './machines.js';
import { gatherFiles } from './modules.js';
import { locateHeaders, programHeaders } from './program-headers.js';
import { coreRegions } from './regions.js';
import { sectionSpans } from './sections.js';
import { warnings } from './warnings.js';

const EHDR_MAX = 64;
const MAX_PATH = 4096;

/**
 * ELF core of a process (Linux, the BSDs; written by a kernel or by gcore) or of a machine (QEMU,
 * VirtualBox).
 */
export const elfCore: DumpFormat = {
  name: 'elf-core',
  probe: isElfCore,
  open(reader) {
    const header = readElfHeader(readBytes(reader, 0, EHDR_MAX))!;
    return openCore(reader, header);
  },
  streaming: { segmented: true, prefetch: prefetchCore, pageMagic: ELF_MAGIC },
  debugCommand: (file, address) => `gdb -batch -ex 'x/32xb ${address}' -c ${file}`,
  warnings,
};

function openCore(reader: Reader, header: ElfHeader): ParsedDump {
  const table = locateHeaders(reader, header);
  const noteSegments = noteExtents(reader, header, table);
  const facts = readFacts(new CachedReader(reader), header, noteSegments);
  const loads = readLoads(reader, header, table, facts.physical);
  const map = SegmentMap.of(loads.segments);
  const memory = new Memory(reader, map);
  const mapped = gatherFiles(memory, facts.mappings, (address) => loads.executable.has(address));
  const start = initialStack(header, facts, map, memory);
  const headers: FileSpan[] = [
    { offset: 0, length: elfClass(header).ehdr.size, region: { kind: 'header' } },
    { offset: table.offset, length: table.length, region: { kind: 'header' } },
    ...sectionSpans(reader, header),
  ];
  return parsedDump({
    segments: loads.segments,
    addressSpace: addressSpace(facts),
    process: processFacts(header, facts, mapped.files, start.executable),
    memory: loads.memory.facts(),
    warnings: [...sectionsOnly(header), ...table.warnings, ...facts.warnings, ...loads.warnings],
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

/** Xen's dump-core stores memory in sections only. */
function sectionsOnly({ phnum, shnum }: ElfHeader): Warning[] {
  if (phnum > 0 || shnum === 0) return [];
  const message =
    'an ELF core with sections and no segments: swept as plain bytes, without addresses and regions';
  return [warnings.of('format-not-parsed', { message, hint: 'Xen writes such dumps; crash reads them' })];
}

function aux(header: ElfHeader, facts: CoreFacts, type: number): bigint | undefined {
  return auxValue(facts.auxv, type, elfClass(header).word, header.endian);
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

/** Strings on the main thread's initial stack, which NT_AUXV points to. */
function initialStack(
  header: ElfHeader,
  facts: CoreFacts,
  map: SegmentMap,
  memory: Memory,
): { strings: StackString[]; executable?: string; stack?: { thread: Thread; address: bigint } } {
  const { pid } = facts.process;
  const thread = facts.threads.find(({ id }) => id === pid) ?? facts.threads[0];
  const execfn = aux(header, facts, AT.EXECFN);
  const inside = execfn ?? thread?.sp;
  const place = facts.physical || inside === undefined ? undefined : map.place(inside);
  if (place === undefined) return { strings: [] };
  const { segment } = place;
  const top = execfn ?? segment.address + BigInt(segment.length);
  const strings = readInitialStack(memory, {
    low: segment.address,
    top,
    auxv: facts.auxv,
    word: elfClass(header).word,
    endian: header.endian,
  });
  return {
    strings,
    ...(execfn === undefined ? {} : { executable: decodeCString(memory.read(execfn, MAX_PATH)) }),
    ...(thread === undefined || execfn === undefined ? {} : { stack: { thread, address: execfn } }),
  };
}

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

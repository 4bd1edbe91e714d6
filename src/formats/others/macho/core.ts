import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { definedFields } from '../../../core/base/runtime/defined.js';
import { defineWarnings, type Warning } from '../../../core/base/runtime/warnings.js';
import type { Region } from '../../../core/model/report.js';
import { lldb } from '../../memory/debuggers.js';
import { type FileSpan, fileRegions } from '../../memory/file-spans.js';
import { Memory } from '../../memory/memory.js';
import { moduleFacts } from '../../memory/modules.js';
import { parsedDump } from '../../memory/parsed-dump.js';
import { readBytes } from '../../memory/read.js';
import {
  type Bounds,
  byRange,
  inModule,
  type RegionRule,
  regionsByRules,
} from '../../memory/region-rules.js';
import { SegmentCollector } from '../../memory/segment-collector.js';
import { SegmentMap } from '../../memory/segment-map.js';
import { stacksBySegment } from '../../memory/stacks.js';
import type { DumpFormat, ParsedDump, Segment } from '../../memory/types.js';
import { capped } from '../../memory/words.js';
import { type CommandList, HEADER_MAX, type MachHeader, MH, readCommands, readMachHeader } from './header.js';
import { findImages, type MachImage } from './images.js';
import { listedImages, readNotes, threadIds } from './notes.js';
import { readSegment, VM_PROT } from './segments.js';
import { type MachThread, machineName, readThreads } from './threads.js';

const warnings = defineWarnings({ 'load-commands-truncated': 'strict' });

/** Mach-O core of macOS or iOS (mach-o/loader.h), of either word size and byte order. */
export const machoCore: DumpFormat = {
  name: 'mach-o-core',
  writtenBy: 'macos',
  leavesOut: 'pages that the kernel or lldb has left out leave no trace',
  probe: (head) => readMachHeader(head)?.filetype === MH.CORE,
  open: (reader) => openCore(reader, readMachHeader(readBytes(reader, 0, HEADER_MAX))!),
  debugCommand: lldb,
  insteadOfCopy:
    'cores of macOS have no planner yet: keep the dump where it is, and send a backtrace as text',
  warnings,
};

interface CoreSegment extends Segment {
  initprot: number;
}

function openCore(reader: ByteReader, header: MachHeader): ParsedDump {
  const list = readCommands(reader, header);
  const collector = readSegments(reader, list);
  const segments = collector.sorted();
  const map = SegmentMap.of(segments);
  const notes = readNotes(list.commands, reader.length);
  const threads = readThreads(list.commands, header, threadIds(reader, notes));
  const images = findImages(new Memory(reader, map), segments, listedImages(reader, notes, header));
  const spans: FileSpan[][] = [
    threads.map(({ id, registers }) => ({
      ...registers,
      region: { kind: 'register', name: 'LC_THREAD', thread: id },
    })),
    [{ offset: 0, length: header.size + list.length, region: { kind: 'header' } }],
    notes.map(({ owner, offset, length }) => ({ offset, length, region: { kind: 'note', name: owner } })),
  ];
  const machine = machineName(header.cputype);
  return parsedDump({
    segments,
    addressSpace: { kind: 'process' },
    process: definedFields({
      threads: threads.length,
      machine,
      bits: header.bits,
      endian: header.endian,
      modules: moduleFacts(images),
    }),
    memory: collector.coverage.facts(),
    warnings: list.missing > 0 ? [truncated(list, header)] : [],
    regionAt: regions(segments, map, threads, images, spans),
  });
}

function readSegments(reader: ByteReader, list: CommandList): SegmentCollector<CoreSegment> {
  const collector = new SegmentCollector<CoreSegment>(reader.length);
  for (const { vmaddr, fileoff, filesize, initprot } of list.commands.flatMap((c) => readSegment(c) ?? [])) {
    if (filesize === 0n) continue;
    const toEnd = 2n ** 64n - vmaddr;
    const length = capped(filesize < toEnd ? filesize : toEnd);
    collector.add({ offset: capped(fileoff), length, address: vmaddr, initprot });
  }
  return collector;
}

/** Rules by priority: stacks, modules, then writable memory. */
function regions(
  segments: readonly CoreSegment[],
  map: SegmentMap,
  threads: readonly MachThread[],
  images: readonly MachImage[],
  spans: readonly (readonly FileSpan[])[],
): (offset: number, segment: number) => Region {
  const ranges = images.flatMap(({ path, base, ranges }) =>
    ranges.map((range) => ({ path, base, ...range })),
  );
  const written: RegionRule = (_address, index) =>
    images.length > 0 && (segments[index]!.initprot & VM_PROT.WRITE) !== 0 ? { kind: 'heap' } : undefined;
  const rules = [
    stacksBySegment(map, threads),
    byRange(ranges, ({ start, end }): Bounds => [start, end], inModule),
    written,
  ];
  return regionsByRules(segments, rules, fileRegions(spans));
}

function truncated({ missing, length }: CommandList, { size }: MachHeader): Warning {
  return warnings.of('load-commands-truncated', {
    message: `${missing} load commands are missing or invalid: their memory was swept without addresses`,
    hint: 'the core is cut or damaged: get a whole copy',
    offset: size + length,
  });
}

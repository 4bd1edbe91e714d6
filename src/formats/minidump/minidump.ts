import type { ByteReader } from '../../core/base/bytes/storage.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { ProcessFacts } from '../../core/model/report.js';
import { gatherFiles } from '../elf/modules.js';
import { lldb } from '../memory/debuggers.js';
import { hasMagic } from '../memory/magic.js';
import { Memory } from '../memory/memory.js';
import { moduleFacts } from '../memory/modules.js';
import { parsedDump } from '../memory/parsed-dump.js';
import { SegmentMap } from '../memory/segment-map.js';
import type { DumpFormat, ParsedDump } from '../memory/types.js';
import type { Architecture } from './architecture.js';
import { readDirectory } from './directory.js';
import { MinidumpFile } from './file.js';
import { commandLine, initialStrings, linuxMaps } from './linux-streams.js';
import { memoryInfo } from './memory-info.js';
import { readMemory } from './memory-lists.js';
import { type MinidumpModule, moduleBytes, readModules } from './modules.js';
import { type Platform, readProcess, readSystem } from './process.js';
import { type ProcessParameters, processParameters } from './process-parameters.js';
import { minidumpRegions } from './regions.js';
import { minidumpSpans } from './spans.js';
import { type MinidumpThread, readThreads } from './threads.js';
import { warnings } from './warnings.js';

/**
 * Minidump of Windows, Breakpad, Crashpad or lldb (minidumpapiset.h). Of the version only the low 16 bits are
 * fixed.
 */
export const minidump: DumpFormat = {
  name: 'minidump',
  writtenBy: 'windows',
  leavesOut: 'without full memory: heaps, but for pages that stacks point to',
  probe: (head) => hasMagic(head, 'MDMP') && hasMagic(head, '\x93\xa7', 4),
  open: openMinidump,
  debugCommand: lldb,
  warnings,
};

function openMinidump(reader: ByteReader): ParsedDump {
  const file = new MinidumpFile(reader);
  const directory = readDirectory(file);
  const { machine, platform } = readSystem(file, directory);
  const { threads, warnings: threadWarnings } = readThreads(file, directory, machine);
  const modules = readModules(file, directory);
  const captured = readMemory(file, directory, threads);
  const memoryRanges = memoryInfo(file, directory);
  const procMaps = linuxMaps(file, directory);
  const segmentMap = SegmentMap.of(captured.segments);
  const memory = new Memory(reader, segmentMap);
  const parameters = windowsParameters(memory, platform, machine, threads);
  const isExecutable = (address: bigint): boolean => procMaps.executable.has(address);
  const process: ProcessFacts = {
    ...readProcess(file, directory, platform),
    ...executable(modules),
    ...definedFields({ command: commandLine(file, directory).command ?? parameters.command }),
    threads: threads.length,
    endian: 'le',
    ...(machine === undefined ? {} : { machine: machine.name, bits: machine.bits }),
    modules: moduleFacts(modules),
  };
  // On Linux the id of the main thread is that of the process.
  const mainThread = platform === 'linux' ? threads.find(({ id }) => id === process.pid) : undefined;
  const strings = [
    ...parameters.strings,
    ...initialStrings(file, directory, segmentMap, mainThread, machine?.bits === 32 ? 4 : 8),
  ];
  const mapped = gatherFiles(memory, procMaps.mappings, isExecutable);
  const layers = minidumpSpans(file, directory, threads, modules);
  return parsedDump({
    segments: captured.segments,
    addressSpace: definedFields({ kind: 'process', pid: process.pid }),
    process,
    memory: captured.coverage.facts(),
    warnings: [...directory.warnings, ...threadWarnings, ...captured.warnings, ...file.warnings()],
    ...definedFields({ isFileBacked: moduleBytes(segmentMap, modules, memoryRanges, procMaps, mapped) }),
    regionAt: minidumpRegions({
      segments: captured.segments,
      threads,
      modules,
      mappings: procMaps.mappings,
      mapped,
      ranges: memoryRanges.length > 0 ? memoryRanges : procMaps.ranges,
      strings,
      layers,
    }),
  });
}

function windowsParameters(
  memory: Memory,
  platform: Platform,
  machine: Architecture | undefined,
  [first]: readonly MinidumpThread[],
): ProcessParameters {
  if (platform !== 'windows' || machine === undefined || first === undefined) return { strings: [] };
  return processParameters(memory, machine.bits, first.teb);
}

/** The first module is the executable. */
function executable(modules: readonly MinidumpModule[]): ProcessFacts {
  const path = modules[0]?.path;
  if (path === undefined || path === '') return {};
  return { executable: path, name: path.split(/[\\/]/).at(-1)! };
}

import type { Reader } from '../../base/bytes/storage.js';
import type { ProcessFacts } from '../../model/report.js';
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
import { type MinidumpModule, readModules } from './modules.js';
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
  probe: (head) => hasMagic(head, 'MDMP') && hasMagic(head, '\x93\xa7', 4),
  open: openMinidump,
  debugCommand: lldb,
  warnings,
};

function openMinidump(reader: Reader): ParsedDump {
  const file = new MinidumpFile(reader);
  const directory = readDirectory(file);
  const { machine, platform } = readSystem(file, directory);
  const { threads, warnings: cut } = readThreads(file, directory, machine);
  const modules = readModules(file, directory);
  const memory = readMemory(file, directory, threads);
  const info = memoryInfo(file, directory);
  const maps = linuxMaps(file, directory);
  const map = SegmentMap.of(memory.segments);
  const memoryReader = new Memory(reader, map);
  const parameters = windowsParameters(memoryReader, platform, machine, threads);
  const isExecutable = (address: bigint): boolean => maps.executable.has(address);
  const process: ProcessFacts = {
    ...readProcess(file, directory, platform),
    ...executable(modules),
    ...optional('command', commandLine(file, directory).command ?? parameters.command),
    threads: threads.length,
    endian: 'le',
    ...(machine === undefined ? {} : { machine: machine.name, bits: machine.bits }),
    modules: moduleFacts(modules),
  };
  const main = platform === 'linux' ? threads.find(({ id }) => id === process.pid) : undefined;
  const strings = [
    ...parameters.strings,
    ...initialStrings(file, directory, map, main, machine?.bits === 32 ? 4 : 8),
  ];
  const layers = minidumpSpans(file, directory, threads, modules);
  return parsedDump({
    segments: memory.segments,
    addressSpace: { kind: 'process', ...optional('pid', process.pid) },
    process,
    memory: memory.coverage.facts(),
    warnings: [...directory.warnings, ...cut, ...memory.warnings, ...file.warnings()],
    regionAt: minidumpRegions({
      segments: memory.segments,
      threads,
      modules,
      mappings: maps.mappings,
      mapped: gatherFiles(memoryReader, maps.mappings, isExecutable),
      ranges: info.length > 0 ? info : maps.ranges,
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

function executable(modules: readonly MinidumpModule[]): ProcessFacts {
  const path = modules[0]?.path;
  if (path === undefined || path === '') return {};
  return { executable: path, name: path.split(/[\\/]/).at(-1)! };
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

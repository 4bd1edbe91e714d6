import type { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { ProcessFacts } from '../../core/model/report.js';
import { gatherFiles } from '../elf/modules.js';
import { lldb } from '../memory/debuggers.js';
import type { FileSpan } from '../memory/file-spans.js';
import { hasMagic } from '../memory/magic.js';
import { Memory } from '../memory/memory.js';
import { moduleFacts } from '../memory/modules.js';
import { parsedDump } from '../memory/parsed-dump.js';
import { SegmentMap } from '../memory/segment-map.js';
import type { DumpFormat, ParsedDump } from '../memory/types.js';
import type { Architecture } from './architecture.js';
import { type Directory, readDirectory, StreamType, streamName } from './directory.js';
import { countedList, location, MinidumpFile, type StreamLocation, warnings } from './file.js';
import { commandLine, environmentSpans, initialStrings, linuxMaps, memoryInfo } from './linux-streams.js';
import { readMemory } from './memory-lists.js';
import { type MinidumpModule, moduleBytes, readModules } from './modules.js';
import { type Platform, readProcess, readSystem } from './process.js';
import { type ProcessParameters, processParameters } from './process-parameters.js';
import { minidumpRegions } from './regions.js';
import { type MinidumpThread, readThreads } from './threads.js';

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

/** Entries of one list whose strings become spans. */
const MAX_STRINGS = 2 ** 16;

/** Parts of a minidump that are not memory, in layers: structures and strings, then whole streams. */
function minidumpSpans(
  file: MinidumpFile,
  directory: Directory,
  threads: readonly MinidumpThread[],
  modules: readonly MinidumpModule[],
): FileSpan[][] {
  const { span } = commandLine(file, directory);
  const exact: FileSpan[] = [
    { offset: 0, length: 32, region: { kind: 'header', name: 'MINIDUMP_HEADER' } },
    {
      offset: directory.rva,
      length: directory.length,
      region: { kind: 'header', name: 'MINIDUMP_DIRECTORY' },
    },
    ...(span === undefined ? [] : [span]),
    ...environmentSpans(file, directory),
    ...crashpadSpans(file, directory),
    ...threads.map(
      ({ id, context }): FileSpan => ({
        offset: context.rva,
        length: context.size,
        region: { kind: 'register', name: 'CONTEXT', thread: id },
      }),
    ),
    ...exceptionContext(file, directory),
    ...threads.map(({ nameRva }) => named(file.stringExtent(nameRva), 'ThreadName')),
    ...modules.flatMap(({ nameRva, codeView }) => [
      named(file.stringExtent(nameRva), 'ModuleName'),
      named({ offset: codeView.rva, length: codeView.size }, 'CvRecord'),
    ]),
    ...handleStrings(file, directory),
    ...unloadedModuleNames(file, directory),
  ];
  const streams = directory.all.map(({ type, location: { rva, size } }) =>
    named({ offset: rva, length: size }, streamName(type)),
  );
  return [exact, streams];
}

function named(extent: { offset: number; length: number }, name: string): FileSpan {
  return { ...extent, region: { kind: 'note', name } };
}

/** MINIDUMP_EXCEPTION_STREAM: ThreadId @0, location of its CONTEXT @160. */
function exceptionContext(file: MinidumpFile, { streams }: Directory): FileSpan[] {
  const stream = streams.get(StreamType.ExceptionStream);
  const fields = stream && file.fields(stream);
  if (fields === undefined || fields.length < 168) return [];
  const { rva, size } = location(fields, 160);
  return [
    { offset: rva, length: size, region: { kind: 'register', name: 'CONTEXT', thread: fields.u32(0) } },
  ];
}

/**
 * MINIDUMP_HANDLE_DATA_STREAM: sizes, a count, then descriptors with TypeNameRva @8 and ObjectNameRva @12.
 */
function handleStrings(file: MinidumpFile, directory: Directory): FileSpan[] {
  return entries(file, directory, StreamType.HandleDataStream, (fields, at) => [
    named(file.stringExtent(fields.u32(at + 8)), 'HandleDataStream TypeName'),
    named(file.stringExtent(fields.u32(at + 12)), 'HandleDataStream ObjectName'),
  ]);
}

/** MINIDUMP_UNLOADED_MODULE_LIST: sizes, a count, then entries with ModuleNameRva @20. */
function unloadedModuleNames(file: MinidumpFile, directory: Directory): FileSpan[] {
  return entries(file, directory, StreamType.UnloadedModuleListStream, (fields, at) => [
    named(file.stringExtent(fields.u32(at + 20)), 'UnloadedModuleListStream ModuleName'),
  ]);
}

/**
 * Entries of a list that begins with SizeOfHeader, SizeOfEntry, NumberOfEntries; entries have at least 24
 * bytes.
 */
function entries(
  file: MinidumpFile,
  { streams }: Directory,
  type: number,
  read: (fields: FieldReader, at: number) => FileSpan[],
): FileSpan[] {
  const stream = streams.get(type);
  const fields = stream && file.fields(stream);
  if (fields === undefined || fields.length < 12) return [];
  const header = Math.max(12, fields.u32(0));
  const size = Math.max(24, fields.u32(4));
  const room = Math.max(0, Math.floor((fields.length - header) / size));
  const count = Math.min(fields.u32(8), room, MAX_STRINGS);
  return Array.from({ length: count }, (_, index) => read(fields, header + index * size)).flat();
}

/** Over all modules; Crashpad's own clients write some dozens. */
const MAX_ANNOTATIONS = 2 ** 16;
const MAX_MODULES = 2 ** 12;

/**
 * Crashpad's annotations (minidump_extensions.h), which may be anywhere in the file: a span for each value,
 * named by its key. MinidumpCrashpadInfo: version, two UUIDs, simple_annotations @36, module_list @44.
 */
function crashpadSpans(file: MinidumpFile, { streams }: Directory): FileSpan[] {
  const stream = streams.get(StreamType.CrashpadInfoStream);
  const info = stream && file.fields(stream);
  if (info === undefined || info.length < 52) return [];
  const spans = new Annotations(file);
  spans.addDictionary(location(info, 36));
  // MinidumpModuleCrashpadInfoLink: module index, location.
  const { fields, entries } = countedList(file.fields(location(info, 44)), 12, MAX_MODULES);
  for (const at of entries) spans.addModule(file.fields(location(fields, at + 4)));
  return spans.found;
}

class Annotations {
  readonly found: FileSpan[] = [];
  readonly #file: MinidumpFile;

  constructor(file: MinidumpFile) {
    this.#file = file;
  }

  /**
   * MinidumpModuleCrashpadInfo: version, list_annotations @4, simple_annotations @12, annotation_objects @20.
   */
  addModule(module: FieldReader): void {
    if (module.length < 20) return;
    this.#addList(location(module, 4));
    this.addDictionary(location(module, 12));
    if (module.length >= 28) this.#addObjects(location(module, 20));
  }

  /** MinidumpSimpleStringDictionary: RVAs of key and value, both UTF-8. */
  addDictionary(dictionary: StreamLocation): void {
    this.#each(dictionary, 8, (fields, at) => this.#add(this.#file.utf8(fields.u32(at)), fields.u32(at + 4)));
  }

  /** MinidumpRVAList: RVAs of UTF-8 strings without a key. */
  #addList(list: StreamLocation): void {
    this.#each(list, 4, (fields, at) => this.#add(undefined, fields.u32(at)));
  }

  /** MinidumpAnnotationList: RVA of the name, type and padding (u16 each), RVA of a MinidumpByteArray. */
  #addObjects(list: StreamLocation): void {
    this.#each(list, 12, (fields, at) => this.#add(this.#file.utf8(fields.u32(at)), fields.u32(at + 8)));
  }

  #each(list: StreamLocation, size: number, visit: (fields: FieldReader, at: number) => void): void {
    const limit = MAX_ANNOTATIONS - this.found.length;
    const { fields, entries } = countedList(this.#file.fields(list), size, limit);
    for (const at of entries) visit(fields, at);
  }

  #add(key: string | undefined, rva: number): void {
    const name = key === undefined ? 'Crashpad annotation' : `Crashpad annotation ${key}`;
    this.found.push({ ...this.#file.stringExtent(rva), region: { kind: 'note', name } });
  }
}

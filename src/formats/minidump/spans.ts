import type { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { FileSpan } from '../memory/file-spans.js';
import { crashpadSpans } from './crashpad.js';
import { type Directory, StreamType, streamName } from './directory.js';
import { location, type MinidumpFile } from './file.js';
import { commandLine, environmentSpans } from './linux-streams.js';
import type { MinidumpModule } from './modules.js';
import type { MinidumpThread } from './threads.js';

/** Entries of one list whose strings become spans. */
const MAX_STRINGS = 2 ** 16;

/** Parts of a minidump that are not memory, in layers: structures and strings, then whole streams. */
export function minidumpSpans(
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

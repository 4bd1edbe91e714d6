import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Extent } from '../../../core/model/report.js';
import { elfCore } from '../../../formats/elf/core.js';
import { Memory } from '../../../formats/memory/memory.js';
import { SegmentMap } from '../../../formats/memory/segment-map.js';
import { readDirectory } from '../../../formats/minidump/directory.js';
import { MinidumpFile } from '../../../formats/minidump/file.js';
import { initialStrings } from '../../../formats/minidump/linux-streams.js';
import { readMemory } from '../../../formats/minidump/memory-lists.js';
import { minidump } from '../../../formats/minidump/minidump.js';
import { readSystem } from '../../../formats/minidump/process.js';
import { processParameters } from '../../../formats/minidump/process-parameters.js';
import { readThreads } from '../../../formats/minidump/threads.js';
import type { Fill } from '../../core/fill.js';
import { Plan } from '../../core/plan.js';
import { planMinidump } from '../../minidump/minidump.js';
import { elfStructure } from './elf.js';
import { fileExtents, notKept } from './parts.js';

/**
 * All of a minidump that is neither memory nor kept for backtraces: contexts, environment, command line,
 * handles, comments, annotations. Then arguments and environment in memory.
 */
function* minidumpStructure(reader: ByteReader): Generator<Fill> {
  const file = new MinidumpFile(reader);
  const directory = readDirectory(file);
  const { machine, platform } = readSystem(file, directory);
  const { threads } = readThreads(file, directory, machine);
  const { segments } = readMemory(file, directory, threads);
  const plan = new Plan(reader.length);
  planMinidump({ reader, plan, accept32bit: true, hashNames: false });
  const parts = plan.finish();
  for (const extent of outside(segments, reader.length))
    yield* notKept(reader, parts, extent, 'streams and registers');
  if (machine === undefined) return;
  const map = SegmentMap.of(segments);
  const strings =
    platform === 'windows'
      ? processParameters(new Memory(reader, map), machine.bits, threads[0]?.teb ?? 0n).strings
      : initialStrings(file, directory, map, threads[0], machine.bits === 64 ? 8 : 4);
  for (const { address, length, kind } of strings)
    for (const extent of fileExtents(map, address, length)) yield { ...extent, cause: kind };
}

/** The extents of a file that no segment has. */
function* outside(segments: readonly Extent[], length: number): Generator<Extent> {
  let at = 0;
  for (const segment of [...segments].sort((a, b) => a.offset - b.offset)) {
    if (segment.offset > at) yield { offset: at, length: segment.offset - at };
    at = Math.max(at, segment.offset + segment.length);
  }
  if (at < length) yield { offset: at, length: length - at };
}

/** Fills by the format's name in reports. */
const STRUCTURES: Readonly<Record<string, (reader: ByteReader) => Generator<Fill>>> = {
  [elfCore.name]: elfStructure,
  [minidump.name]: minidumpStructure,
};

/** What a dump holds of its process besides memory, without what a debugger unwinds with. */
export function* structureFills(reader: ByteReader, format: string): Generator<Fill> {
  yield* STRUCTURES[format]?.(reader) ?? [];
}

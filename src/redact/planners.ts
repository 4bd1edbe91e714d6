import type { ByteReader } from '../core/base/bytes/storage.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { elfCore, formatIn, heapSnapshot, hprof, minidump, raw } from '../formats/formats.js';
import { recognise } from '../source/containers/containers.js';
import { insteadOf } from './core/containers.js';
import type { Planner } from './core/planner.js';
import { planElfCore } from './elf/core.js';
import { planHprof } from './hprof/hprof.js';
import { planMinidump } from './minidump/minidump.js';
import { planSnapshot } from './snapshot/snapshot.js';

const PLANNERS = new Map<unknown, Planner>([
  [elfCore, planElfCore],
  [minidump, planMinidump],
  [hprof, planHprof],
  [heapSnapshot, planSnapshot],
]);

/** The format of a file and its planner. Throws `redact-format` (exit 3) where there is none. */
export function plannerOf(reader: ByteReader): { format: string; planner: Planner } {
  const format = formatIn(reader);
  const { name, insteadOfCopy = OTHER } = format;
  const planner = PLANNERS.get(format);
  if (planner !== undefined) return { format: name, planner };
  const container = format === raw ? recognise(reader) : undefined;
  throw new DumpsieveError({
    code: 'redact-format',
    message: `a copy for backtraces cannot be made of this format (${container?.name ?? name})`,
    hint: container === undefined ? insteadOfCopy : insteadOf(container),
  });
}

const OTHER = 'ELF cores, minidumps and heap dumps of Java (HPROF) and V8 can be copied';

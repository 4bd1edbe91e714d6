import type { Reader } from '../base/bytes/storage.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import { FORMATS } from '../formats/formats.js';
import type { Planner } from './core/planner.js';
import { planElfCore } from './elf/core.js';
import { planHprof } from './hprof/hprof.js';
import { planMinidump } from './minidump/minidump.js';

/** By the format's name in reports. */
const PLANNERS: Readonly<Record<string, Planner>> = {
  'elf-core': planElfCore,
  minidump: planMinidump,
  hprof: planHprof,
};

/** Bytes of a file that probes look at. */
const HEAD = 64 * 1024;

/** The format of a file and its planner. Throws `redact-format` (exit 3) where there is none. */
export function plannerOf(reader: Reader): { format: string; planner: Planner } {
  const head = new Uint8Array(Math.min(HEAD, reader.length));
  reader.read(0, head);
  const format = FORMATS.find((each) => each.probe(head, reader))?.name ?? 'raw';
  const planner = PLANNERS[format];
  if (planner !== undefined) return { format, planner };
  throw new DumpsieveError({
    code: 'redact-format',
    message: `a copy for backtraces cannot be made of this format (${format})`,
    hint: 'ELF cores and minidumps can be copied; decompress or unpack the file first if it holds one',
  });
}

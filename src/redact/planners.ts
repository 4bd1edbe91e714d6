import type { Reader } from '../base/bytes/storage.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import { FORMATS } from '../formats/formats.js';
import { recognise } from '../source/containers.js';
import type { Planner } from './core/planner.js';
import { planElfCore } from './elf/core.js';
import { planHprof } from './hprof/hprof.js';
import { planMinidump } from './minidump/minidump.js';
import { planSnapshot } from './snapshot/snapshot.js';

/** By the format's name in reports. */
const PLANNERS: Readonly<Record<string, Planner>> = {
  'elf-core': planElfCore,
  minidump: planMinidump,
  hprof: planHprof,
  'v8-heap-snapshot': planSnapshot,
};

/** Bytes of a file that probes look at. */
const HEAD = 64 * 1024;

/** Formats of whole machines: their memory has no list of threads. */
const MACHINE = 'it is the memory of a machine: take a core or minidump of the process';

/** What to do with a format that has no planner, by its name in reports. */
const HINTS: Readonly<Record<string, string>> = {
  raw: 'the file has no headers that say what is what: take a core, minidump or heap dump of the process',
  'mach-o-core':
    'cores of macOS have no planner yet: keep the dump where it is, and send a backtrace as text',
  'breakpad-microdump': 'its stacks are text: take a minidump of the process',
  lime: MACHINE,
  kdump: MACHINE,
  'kdump-flattened': MACHINE,
  avml: MACHINE,
  'qemu-savevm': MACHINE,
  hiberfil: MACHINE,
  'xen-save': MACHINE,
  'windows-kernel': MACHINE,
  'vmware-state': MACHINE,
  apport: 'unpack it first: apport-unpack FILE FOLDER, then copy FOLDER/CoreDump',
  'criu-image': 'restore the process, or take a core of it',
};

/** The format of a file and its planner. Throws `redact-format` (exit 3) where there is none. */
export function plannerOf(reader: Reader): { format: string; planner: Planner } {
  const head = new Uint8Array(Math.min(HEAD, reader.length));
  reader.read(0, head);
  const format = FORMATS.find((each) => each.probe(head, reader))?.name ?? 'raw';
  const planner = PLANNERS[format];
  if (planner !== undefined) return { format, planner };
  const container = format === 'raw' ? recognise(reader)?.name : undefined;
  throw new DumpsieveError({
    code: 'redact-format',
    message: `a copy for backtraces cannot be made of this format (${container ?? format})`,
    hint: container === undefined ? (HINTS[format] ?? OTHER) : 'unpack it first, and copy the dump in it',
  });
}

const OTHER = 'ELF cores, minidumps and heap dumps of Java (HPROF) and V8 can be copied';

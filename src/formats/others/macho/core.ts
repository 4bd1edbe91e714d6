import { FieldReader } from '../../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { definedFields } from '../../../core/base/runtime/defined.js';
import { defineWarnings, type Warning } from '../../../core/base/runtime/warnings.js';
import type { Extent, Region } from '../../../core/model/report.js';
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
import { decodeCString } from '../../memory/text.js';
import type { DumpFormat, ParsedDump, Segment } from '../../memory/types.js';
import { capped, readWord } from '../../memory/words.js';
import {
  type CommandList,
  HEADER_MAX,
  LC,
  type LoadCommand,
  type MachHeader,
  MH,
  readCommands,
  readMachHeader,
  splitCommands,
} from './header.js';
import { type ListedImage, listedImages, readNotes, threadIds } from './notes.js';

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

/** An image in memory and its segments' ranges of addresses. */
interface MachImage extends ListedImage {
  ranges: { start: bigint; end: bigint }[];
}

const KINDS: ReadonlySet<number> = new Set([MH.EXECUTE, MH.DYLIB, MH.DYLINKER]);
/** Bytes of load commands read per image, and images read. */
const MAX_COMMANDS = 64 * 1024;
const MAX_IMAGES = 4096;
const MAX_RANGES = 2 ** 17;
const MAX_PATH = 4096;

/** Images listed by a note, and images whose header is at the start of a segment. */
function findImages(
  memory: Memory,
  segments: readonly Segment[],
  listed: readonly ListedImage[],
): MachImage[] {
  const paths = new Map(listed.map((image) => [image.base, image]));
  const bases = new Set([...paths.keys(), ...segments.map(({ address }) => address)]);
  const images: MachImage[] = [];
  let ranges = 0;
  for (const base of bases) {
    if (images.length >= MAX_IMAGES || ranges >= MAX_RANGES) break;
    const image = readImage(memory, base, paths.get(base));
    if (image === undefined) continue;
    images.push(image);
    ranges += image.ranges.length;
  }
  return images;
}

function readImage(memory: Memory, base: bigint, listed: ListedImage | undefined): MachImage | undefined {
  const header = readMachHeader(memory.read(base, HEADER_MAX));
  if (header === undefined || !KINDS.has(header.filetype)) return listed && { ...listed, ranges: [] };
  const start = base + BigInt(header.size);
  const bytes = memory.read(start, Math.min(header.sizeofcmds, MAX_COMMANDS));
  const { commands } = splitCommands(bytes, header, 0);
  const segments = commands.flatMap((command) => readSegment(command) ?? []);
  const text = segments.find(({ name }) => name === '__TEXT')?.vmaddr ?? base;
  const buildId = listed?.buildId ?? uuidOf(commands);
  return definedFields({
    path: listed?.path ?? nameOf(commands) ?? (header.filetype === MH.EXECUTE ? 'main executable' : 'image'),
    base,
    buildId,
    ranges: segments.filter(isOwn).map(({ vmaddr, vmsize }) => rangeAt(vmaddr - text + base, vmsize)),
  });
}

/** All images of the shared cache share one __LINKEDIT; __PAGEZERO is not memory. */
function isOwn({ name, vmsize }: MachSegment): boolean {
  return name !== '__LINKEDIT' && name !== '__PAGEZERO' && vmsize > 0n && vmsize < 2n ** 40n;
}

function rangeAt(address: bigint, size: bigint): { start: bigint; end: bigint } {
  const start = BigInt.asUintN(64, address);
  return { start, end: start + size };
}

/** LC_ID_DYLIB: u32 @8 is the offset of the name in the command. */
function nameOf(commands: readonly LoadCommand[]): string | undefined {
  const fields = commands.find(({ cmd }) => cmd === LC.ID_DYLIB)?.fields;
  if (fields === undefined || fields.length < 12) return undefined;
  return decodeCString(fields.bytes.subarray(fields.u32(8)).subarray(0, MAX_PATH));
}

function uuidOf(commands: readonly LoadCommand[]): string | undefined {
  const fields = commands.find(({ cmd }) => cmd === LC.UUID)?.fields;
  return fields === undefined || fields.length < 24
    ? undefined
    : Buffer.from(fields.slice(8, 16)).toString('hex');
}

/** LC_SEGMENT or LC_SEGMENT_64. */
interface MachSegment {
  name: string;
  vmaddr: bigint;
  vmsize: bigint;
  fileoff: bigint;
  filesize: bigint;
  initprot: number;
}

const VM_PROT = { WRITE: 2 } as const;

const LAYOUTS: Readonly<Record<number, { size: number; word: 4 | 8 }>> = {
  [LC.SEGMENT]: { size: 56, word: 4 },
  [LC.SEGMENT_64]: { size: 72, word: 8 },
};

/** The segment of a load command; undefined for other commands. */
function readSegment({ cmd, fields }: LoadCommand): MachSegment | undefined {
  const layout = LAYOUTS[cmd];
  if (layout === undefined || fields.length < layout.size) return undefined;
  const { word } = layout;
  return {
    name: fields.cstring(8, 16),
    vmaddr: readWord(fields, 24, word),
    vmsize: readWord(fields, 24 + word, word),
    fileoff: readWord(fields, 24 + 2 * word, word),
    filesize: readWord(fields, 24 + 3 * word, word),
    initprot: fields.u32(28 + 4 * word),
  };
}

/** A thread of an LC_THREAD command. */
interface MachThread {
  /** From the note "process metadata"; without it, its index, as in lldb. */
  id: number;
  sp?: bigint;
  /** File extent of its LC_THREAD command. */
  registers: Extent;
}

/** The stack pointer in a thread state (mach/i386/thread_status.h, mach/arm/thread_status.h). */
interface StackPointer {
  at: number;
  word: 4 | 8;
}

interface Machine {
  name: string;
  /** Stack pointers by flavor of the thread state. */
  flavors?: Readonly<Record<number, StackPointer>>;
  /**
   * Flavor that wraps another state: its flavor and count come first (x86_THREAD_STATE, ARM_THREAD_STATE).
   */
  nested?: number;
}

const ARM_SP = { at: 52, word: 4 } as const;

/** CPU_ARCH_ABI64 and CPU_ARCH_ABI64_32 of a cputype (mach/machine.h). */
const ABI64 = 0x01000000;
const ABI64_32 = 0x02000000;

/** Machines by cputype. */
const MACHINES: Readonly<Record<number, Machine>> = {
  7: { name: 'i386', flavors: { 1: { at: 28, word: 4 } }, nested: 7 },
  [7 | ABI64]: {
    name: 'x86-64',
    flavors: { 1: { at: 28, word: 4 }, 4: { at: 56, word: 8 } },
    nested: 7,
  },
  12: { name: 'arm', flavors: { 1: ARM_SP, 9: ARM_SP } },
  [12 | ABI64]: { name: 'aarch64', flavors: { 6: { at: 248, word: 8 }, 9: ARM_SP }, nested: 1 },
  [12 | ABI64_32]: { name: 'aarch64', flavors: { 6: { at: 248, word: 8 } }, nested: 1 },
  18: { name: 'ppc' },
  [18 | ABI64]: { name: 'ppc64' },
};

const THREADS: ReadonlySet<number> = new Set([LC.THREAD, LC.UNIXTHREAD]);
/** Thread states read per command, and threads read per core. */
const MAX_STATES = 64;
const MAX_THREADS = 2 ** 16;

function machineName(cputype: number): string | undefined {
  return MACHINES[cputype]?.name;
}

/** LC_THREAD: thread states, each {flavor u32, count of u32 words u32, words}. */
function readThreads(
  commands: readonly LoadCommand[],
  header: MachHeader,
  ids: readonly number[],
): MachThread[] {
  return commands
    .filter(({ cmd }) => THREADS.has(cmd))
    .slice(0, MAX_THREADS)
    .map(({ fields, offset }, index) => {
      const sp = stackPointer(fields, header);
      const registers = { offset, length: fields.length };
      return definedFields({ id: ids[index] ?? index, registers, sp });
    });
}

function stackPointer(fields: FieldReader, { cputype, endian }: MachHeader): bigint | undefined {
  const { flavors = {}, nested } = MACHINES[cputype] ?? {};
  for (let at = 8, seen = 0; at + 8 <= fields.length && seen < MAX_STATES; seen++) {
    let flavor = fields.u32(at);
    const length = 4 * fields.u32(at + 4);
    let start = at + 8;
    at = start + length;
    if (flavor === nested && start + 8 <= fields.length) {
      flavor = fields.u32(start);
      start += 8;
    }
    const place = flavors[flavor];
    const end = Math.min(at, fields.length);
    if (place === undefined || start + place.at + place.word > end) continue;
    const state = new FieldReader(fields.bytes.subarray(start, end), endian);
    return readWord(state, place.at, place.word);
  }
  return undefined;
}

import type { Extent } from '../../core/model/report.js';
import { readBytes } from '../../formats/memory/read.js';
import { SegmentMap } from '../../formats/memory/segment-map.js';
import type { Segment } from '../../formats/memory/types.js';
import { readWord } from '../../formats/memory/words.js';
import { type Directory, readDirectory, StreamType } from '../../formats/minidump/directory.js';
import { location, MinidumpFile, type StreamLocation } from '../../formats/minidump/file.js';
import { linuxMaps, memoryInfo } from '../../formats/minidump/linux-streams.js';
import { readMemory } from '../../formats/minidump/memory-lists.js';
import { type MinidumpModule, readModules } from '../../formats/minidump/modules.js';
import { readSystem } from '../../formats/minidump/process.js';
import { type MinidumpThread, readThreads } from '../../formats/minidump/threads.js';
import { type AddressRange, AddressRanges } from '../core/address-ranges.js';
import { hashedName } from '../core/names.js';
import { refuseOverlaps } from '../core/overlaps.js';
import type { Plan } from '../core/plan.js';
import type { PlanFacts, PlanRequest } from '../core/planner.js';
import { refusals } from '../core/refusals.js';
import { planStacks, refuseCodeEverywhere, type Stack, stackAt, startOf, testOf } from '../core/threads.js';
import { type KeptPart, keptOfLists, keptOfStreams } from './streams.js';

/** Bytes of a CONTEXT (winnt.h; Breakpad's minidump_cpu_*.h), as offsets in it. */
interface ContextLayout {
  /** Bytes of a register. */
  word: 4 | 8;
  stackPointer: number;
  /** Stack pointer, program counter, flags and segments: they stay. */
  kept: readonly Extent[];
  /** Other general registers: they stay where they pass the test of stack words. */
  tested: readonly Extent[];
}

const part = (offset: number, length: number): Extent => ({ offset, length });

/** ContextFlags; SegGs to SegDs; Edi to Ebp; Eip, SegCs, EFlags, Esp, SegSs. */
const X86: ContextLayout = {
  word: 4,
  stackPointer: 0xc4,
  kept: [part(0, 4), part(0x8c, 0x10), part(0xb8, 0x14)],
  tested: [part(0x9c, 0x1c)],
};
/** ContextFlags; six segments, EFlags; Rax to Rbx; Rsp; Rbp to R15; Rip. */
const AMD64: ContextLayout = {
  word: 8,
  stackPointer: 0x98,
  kept: [part(0x30, 4), part(0x38, 0x10), part(0x98, 8), part(0xf8, 8)],
  tested: [part(0x78, 0x20), part(0xa0, 0x58)],
};
/** ContextFlags, r0 to r12, sp, lr, pc, cpsr. */
const ARM: ContextLayout = {
  word: 4,
  stackPointer: 56,
  kept: [part(0, 4), part(56, 4), part(64, 8)],
  tested: [part(4, 52), part(60, 4)],
};
/** ContextFlags, Cpsr, X0 to X28, Fp, Lr, Sp, Pc. */
const ARM64: ContextLayout = {
  word: 8,
  stackPointer: 0x100,
  kept: [part(0, 8), part(0x100, 0x10)],
  tested: [part(8, 0xf8)],
};
/** Breakpad's: 8 bytes of flags, x0 to x30, sp, pc, cpsr. */
const ARM64_BREAKPAD: ContextLayout = { ...ARM64, kept: [part(0, 8), part(0x100, 0x14)] };

/** Layouts by ProcessorArchitecture of MINIDUMP_SYSTEM_INFO. */
const CONTEXTS: Readonly<Record<number, ContextLayout>> = {
  0: X86,
  5: ARM,
  9: AMD64,
  10: X86,
  12: ARM64,
  32771: ARM64_BREAKPAD,
};

/** MINIDUMP_HEADER. */
const HEADER = 32;

/** Registers at the start of a CONTEXT, and the stack that they lead to. */
interface ThreadContext {
  place: StreamLocation;
  stack: Stack | undefined;
}

/** Plans a copy of a minidump of Windows, Breakpad, Crashpad or lldb. */
export function planMinidump({
  reader,
  plan,
  accept32bit,
  hashNames,
}: Omit<PlanRequest, 'pause' | 'exe'>): PlanFacts {
  const file = new MinidumpFile(reader);
  const directory = readDirectory(file);
  const { machine } = readSystem(file, directory);
  const layout = CONTEXTS[architectureOf(file, directory)];
  if (machine === undefined || layout === undefined) throw refusals.machine(machine?.name ?? 'none is named');
  if (machine.bits === 32 && !accept32bit) throw refusals.bits32();
  const { threads } = readThreads(file, directory, machine);
  if (threads.length === 0) throw refusals.noThreads();
  const modules = readModules(file, directory);
  const captured = readMemory(file, directory, threads);
  const { kept, dropped } = keptOfStreams({ file, word: layout.word }, directory);
  const structures = [
    { offset: 0, length: HEADER },
    { offset: directory.rva, length: directory.length },
    ...kept,
    ...keptOfLists(file, modules, threads),
  ];
  const contexts = contextsOf(file, directory, threads, layout, captured.segments);
  const registers = contexts.map(({ place: { rva, size } }) => ({ offset: rva, length: size }));
  refuseOverlaps([...structures, ...registers], [...captured.segments, ...dropped]);
  for (const each of structures) planPart(plan, file, each, hashNames);
  const base = { word: layout.word, endian: 'le' as const, code: codeOf(file, directory, modules) };
  planStacks(
    plan,
    contexts.map(({ stack }) => (stack === undefined ? [] : [stack])),
    base,
  );
  for (const { place, stack } of contexts) {
    const within = ({ offset, length }: { offset: number; length: number }) => ({
      offset: place.rva + offset,
      length: Math.max(0, Math.min(length, place.size - offset)),
    });
    for (const part of layout.kept) plan.keep(within(part));
    for (const part of layout.tested)
      plan.filter(within(part), testOf(stack === undefined ? [] : [stack], base), 'zero');
  }
  return {
    word: layout.word,
    threads: threads.length,
    withoutStack: contexts.slice(0, threads.length).filter(({ stack }) => stack === undefined).length,
    modules: modules.length,
    memory: captured.coverage.facts(),
  };
}

function planPart(
  plan: Plan,
  { reader }: MinidumpFile,
  { offset, length, name }: KeptPart,
  hash: boolean,
): void {
  plan.keep({ offset, length });
  if (!hash || name === undefined) return;
  const bytes = readBytes(reader, name.offset, name.length);
  plan.replace(name.offset, name.wide ? wideName(bytes) : hashedName(bytes));
}

/** The hash of a name in UTF-16LE. */
const wideName = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(hashedName(bytes).toString('latin1', 0, Math.floor(bytes.length / 2)), 'utf16le');

/** ProcessorArchitecture, the first field of MINIDUMP_SYSTEM_INFO. */
function architectureOf(file: MinidumpFile, { streams }: Directory): number {
  const stream = streams.get(StreamType.SystemInfoStream);
  const fields = stream && file.fields(stream);
  return fields === undefined || fields.length < 2 ? -1 : fields.u16(0);
}

/** The threads' contexts, then those of exceptions, whose stack pointers may be others. */
function contextsOf(
  file: MinidumpFile,
  { all }: Directory,
  threads: readonly MinidumpThread[],
  layout: ContextLayout,
  segments: readonly Segment[],
): ThreadContext[] {
  const map = SegmentMap.of(segments);
  const known = new Map<number, AddressRange>();
  const found = threads.map(({ id, context, stack: { address, length } }) => {
    const stack = { start: address, end: address + BigInt(length) };
    known.set(id, stack);
    return contextAt(file, context, layout, map, stack);
  });
  const exceptions = all.flatMap(({ type, location: stream }) => {
    if (type !== StreamType.ExceptionStream) return [];
    const fields = file.fields(stream);
    return fields.length < 168
      ? []
      : [contextAt(file, location(fields, 160), layout, map, known.get(fields.u32(0)))];
  });
  return [...found, ...exceptions];
}

function contextAt(
  file: MinidumpFile,
  place: StreamLocation,
  { stackPointer, word }: ContextLayout,
  map: SegmentMap,
  known: AddressRange | undefined,
): ThreadContext {
  const fields = file.fields({ ...place, size: Math.min(place.size, stackPointer + word) });
  const sp = fields.length < stackPointer + word ? undefined : readWord(fields, stackPointer, word);
  if (sp === undefined) return { place, stack: undefined };
  const own = known !== undefined && sp >= known.start && sp < known.end ? known : undefined;
  const stack = stackAt(map, sp, word, own === undefined ? [] : [own.end]);
  return { place, stack: stack !== undefined && own === undefined ? startOf(stack) : stack };
}

/**
 * Executable memory by the system's lists of mappings, without what is writable. Where they have no entry,
 * the whole range of a module counts: program headers are not in the dump.
 */
function codeOf(file: MinidumpFile, directory: Directory, modules: readonly MinidumpModule[]): AddressRanges {
  const info = memoryInfo(file, directory);
  const { mappings, ranges, executable, writable } = linuxMaps(file, directory);
  const listed = [...info, ...ranges, ...mappings];
  const code = [
    ...[...info, ...ranges].filter(({ isExecutable }) => isExecutable),
    ...mappings.filter(({ start }) => executable.has(start)),
  ];
  const data = [
    ...[...info, ...ranges].filter(({ isWritable }) => isWritable),
    ...mappings.filter(({ start }) => writable.has(start)),
  ];
  const images = modules.map(({ base, size }) => ({ start: base, end: base + BigInt(size) }));
  const unlisted = AddressRanges.of(images).minus(AddressRanges.of(listed));
  const found = AddressRanges.of(code).minus(AddressRanges.of(data)).plus(unlisted);
  refuseCodeEverywhere(found);
  return found;
}

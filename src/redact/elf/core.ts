import { lowerBound } from '../../base/bytes/binary-search.js';
import type { Reader } from '../../base/bytes/storage.js';
import { type CoreFacts, readFacts } from '../../formats/elf/facts.js';
import { type ElfHeader, elfClass, readElfHeader } from '../../formats/elf/header.js';
import { AT, auxValue } from '../../formats/elf/linux-notes.js';
import { type LoadSegment, noteExtents, readLoads } from '../../formats/elf/loads.js';
import { machineName } from '../../formats/elf/machines.js';
import { type MappedRanges, mappedRanges } from '../../formats/elf/mapped-ranges.js';
import { gatherFiles } from '../../formats/elf/modules.js';
import { locateHeaders } from '../../formats/elf/program-headers.js';
import { sectionSpans } from '../../formats/elf/sections.js';
import { CachedReader } from '../../formats/memory/cached-reader.js';
import { Memory } from '../../formats/memory/memory.js';
import { readBytes } from '../../formats/memory/read.js';
import { SegmentMap } from '../../formats/memory/segment-map.js';
import type { Extent } from '../../model/report.js';
import { type AddressRange, AddressRanges } from '../core/address-ranges.js';
import { hashedName } from '../core/names.js';
import { refuseOverlaps } from '../core/overlaps.js';
import type { Plan } from '../core/plan.js';
import type { PlanFacts, PlanRequest } from '../core/planner.js';
import { refusals } from '../core/refusals.js';
import { planStacks, type Stack, stackAt, testOf } from '../core/threads.js';
import type { WordTest } from '../core/word-filter.js';
import { readGoProgram } from './go-program.js';
import { readGoroutines } from './goroutines.js';
import { type ImageLayout, imageAt, programAt } from './image.js';
import { type LinkMap, readLinkMap } from './link-map.js';
import { planNotes, type ThreadRegisters } from './notes.js';
import { type RegisterSet, registerSet } from './registers.js';
import { stackEnds } from './stack-ends.js';

const EHDR_MAX = 64;
/** A name table has some dozen bytes. */
const MAX_SECTION_NAMES = 4096;
/** The vdso has two to five pages. */
const MAX_VDSO = 64 * 1024;
/** Images read per dump; a browser has some hundred. */
const MAX_IMAGES = 4096;

/** Plans a copy of an ELF core of a Linux process. */
export function planElfCore(request: PlanRequest): PlanFacts {
  const { reader, plan, accept32bit, hashNames, exe } = request;
  const header = readElfHeader(readBytes(reader, 0, EHDR_MAX))!;
  if (header.bits === 32 && !accept32bit) throw refusals.bits32();
  const registers = registerSet(header);
  if (registers === undefined) throw refusals.machine(machineName(header));
  const table = locateHeaders(reader, header);
  const noteSegments = noteExtents(reader, header, table);
  const facts = readFacts(new CachedReader(reader), header, noteSegments);
  if (facts.physical) throw refusals.physical();
  const loads = readLoads(reader, header, table, false);
  const structures = [
    { offset: 0, length: elfClass(header).ehdr.size },
    { offset: table.offset, length: table.length },
    ...sections(reader, header),
  ];
  refuseOverlaps([...structures, ...noteSegments], loads.segments);
  for (const extent of structures) plan.keep(extent);
  const threads = planNotes(reader, noteSegments, { plan, header, registers, hashNames });
  if (threads.length === 0) throw refusals.noThreads();
  const core = new CoreMemory(reader, header, facts, loads.segments, mappedRanges(reader, header, table));
  const stacks = core.stacksOf(threads);
  const all = [...stacks.flatMap((stack) => stack ?? []), ...core.planGoroutines(plan, threads, exe)];
  const base = { word: elfClass(header).word, endian: header.endian, code: core.code(all) };
  planStacks(plan, all, base);
  planRegisters(plan, threads, registers, stacks, base);
  core.planTables(plan, hashNames);
  return {
    word: base.word,
    threads: threads.length,
    withoutStack: stacks.filter((stack) => stack === undefined).length,
    modules: core.modules,
    memory: loads.memory.facts(),
  };
}

function sections(reader: Reader, header: ElfHeader): Extent[] {
  const [headers, names] = sectionSpans(reader, header);
  const shown = names !== undefined && names.length <= MAX_SECTION_NAMES ? [names] : [];
  return headers === undefined ? [] : [headers, ...shown];
}

/** Registers stay where they are kept always or pass the test of stack words. */
function planRegisters(
  plan: Plan,
  threads: readonly ThreadRegisters[],
  { kept, count, word }: RegisterSet,
  stacks: readonly (Stack | undefined)[],
  base: Omit<WordTest, 'stack'>,
): void {
  const runs: { from: number; to: number; isKept: boolean }[] = [];
  for (let index = 0; index < count; index++) {
    const last = runs.at(-1);
    const isKept = kept.has(index);
    if (last?.isKept === isKept) last.to = index + 1;
    else runs.push({ from: index, to: index + 1, isKept });
  }
  threads.forEach(({ extent: { offset } }, thread) => {
    const test = { ...testOf(stacks[thread], base), word };
    for (const { from, to, isKept } of runs) {
      const place = { offset: offset + from * word, length: (to - from) * word };
      if (isKept) plan.keep(place);
      else plan.filter(place, test, 'zero');
    }
  });
}

/** The memory of a core, and what a debugger reads of it besides stacks. */
class CoreMemory {
  readonly #header: ElfHeader;
  readonly #facts: CoreFacts;
  readonly #map: SegmentMap;
  readonly #memory: Memory;
  readonly #segments: readonly LoadSegment[];
  readonly #ranges: MappedRanges;
  /** By base address. */
  readonly #images = new Map<bigint, ImageLayout>();
  readonly #program: ImageLayout | undefined;
  readonly #links: LinkMap;

  constructor(
    reader: Reader,
    header: ElfHeader,
    facts: CoreFacts,
    segments: readonly LoadSegment[],
    ranges: MappedRanges,
  ) {
    this.#header = header;
    this.#facts = facts;
    this.#segments = segments;
    this.#ranges = ranges;
    this.#map = SegmentMap.of(segments);
    this.#memory = new Memory(reader, this.#map);
    for (const { start, fileOffset } of facts.mappings) {
      if (fileOffset !== 0n || this.#images.has(start) || this.#images.size >= MAX_IMAGES) continue;
      const image = imageAt(this.#memory, start, header);
      if (image !== undefined) this.#images.set(start, image);
    }
    const [table, count] = [this.#aux(AT_PHDR), this.#aux(AT_PHNUM)];
    this.#program =
      table === undefined || count === undefined
        ? undefined
        : programAt(this.#memory, table, Number(BigInt.asUintN(16, count)), header);
    const dynamic = this.#program?.dynamic;
    this.#links =
      dynamic === undefined
        ? { tables: [], names: [], inModules: [] }
        : readLinkMap(this.#memory, dynamic, header);
  }

  get modules(): number {
    return Math.max(this.#images.size, this.#links.inModules.length);
  }

  #aux(type: number): bigint | undefined {
    return auxValue(this.#facts.auxv, type, elfClass(this.#header).word, this.#header.endian);
  }

  /** The stack of each thread; undefined where it is not in the file. */
  stacksOf(threads: readonly ThreadRegisters[]): (Stack | undefined)[] {
    const { word } = elfClass(this.#header);
    return threads.map((thread) =>
      stackAt(this.#map, thread.stackPointer, word, stackEnds(this.#memory, thread, this.#header)),
    );
  }

  /** Plans what leads to goroutines of Go, and returns their stacks. `exe`: the program, if it was named. */
  planGoroutines(plan: Plan, threads: readonly ThreadRegisters[], exe: string | undefined): Stack[] {
    const address = this.#aux(AT_PHDR);
    if (address === undefined || this.#header.bits === 32) return [];
    const own = this.#facts.mappings.find(({ start, end }) => address >= start && address < end);
    const path = exe ?? own?.path;
    const program = path === undefined ? undefined : readGoProgram(path);
    if (program === undefined) return [];
    const headers = this.#memory.read(address, program.headers.length);
    if (Buffer.compare(headers, program.headers) !== 0) {
      if (exe === undefined) return [];
      throw refusals.otherProgram();
    }
    const bias = address - program.table;
    const { tables, stacks } = readGoroutines(this.#memory, program, bias, threads, this.#header);
    for (const range of tables) this.#keep(plan, range);
    return stacks.flatMap(({ sp, end }) => stackAt(this.#map, sp, 8, [end]) ?? []);
  }

  /**
   * Executable memory, without the mappings of stacks: by PT_LOAD headers, and where none covers an address
   * (gcore leaves out the code of modules) by NT_FILE.
   */
  code(stacks: readonly Stack[]): AddressRanges {
    const { all, executable } = this.#ranges;
    const listed = AddressRanges.of(this.#listedCode()).minus(AddressRanges.of(all));
    const segments = new Set(stacks.flatMap(({ start }) => this.#map.place(start)?.segment ?? []));
    const data = [...segments].map(({ address, length }) => ({
      start: address,
      end: address + BigInt(length),
    }));
    return AddressRanges.of(executable).plus(listed).minus(AddressRanges.of(data));
  }

  /** Code by NT_FILE: executable segments of modules; all of a module whose headers are not in the dump. */
  #listedCode(): AddressRange[] {
    const { mappings } = this.#facts;
    const executable = AddressRanges.of(this.#ranges.executable);
    const isExecutable = (address: bigint) => executable.has(Number(address));
    const { fileOf } = gatherFiles(this.#memory, mappings, isExecutable);
    const inside = [AT_PHDR, AT_BASE, AT.ENTRY].flatMap((type) => this.#aux(type) ?? []);
    const known = BigUint64Array.from([...this.#links.inModules, ...inside]).sort();
    const modules = new Set(fileOf.filter(({ isModule }) => isModule));
    mappings.forEach(({ start, end }, index) => {
      const address = known[lowerBound(known, start)];
      if (address !== undefined && address < end) modules.add(fileOf[index]!);
    });
    const whole = mappings.filter((_, index) => {
      const file = fileOf[index]!;
      return modules.has(file) && !this.#images.has(file.base);
    });
    return [...whole, ...[...this.#images.values()].flatMap(({ code }) => code)];
  }

  /** Plans headers of modules, dynamic sections, link map and vdso. */
  planTables(plan: Plan, hashNames: boolean): void {
    const images = [...this.#images.values(), ...(this.#program === undefined ? [] : [this.#program])];
    for (const { headers, dynamic } of images) {
      for (const range of headers) this.#keep(plan, range);
      if (dynamic !== undefined) this.#keep(plan, dynamic);
    }
    for (const range of this.#links.tables) this.#keep(plan, range);
    for (const range of this.#links.names) {
      if (!hashNames) this.#keep(plan, range);
      else this.#hash(plan, range);
    }
    this.#keepVdso(plan);
  }

  #keepVdso(plan: Plan): void {
    const base = this.#aux(AT.SYSINFO_EHDR);
    const place = base === undefined ? undefined : this.#map.place(base);
    const segment = place && this.#segments[place.index];
    if (segment === undefined || segment.address !== base || segment.length > MAX_VDSO) return;
    if (imageAt(this.#memory, base, this.#header) !== undefined) plan.keep(segment);
  }

  /** Keeps the file extents of a range of addresses, as far as they are in the file. */
  #keep(plan: Plan, { start, end }: AddressRange): void {
    for (let at = start; at < end; ) {
      const place = this.#map.place(at);
      if (place === undefined) return;
      const rest = place.segment.offset + place.segment.length - place.offset;
      const length = Math.min(rest, Number(end - at));
      plan.keep({ offset: place.offset, length });
      at += BigInt(length);
    }
  }

  /** Replaces a name by its hash, if it lies in one segment. */
  #hash(plan: Plan, { start, end }: AddressRange): void {
    const place = this.#map.place(start);
    const name = this.#memory.read(start, Number(end - start) - 1);
    if (place === undefined || name.length === 0) return;
    const rest = place.segment.offset + place.segment.length - place.offset;
    if (name.length <= rest) plan.replace(place.offset, hashedName(name));
  }
}

/** Types of the auxiliary vector (include/uapi/linux/auxvec.h). */
const AT_PHDR = 3;
const AT_PHNUM = 5;
const AT_BASE = 7;

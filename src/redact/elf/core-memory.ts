import { lowerBound } from '../../core/base/bytes/binary-search.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { CoreFacts } from '../../formats/elf/facts.js';
import { type ElfHeader, elfClass, PF_W, PF_X } from '../../formats/elf/header.js';
import { AT, auxValue } from '../../formats/elf/linux-notes.js';
import type { LoadSegment } from '../../formats/elf/loads.js';
import type { MappedRanges } from '../../formats/elf/mapped-ranges.js';
import { gatherFiles } from '../../formats/elf/modules.js';
import { Memory } from '../../formats/memory/memory.js';
import { SegmentMap } from '../../formats/memory/segment-map.js';
import { type AddressRange, AddressRanges } from '../core/address-ranges.js';
import { hashedName } from '../core/names.js';
import type { Plan } from '../core/plan.js';
import { refusals } from '../core/refusals.js';
import { refuseCodeEverywhere, type Stack, stackAt, startOf } from '../core/threads.js';
import { readGoProgram } from './go-program.js';
import { readGoroutines } from './goroutines.js';
import { type ImageLayout, imageAt, programAt } from './image.js';
import { type LinkMap, readLinkMap } from './link-map.js';
import type { ThreadRegisters } from './notes.js';
import { SignalFrames } from './signal-frames.js';
import { stackEnds } from './stack-ends.js';

/** The vdso has two to five pages. */
const MAX_VDSO = 64 * 1024;
/** Images read per dump; a browser has some hundred. */
const MAX_IMAGES = 4096;
/** Stacks of one thread. */
const MAX_STACKS = 4;
/** Types of the auxiliary vector (include/uapi/linux/auxvec.h). */
const AT_PHDR = 3;
const AT_PHNUM = 5;
const AT_BASE = 7;
const AT_RANDOM = 25;

/** What of an image is in the mappings of its file. */
function withinFile(image: ImageLayout, file: AddressRanges): ImageLayout {
  const isInFile = (range: AddressRange) => AddressRanges.of([range]).minus(file).size === 0;
  return {
    headers: image.headers.filter(isInFile),
    dynamic: image.dynamic !== undefined && isInFile(image.dynamic) ? image.dynamic : undefined,
    code: image.code.filter(isInFile),
  };
}

/** The memory of a core, and what a debugger reads of it besides stacks. */
export class CoreMemory {
  readonly #reader: ByteReader;
  readonly #header: ElfHeader;
  readonly #facts: CoreFacts;
  readonly #map: SegmentMap;
  readonly #memory: Memory;
  readonly #segments: readonly LoadSegment[];
  readonly #ranges: MappedRanges;
  /** Images by base address. */
  readonly #images = new Map<bigint, ImageLayout>();
  readonly #program: ImageLayout | undefined;
  readonly #links: LinkMap;
  /** Executable memory by PT_LOAD headers, and where none covers an address, by NT_FILE; never writable. */
  readonly #code: AddressRanges;

  constructor(
    reader: ByteReader,
    header: ElfHeader,
    facts: CoreFacts,
    segments: readonly LoadSegment[],
    ranges: MappedRanges,
  ) {
    this.#reader = reader;
    this.#header = header;
    this.#facts = facts;
    this.#segments = segments;
    this.#ranges = ranges;
    this.#map = SegmentMap.of(segments);
    this.#memory = new Memory(reader, this.#map);
    this.#readImages();
    const [table, count] = [this.#aux(AT_PHDR), this.#aux(AT_PHNUM)];
    this.#program =
      table === undefined || count === undefined
        ? undefined
        : this.#programAt(table, Number(BigInt.asUintN(16, count)));
    const dynamic = this.#program?.dynamic;
    this.#links =
      dynamic === undefined
        ? { tables: [], names: [], inModules: [] }
        : readLinkMap(this.#memory, dynamic, header, {
            mapped: AddressRanges.of([...ranges.all, ...facts.mappings]),
            files: new Set(facts.mappings.map(({ path }) => path.slice(path.lastIndexOf('/') + 1))),
          });
    // gcore leaves out the code of modules.
    const listed = AddressRanges.of(this.#listedCode()).minus(AddressRanges.of(ranges.all));
    const declared = AddressRanges.of(ranges.executable).minus(AddressRanges.of(ranges.writable));
    this.#code = declared.plus(listed);
    refuseCodeEverywhere(this.#code);
  }

  /**
   * Images where a file is mapped from its start. What is in another mapping is none of its parts: a file may
   * be mapped as data, and its headers lead anywhere.
   */
  #readImages(): void {
    const byPath = new Map<string, AddressRange[]>();
    for (const mapping of this.#facts.mappings) {
      const known = byPath.get(mapping.path);
      if (known === undefined) byPath.set(mapping.path, [mapping]);
      else known.push(mapping);
    }
    const files = new Map<string, AddressRanges>();
    for (const { start, fileOffset, path } of this.#facts.mappings) {
      if (fileOffset !== 0n || this.#images.has(start) || this.#images.size >= MAX_IMAGES) continue;
      const image = imageAt(this.#memory, start, this.#header);
      if (image === undefined) continue;
      const file = files.get(path) ?? AddressRanges.of(byPath.get(path)!);
      files.set(path, file);
      this.#images.set(start, withinFile(image, file));
    }
  }

  /** The program, as far as it is in the mappings of its file. */
  #programAt(table: bigint, count: number): ImageLayout | undefined {
    const image = programAt(this.#memory, table, count, this.#header);
    const { mappings } = this.#facts;
    const own = mappings.find(({ start, end }) => table >= start && table < end);
    if (image === undefined || own === undefined) return mappings.length === 0 ? image : undefined;
    return withinFile(image, AddressRanges.of(mappings.filter(({ path }) => path === own.path)));
  }

  get modules(): number {
    return Math.max(this.#images.size, this.#links.inModules.length);
  }

  #aux(type: number): bigint | undefined {
    return auxValue(this.#facts.auxv, type, elfClass(this.#header).word, this.#header.endian);
  }

  /** The stacks of each thread that are in the file: the one in use, then those that signals interrupted. */
  stacksOf(threads: readonly ThreadRegisters[]): Stack[][] {
    const frames = new SignalFrames(this.#reader, this.#code, this.#header);
    return threads.map((thread) => {
      const first = this.#stackOf(thread, thread.stackPointer);
      const stacks = first === undefined ? [] : [first];
      for (let index = 0; index < stacks.length && stacks.length < MAX_STACKS; index++) {
        for (const sp of frames.interruptedAt(stacks[index]!)) {
          const stack = stacks.some(({ start, end }) => sp >= start && sp < end)
            ? undefined
            : this.#stackOf(thread, sp);
          if (stack !== undefined) stacks.push(stack);
        }
      }
      return stacks;
    });
  }

  #stackOf(thread: ThreadRegisters, stackPointer: bigint): Stack | undefined {
    const ends = stackEnds(this.#memory, { ...thread, stackPointer }, this.#header);
    const stack = stackAt(this.#map, stackPointer, elfClass(this.#header).word, ends);
    // Without a register for the thread's control block there is nothing that tells ends of stacks.
    if (stack === undefined || thread.threadPointer === undefined) return stack;
    return ends.includes(stack.end) || this.#isMainStack(stack) ? stack : startOf(stack);
  }

  /** The system puts the program's name and random bytes onto the first stack. */
  #isMainStack({ start }: Stack): boolean {
    const segment = this.#map.place(start)?.segment;
    if (segment === undefined) return false;
    const end = segment.address + BigInt(segment.length);
    const marks = [AT_RANDOM, AT.EXECFN].flatMap((type) => this.#aux(type) ?? []);
    return marks.some((mark) => mark > start && mark < end);
  }

  /** Plans what leads to goroutines of Go, and returns their stacks. `exe`: the program, if it was named. */
  planGoroutines(plan: Plan, threads: readonly ThreadRegisters[], exe: string | undefined): Stack[] {
    const address = this.#aux(AT_PHDR);
    if (address === undefined || this.#header.bits === 32) return [];
    const own = this.#facts.mappings.find(({ start, end }) => address >= start && address < end);
    const path = exe ?? own?.path;
    const program = path === undefined ? undefined : readGoProgram(path);
    if (program === undefined) {
      if (exe === undefined) return [];
      throw refusals.noProgram();
    }
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

  /** Executable memory, without the mappings of stacks. */
  codeBeside(stacks: readonly Stack[]): AddressRanges {
    const segments = new Set(stacks.flatMap(({ start }) => this.#map.place(start)?.segment ?? []));
    const data = [...segments].map(({ address, length }) => ({
      start: address,
      end: address + BigInt(length),
    }));
    return this.#code.minus(AddressRanges.of(data));
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
    if ((segment.flags & PF_W) !== 0 || (segment.flags & PF_X) === 0) return;
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

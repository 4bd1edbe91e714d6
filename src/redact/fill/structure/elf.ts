import { CachedReader } from '../../../core/base/bytes/cached-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { type CoreFacts, readFacts } from '../../../formats/elf/facts.js';
import { type ElfHeader, elfClass, readElfHeader } from '../../../formats/elf/header.js';
import { readInitialStack } from '../../../formats/elf/initial-stack.js';
import { AT, auxValue } from '../../../formats/elf/linux-notes.js';
import { noteExtents, readLoads } from '../../../formats/elf/loads.js';
import { mappedRanges } from '../../../formats/elf/mapped-ranges.js';
import { locateHeaders } from '../../../formats/elf/program-headers.js';
import { Memory } from '../../../formats/memory/memory.js';
import { readBytes } from '../../../formats/memory/read.js';
import { SegmentMap } from '../../../formats/memory/segment-map.js';
import type { Fill } from '../../core/fill.js';
import { Plan } from '../../core/plan.js';
import { planRegisters } from '../../elf/core.js';
import { CoreMemory } from '../../elf/core-memory.js';
import { planNotes, type RegisterSet, registerSet } from '../../elf/notes.js';
import { fileExtents, notKept } from './parts.js';

const EHDR_MAX = 64;
const NO_REGISTERS: RegisterSet = { word: 8, count: 0, stackPointer: 0, kept: new Set() };
const [AT_PLATFORM, AT_BASE_PLATFORM, AT_RANDOM] = [15, 24, 25];
const RANDOM_BYTES = 16;
/** The system's names of processors are shorter. */
const MAX_PLATFORM = 64;

/**
 * What an ELF core holds besides memory, and no debugger unwinds with: as for backtraces, but memory stays.
 * Then what the system wrote onto the first stack: arguments, environment, strings and random bytes.
 */
export function* elfStructure(reader: ByteReader): Generator<Fill> {
  const header = readElfHeader(readBytes(reader, 0, EHDR_MAX))!;
  const table = locateHeaders(reader, header);
  const noteSegments = noteExtents(reader, header, table);
  const facts = readFacts(new CachedReader(reader), header, noteSegments);
  const { segments } = readLoads(reader, header, table, facts.physical);
  const plan = new Plan(reader.length);
  const registers = registerSet(header);
  const context = { plan, header, registers: registers ?? NO_REGISTERS, hashNames: false };
  const threads = planNotes(reader, noteSegments, context);
  if (registers !== undefined && threads.length > 0 && !facts.physical) {
    const core = new CoreMemory(reader, header, facts, segments, mappedRanges(reader, header, table));
    const stacks = core.stacksOf(threads);
    const base = { word: elfClass(header).word, endian: header.endian, code: core.codeBeside(stacks.flat()) };
    planRegisters(plan, threads, registers, stacks, base);
  }
  const parts = plan.finish();
  for (const segment of noteSegments) yield* notKept(reader, parts, segment, 'notes and registers');
  if (!facts.physical) yield* initialStack(reader, header, facts, SegmentMap.of(segments));
}

/** Arguments and environment, the name of the program, 16 random bytes, names of the processor. */
function* initialStack(
  reader: ByteReader,
  header: ElfHeader,
  facts: CoreFacts,
  map: SegmentMap,
): Generator<Fill> {
  const { word } = elfClass(header);
  const { endian } = header;
  const memory = new Memory(reader, map);
  const aux = (type: number): bigint | undefined => auxValue(facts.auxv, type, word, endian);
  function* range(address: bigint | undefined, length: number, cause: string): Generator<Fill> {
    if (address === undefined) return;
    for (const extent of fileExtents(map, address, length)) yield { ...extent, cause };
  }
  yield* range(aux(AT_RANDOM), RANDOM_BYTES, 'random bytes');
  for (const type of [AT_PLATFORM, AT_BASE_PLATFORM]) {
    const address = aux(type);
    const length = address === undefined ? -1 : memory.read(address, MAX_PLATFORM).indexOf(0);
    if (length > 0) yield* range(address, length, 'auxiliary vector');
  }
  const execfn = aux(AT.EXECFN);
  const thread = facts.threads.find(({ id }) => id === facts.process.pid) ?? facts.threads[0];
  const inside = execfn ?? thread?.sp;
  const segment = inside === undefined ? undefined : map.place(inside)?.segment;
  if (segment === undefined) return;
  const end = segment.address + BigInt(segment.length);
  const [low, top] = [segment.address, execfn ?? end];
  for (const { address, length, kind } of readInitialStack(memory, {
    low,
    top,
    auxv: facts.auxv,
    word,
    endian,
  }))
    yield* range(address, length, kind);
  // The name of the program, at the end of the stack.
  if (execfn !== undefined) yield* range(execfn, nameLength(memory, execfn, end), 'auxiliary vector');
}

const MAX_NAME = 4096;

function nameLength(memory: Memory, address: bigint, end: bigint): number {
  const bytes = memory.read(address, Math.min(MAX_NAME, Number(end - address)));
  const nul = bytes.indexOf(0);
  return nul < 0 ? bytes.length : nul;
}

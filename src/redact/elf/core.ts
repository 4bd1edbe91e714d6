import { CachedReader } from '../../core/base/bytes/cached-reader.js';
import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { Extent } from '../../core/model/report.js';
import { readFacts } from '../../formats/elf/facts.js';
import { type ElfHeader, elfClass, readElfHeader } from '../../formats/elf/header.js';
import { noteExtents, readLoads } from '../../formats/elf/loads.js';
import { machineName } from '../../formats/elf/machines.js';
import { mappedRanges } from '../../formats/elf/mapped-ranges.js';
import { locateHeaders } from '../../formats/elf/program-headers.js';
import { sectionSpans } from '../../formats/elf/sections.js';
import { readBytes } from '../../formats/memory/read.js';
import { refuseOverlaps } from '../core/overlaps.js';
import type { Plan, WordTest } from '../core/plan.js';
import type { PlanFacts, PlanRequest } from '../core/planner.js';
import { refusals } from '../core/refusals.js';
import { planStacks, type Stack, testOf } from '../core/threads.js';
import { CoreMemory } from './core-memory.js';
import { planNotes, type RegisterSet, registerSet, type ThreadRegisters } from './notes.js';

const EHDR_MAX = 64;
/** A name table has some dozen bytes. */
const MAX_SECTION_NAMES = 4096;

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
  const parked = core.planGoroutines(plan, threads, exe).map((stack) => [stack]);
  const all = [...stacks, ...parked];
  const base = { word: elfClass(header).word, endian: header.endian, code: core.codeBeside(all.flat()) };
  planStacks(plan, all, base);
  planRegisters(plan, threads, registers, stacks, base);
  core.planTables(plan, hashNames);
  return {
    word: base.word,
    threads: threads.length,
    withoutStack: stacks.filter((each) => each.length === 0).length,
    modules: core.modules,
    memory: loads.memory.facts(),
  };
}

function sections(reader: ByteReader, header: ElfHeader): Extent[] {
  const [headers, names] = sectionSpans(reader, header);
  const shown = names !== undefined && names.length <= MAX_SECTION_NAMES ? [names] : [];
  return headers === undefined ? [] : [headers, ...shown];
}

/** Registers stay where they are kept always or pass the test of stack words. */
export function planRegisters(
  plan: Plan,
  threads: readonly ThreadRegisters[],
  { kept, count, word }: RegisterSet,
  stacks: readonly (readonly Stack[])[],
  base: Omit<WordTest, 'stacks'>,
): void {
  const runs: { from: number; to: number; isKept: boolean }[] = [];
  for (let index = 0; index < count; index++) {
    const last = runs.at(-1);
    const isKept = kept.has(index);
    if (last?.isKept === isKept) last.to = index + 1;
    else runs.push({ from: index, to: index + 1, isKept });
  }
  threads.forEach(({ extent: { offset } }, thread) => {
    const test = { ...testOf(stacks[thread]!, base), word };
    for (const { from, to, isKept } of runs) {
      const place = { offset: offset + from * word, length: (to - from) * word };
      if (isKept) plan.keep(place);
      else plan.filter(place, test, 'zero');
    }
  });
}

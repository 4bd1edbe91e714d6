import type { Region } from '../../core/model/report.js';
import { type FileSpan, fileRegions } from '../memory/file-spans.js';
import type { MappedFiles, StackString } from '../memory/process-map.js';
import {
  bss,
  byRange,
  mappedFiles,
  type RegionRule,
  regionsByRules,
  stringBounds,
  stringRegion,
} from '../memory/region-rules.js';
import type { SegmentMap } from '../memory/segment-map.js';
import { stacksBySegment } from '../memory/stacks.js';
import type { CoreFacts, Thread } from './facts.js';
import { PF_W } from './header.js';
import type { LoadSegment } from './loads.js';

/** What the regions of a core are derived from. */
export interface ElfRegionSources {
  facts: CoreFacts;
  segments: readonly LoadSegment[];
  map: SegmentMap;
  /** Headers, notes, note segments; an earlier layer covers a later one. */
  layers: readonly (readonly FileSpan[])[];
  mapped: MappedFiles;
  strings: readonly StackString[];
  /** Address of the vdso. */
  vdso: bigint | undefined;
  /** The main thread and an address on its stack besides its stack pointer: that of AT_EXECFN's string. */
  mainStack: { thread: Thread; address: bigint } | undefined;
}

/** Regions of a core by file offset. */
export function coreRegions(sources: ElfRegionSources): (offset: number, segment: number) => Region {
  const rules = sources.facts.physical ? [physicalPage] : processRules(sources);
  return regionsByRules(sources.segments, rules, fileRegions(sources.layers));
}

const physicalPage: RegionRule = () => ({ kind: 'page' });

function processRules(sources: ElfRegionSources): RegionRule[] {
  return [
    byRange(sources.strings, stringBounds, stringRegion),
    mappedFiles(sources.facts.mappings, sources.mapped),
    vdso(sources),
    stacks(sources),
    bss(sources.mapped.files),
    anonymous(sources),
  ];
}

function vdso({ vdso: base, map }: ElfRegionSources): RegionRule {
  const index = base === undefined ? undefined : map.place(base)?.index;
  return (address, segment) =>
    segment === index && base !== undefined && address >= base
      ? { kind: 'module', name: `[vdso]+0x${(address - base).toString(16)}` }
      : undefined;
}

function stacks({ facts, map, mainStack }: ElfRegionSources): RegionRule {
  const main = mainStack && { id: mainStack.thread.id, sp: mainStack.address };
  return stacksBySegment(map, main ? [...facts.threads, main] : facts.threads);
}

/** Writable memory that no file is mapped to, which is known only with NT_FILE. */
function anonymous({ facts, segments }: ElfRegionSources): RegionRule {
  return (_address, index) =>
    facts.hasFileList && ((segments[index]?.flags ?? 0) & PF_W) !== 0 ? { kind: 'heap' } : undefined;
}

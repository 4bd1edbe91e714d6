import type { Region } from '../../model/report.js';
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

/** What regions of a core are made from. */
export interface RegionSources {
  facts: CoreFacts;
  segments: readonly LoadSegment[];
  map: SegmentMap;
  /** Headers, notes, and what lies between notes; of two that hold a place, the earlier layer names it. */
  layers: readonly (readonly FileSpan[])[];
  mapped: MappedFiles;
  strings: readonly StackString[];
  /** Address of the vdso. */
  vdso: bigint | undefined;
  /** A thread whose stack holds an address beside its stack pointer: the main thread's, where argv lies. */
  mainStack: { thread: Thread; address: bigint } | undefined;
}

/** What the bytes of a core are. */
export function coreRegions(sources: RegionSources): (offset: number, segment: number) => Region {
  const rules = sources.facts.physical ? [physicalPage] : processRules(sources);
  return regionsByRules(sources.segments, rules, fileRegions(sources.layers));
}

const physicalPage: RegionRule = () => ({ kind: 'page' });

function processRules(sources: RegionSources): RegionRule[] {
  return [
    byRange(sources.strings, stringBounds, stringRegion),
    mappedFiles(sources.facts.mappings, sources.mapped),
    vdso(sources),
    stacks(sources),
    bss(sources.mapped.files),
    anonymous(sources),
  ];
}

function vdso({ vdso: base, map }: RegionSources): RegionRule {
  const index = base === undefined ? undefined : map.place(base)?.index;
  return (address, segment) =>
    segment === index && base !== undefined && address >= base
      ? { kind: 'module', name: `[vdso]+0x${(address - base).toString(16)}` }
      : undefined;
}

function stacks({ facts, map, mainStack }: RegionSources): RegionRule {
  const main = mainStack && { id: mainStack.thread.id, sp: mainStack.address };
  return stacksBySegment(map, main ? [...facts.threads, main] : facts.threads);
}

/** Writable memory without a file. A core that lists no files does not say which memory that is. */
function anonymous({ facts, segments }: RegionSources): RegionRule {
  return (_address, index) =>
    facts.hasFileList && ((segments[index]?.flags ?? 0) & PF_W) !== 0 ? { kind: 'heap' } : undefined;
}

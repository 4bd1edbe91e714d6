import type { Region } from '../../model.js';
import { type FileSpan, fileRegions } from '../file-spans.js';
import {
  byRange,
  mappedFiles,
  type RegionRule,
  stringBounds,
  stringRegion,
  zeroData,
} from '../region-rules.js';
import type { SegmentMap } from '../segment-map.js';
import type { CoreFacts, Thread } from './facts.js';
import { PF_W } from './header.js';
import type { StackString } from './initial-stack.js';
import type { LoadSegment } from './loads.js';
import type { MappedFiles } from './modules.js';

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

/** The region of a file offset: the first rule that knows its address, else what lies in the file there. */
export function coreRegions(sources: RegionSources): (offset: number, segment: number) => Region {
  const rules = sources.facts.physical ? [physicalPage] : processRules(sources);
  const inFile = fileRegions(sources.layers);
  return (offset, index) => {
    const segment = sources.segments[index];
    if (segment === undefined) return inFile(offset);
    const address = segment.address + BigInt(offset - segment.offset);
    for (const rule of rules) {
      const region = rule(address, index);
      if (region !== undefined) return region;
    }
    return { kind: 'mapping' };
  };
}

const physicalPage: RegionRule = () => ({ kind: 'page' });

function processRules(sources: RegionSources): RegionRule[] {
  return [
    byRange(sources.strings, stringBounds, stringRegion),
    mappedFiles(sources.facts.mappings, sources.mapped),
    vdso(sources),
    stacks(sources),
    zeroData(sources.mapped.files),
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

/** The segment that holds a stack pointer is that thread's stack; of several, the thread whose pointer is next below. */
function stacks({ facts, map, mainStack }: RegionSources): RegionRule {
  const owners = new Map<number, { sp: bigint; id: number }[]>();
  const claim = (sp: bigint, id: number): void => {
    const index = map.place(sp)?.index;
    if (index === undefined) return;
    const list = owners.get(index);
    if (list === undefined) owners.set(index, [{ sp, id }]);
    else list.push({ sp, id });
  };
  for (const { id, sp } of facts.threads) if (sp !== undefined) claim(sp, id);
  if (mainStack !== undefined) claim(mainStack.address, mainStack.thread.id);
  for (const list of owners.values()) list.sort((a, b) => (a.sp < b.sp ? -1 : a.sp > b.sp ? 1 : 0));
  return (address, segment) => {
    const list = owners.get(segment);
    if (list === undefined) return undefined;
    const owner = list.findLast(({ sp }) => sp <= address) ?? list[0]!;
    return { kind: 'stack', thread: owner.id };
  };
}

/** Writable memory without a file. A core that lists no files does not say which memory that is. */
function anonymous({ facts, segments }: RegionSources): RegionRule {
  return (_address, index) =>
    facts.listsFiles && ((segments[index]?.flags ?? 0) & PF_W) !== 0 ? { kind: 'heap' } : undefined;
}

import type { Region } from '../../core/model/report.js';
import { type FileSpan, fileRegions } from '../memory/file-spans.js';
import type { FileMapping, MappedFiles, StackString } from '../memory/process-map.js';
import {
  type Bounds,
  bss,
  byRange,
  indexByRange,
  inModule,
  mappedFiles,
  type RegionRule,
  regionsByRules,
  stringBounds,
  stringRegion,
} from '../memory/region-rules.js';
import type { Segment } from '../memory/types.js';
import type { MemoryInfoRange } from './linux-streams.js';
import type { MinidumpModule } from './modules.js';
import type { MinidumpThread } from './threads.js';

export interface MinidumpRegionSources {
  segments: readonly Segment[];
  threads: readonly MinidumpThread[];
  modules: readonly MinidumpModule[];
  /** Files that LinuxMaps lists. */
  mappings: readonly FileMapping[];
  mapped: MappedFiles;
  /** Ranges of MemoryInfoListStream or LinuxMaps. */
  ranges: readonly MemoryInfoRange[];
  strings: readonly StackString[];
  layers: readonly (readonly FileSpan[])[];
}

/** Rules by priority: strings on a stack, stacks, modules, then the operating system's list of ranges. */
export function minidumpRegions(sources: MinidumpRegionSources): (offset: number, segment: number) => Region {
  const rules = [
    byRange(sources.strings, stringBounds, stringRegion),
    stacks(sources),
    mappedFiles(sources.mappings, sources.mapped),
    byRange(sources.modules, moduleBounds, inModule),
    bss(sources.mapped.files),
    byRange(
      sources.ranges,
      ({ start, end }) => [start, end],
      ({ region }) => region,
    ),
  ];
  return regionsByRules(sources.segments, rules, fileRegions(sources.layers));
}

function moduleBounds({ base, size }: MinidumpModule): Bounds {
  return [base, base + BigInt(size)];
}

/** MINIDUMP_THREAD.Stack; if it is empty, the range that contains the stack pointer. */
function stacks({ threads, ranges, segments }: MinidumpRegionSources): RegionRule {
  const rangeAt = boundsAt(ranges.map(({ start, end }): Bounds => [start, end]));
  const segmentAt = boundsAt(
    segments.map(({ address, length }): Bounds => [address, address + BigInt(length)]),
  );
  const found = threads.flatMap(({ id, name, stack, sp }) => {
    const stated: Bounds = [stack.address, stack.address + BigInt(stack.length)];
    const bounds = stack.length > 0 ? stated : sp === undefined ? undefined : (rangeAt(sp) ?? segmentAt(sp));
    return bounds === undefined ? [] : [{ id, name, bounds }];
  });
  return byRange(
    found,
    ({ bounds }) => bounds,
    ({ id, name }) => ({ kind: 'stack', thread: id, ...(name === undefined ? {} : { name }) }),
  );
}

function boundsAt(bounds: readonly Bounds[]): (address: bigint) => Bounds | undefined {
  const indexAt = indexByRange(bounds, (each) => each);
  return (address) => bounds[indexAt(address)];
}

import { Intervals } from '../../core/base/bytes/intervals.js';
import type { Region } from '../../core/model/report.js';
import type { FileMapping, MappedFile, MappedFiles, StackString } from './process-map.js';
import { SegmentMap } from './segment-map.js';
import type { Segment, WithEdges } from './types.js';

/** The region at an address, if this rule applies; `segment` is the index of the segment that contains it. */
export interface RegionRule {
  (address: bigint, segment: number): Region | undefined;
  /** Addresses within a segment at which the answer may change; absent if there are none. */
  edges?(): Iterable<bigint>;
}

export type Bounds = [start: bigint, end: bigint];

/** Regions of file offsets: by the first rule that applies to the address; outside segments, by `inFile`. */
export function regionsByRules(
  segments: readonly Segment[],
  rules: readonly RegionRule[],
  inFile: ((offset: number) => Region) & Partial<WithEdges>,
): ((offset: number, segment: number) => Region) & WithEdges {
  const regionAt = (offset: number, index: number): Region => {
    const segment = segments[index];
    if (segment === undefined) return inFile(offset);
    const address = segment.address + BigInt(offset - segment.offset);
    for (const rule of rules) {
      const region = rule(address, index);
      if (region !== undefined) return region;
    }
    return { kind: 'mapping' };
  };
  const map = SegmentMap.of(segments);
  function* edges(): Generator<number> {
    yield* inFile.edges?.() ?? [];
    for (const rule of rules)
      for (const address of rule.edges?.() ?? []) {
        const place = map.place(address);
        if (place !== undefined) yield place.offset;
      }
  }
  return Object.assign(regionAt, { edges });
}

/** Index of the item that covers an address, or -1. */
export function indexByRange<T>(
  items: readonly T[],
  bounds: (item: T) => Bounds,
): (address: bigint) => number {
  const intervals = new Intervals(
    items.length,
    (i) => bounds(items[i]!)[0],
    (i) => bounds(items[i]!)[1],
  );
  return (address) => intervals.find(address);
}

/** A rule over items that each cover a range of addresses. */
export function byRange<T>(
  items: readonly T[],
  bounds: (item: T) => Bounds,
  region: (item: T, address: bigint) => Region | undefined,
): RegionRule {
  const indexAt = indexByRange(items, bounds);
  const at = (address: bigint): Region | undefined => {
    const item = items[indexAt(address)];
    return item === undefined ? undefined : region(item, address);
  };
  return Object.assign(at, { edges: () => items.flatMap(bounds) });
}

export function stringBounds({ address, length }: StackString): Bounds {
  return [address, address + BigInt(length)];
}

export function stringRegion({ kind, name }: StackString): Region {
  return { kind, ...(name === undefined ? {} : { name }) };
}

/** File mappings: a module with the offset from its base, a data file by its path. */
export function mappedFiles(mappings: readonly FileMapping[], { fileOf }: MappedFiles): RegionRule {
  const indexAt = indexByRange(mappings, ({ start, end }) => [start, end]);
  const at = (address: bigint): Region | undefined => {
    const file = fileOf[indexAt(address)];
    return file && (file.isModule ? inModule(file, address) : { kind: 'mapping', name: file.path });
  };
  return Object.assign(at, { edges: () => mappings.flatMap(({ start, end }) => [start, end]) });
}

/** Zero-initialised data (.bss): memory of a module's image after its last file mapping. */
export function bss(files: readonly MappedFile[]): RegionRule {
  return byRange(files, ({ end, imageEnd }) => [end, imageEnd ?? end], inModule);
}

export function inModule({ path, base }: { path: string; base: bigint }, address: bigint): Region {
  return { kind: 'module', name: `${path}+0x${(address - base).toString(16)}` };
}

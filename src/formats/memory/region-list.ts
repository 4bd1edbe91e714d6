import { definedFields } from '../../core/base/runtime/defined.js';
import { Pace, type Pausing } from '../../core/base/runtime/turns.js';
import type { Location } from '../../core/model/occurrence.js';
import type { AddressSpace, MissingMemory, RegionFacts } from '../../core/model/report.js';
import type { ParsedDump } from './types.js';

/** Regions of an artifact in a report. */
const MOST_REGIONS = 4096;

/** Where there are too many regions, neighbours of this many bytes are joined, then of ever more. */
const SMALLEST = 64;

type Mapped = Pick<ParsedDump, 'segments' | 'locate' | 'edges' | 'memory'>;

/**
 * The regions of a dump of `length` bytes, ascending by offset, asked for at each place where they may
 * change. Memory that the file lacks belongs to the region that it continues by address, or is a region of
 * unknown kind at the end of the list.
 */
export function* regionsOf(dump: Mapped, length: number): Pausing<never, RegionFacts[]> {
  const edges = edgesOf(dump, length);
  const list = new RegionList();
  const pace = new Pace(500);
  for (let index = 0; index < edges.length; index++) {
    const [offset, end] = [edges[index]!, edges[index + 1] ?? length];
    list.add(partAt(dump.locate(offset), offset, end - offset));
    if (pace.isDue()) yield;
  }
  for (const each of dump.memory?.missing ?? []) list.miss(each);
  return list.regions();
}

/** Where a region may begin, ascending, each once. */
function edgesOf({ segments, edges }: Mapped, length: number): Float64Array {
  const all = [0];
  for (const { offset, length } of segments) all.push(offset, offset + length);
  for (const edge of edges?.() ?? []) all.push(edge);
  const sorted = Float64Array.from(all).sort();
  let count = 0;
  for (const edge of sorted) if (edge < length && edge !== sorted[count - 1]) sorted[count++] = edge;
  return sorted.subarray(0, count);
}

/** A region of the list; addresses are kept as numbers until it is whole. */
interface Part extends Omit<RegionFacts, 'address'> {
  start: bigint | undefined;
  /** Made of regions that differ. */
  mixed?: boolean;
}

/** The offset of a place in a module, which is not the same for all of it. */
const IN_MODULE = /\+0x[0-9a-f]+$/;

function partAt(
  { address, addressSpace, region }: Omit<Location, 'artifact'>,
  offset: number,
  length: number,
) {
  const { kind, thread } = region;
  const name = kind === 'module' ? region.name?.replace(IN_MODULE, '') : region.name;
  const facts = definedFields({ kind, name, thread, addressSpace });
  return { ...facts, start: address, offset, length, present: length } as Part;
}

const isSameSpace = (a: AddressSpace | undefined, b: AddressSpace | undefined): boolean =>
  a === b || (a?.kind === b?.kind && a?.id === b?.id && a?.pid === b?.pid);

/** Joins regions that adjoin, and, where there are too many, neighbours that are alike or small. */
class RegionList {
  #parts: Part[] = [];
  /** Of neighbours up to this size, in bytes, one region is made; below 0 only of equal ones. */
  #smallest = -1;

  add(part: Part): void {
    const last = this.#parts.at(-1);
    if (last !== undefined && this.#joins(last, part)) return;
    this.#parts.push(part);
    if (this.#parts.length >= 2 * MOST_REGIONS) this.#coarsen();
  }

  /** Memory that the file lacks. */
  miss({ address, length }: MissingMemory): void {
    const start = BigInt(address);
    const before = this.#parts.find(
      (part) => part.start !== undefined && part.start + BigInt(part.length) === start,
    );
    if (before !== undefined) before.length += length;
    else {
      const { offset = 0, present = 0, addressSpace } = this.#parts.at(-1) ?? {};
      const place = { start, offset: offset + present, length, present: 0 };
      this.#parts.push(definedFields({ kind: 'unknown', addressSpace, ...place }) as Part);
    }
  }

  regions(): RegionFacts[] {
    while (this.#parts.length > MOST_REGIONS) this.#coarsen();
    return this.#parts.map(({ start, mixed: _mixed, kind, name, thread, ...place }) => {
      const address = start === undefined ? undefined : `0x${start.toString(16)}`;
      return definedFields({ kind, name, thread, address, ...place }) as RegionFacts;
    });
  }

  #coarsen(): void {
    this.#smallest = this.#smallest < 0 ? 0 : Math.max(SMALLEST, this.#smallest * 2);
    const parts = this.#parts;
    this.#parts = [];
    for (const part of parts) {
      const last = this.#parts.at(-1);
      if (last === undefined || !this.#joins(last, part)) this.#parts.push(part);
    }
  }

  /** Joins a region with the one before it, if they may be one. */
  #joins(last: Part, part: Part): boolean {
    const inFile =
      last.offset + last.length === part.offset && isSameSpace(last.addressSpace, part.addressSpace);
    if (!inFile || last.present < last.length) return false;
    const inMemory =
      last.start === undefined ? part.start === undefined : part.start === last.start + BigInt(last.length);
    const isMixed = last.mixed || part.mixed;
    const isEqual =
      !isMixed && last.kind === part.kind && last.name === part.name && last.thread === part.thread;
    const isAlike = this.#smallest >= 0 && last.start !== undefined && last.kind === part.kind;
    const isSmall = last.length + part.length <= this.#smallest;
    if (!isSmall && !(inMemory && (isEqual || isAlike))) return false;
    if (!isEqual) {
      if (part.length > last.length) last.kind = part.kind;
      last.mixed = true;
      delete last.name;
      delete last.thread;
    }
    if (!inMemory) last.start = undefined;
    last.length += part.length;
    last.present += part.present;
    return true;
  }
}

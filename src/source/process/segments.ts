import type { Mapping } from './mappings.js';
import type { Pagemap, PageRun } from './pages.js';

/** A PT_LOAD segment of a process's memory. */
export interface MemorySegment extends PageRun {
  mapping: Mapping;
  /** Its pages are not in the copy: a device's, or too many to look through. */
  isLeftOut?: true;
}

/** Program headers of one file: below PN_XNUM (elf(5)), which would need a section header. */
const MOST = 60_000;
/** Gaps of fewer bytes are filled with zeros, not made into two segments. */
const GAP = 2n ** 16n;

/** Pages of the kernel that are mapped into each process and hold nothing of its own. */
const OF_KERNEL: ReadonlySet<string> = new Set(['[vvar]', '[vvar_vclock]', '[vsyscall]']);
const DEVICE = ['io', 'pf'] as const;

/** Segments of populated pages, ascending. Gaps between them grow until they are few enough. */
export function segmentsOf(mappings: readonly Mapping[], pages: Pick<Pagemap, 'runs'>): MemorySegment[] {
  for (let gap = GAP; ; gap *= 4n) {
    const found = mappings.flatMap((mapping) => segmentsIn(mapping, pages, gap));
    if (found.length <= Math.max(MOST, mappings.length)) return found;
  }
}

function segmentsIn(mapping: Mapping, pages: Pick<Pagemap, 'runs'>, gap: bigint): MemorySegment[] {
  const { start, end, path, flags, populated } = mapping;
  if (OF_KERNEL.has(path)) return [];
  if (DEVICE.some((flag) => flags.has(flag))) return [{ start, end, mapping, isLeftOut: true }];
  if (populated === 0) return [];
  const runs = pages.runs(mapping, gap);
  return runs?.map((run) => ({ ...run, mapping })) ?? [{ start, end, mapping, isLeftOut: true }];
}

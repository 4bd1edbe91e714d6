import { upperBound } from '../../core/base/bytes/binary-search.js';
import type { Region } from '../../core/model/report.js';
import type { RegionRule } from './region-rules.js';
import type { SegmentMap } from './segment-map.js';

/** A thread and its stack pointer. */
export interface ThreadStack {
  id: number;
  sp?: bigint;
}

/** Stack pointers in one segment, ascending, and the threads they belong to. */
interface StackPointers {
  pointers: bigint[];
  ids: number[];
}

/**
 * A segment that contains a stack pointer is that thread's stack. If it contains several, an address belongs
 * to the thread with the nearest stack pointer below it.
 */
export function stacksBySegment(map: SegmentMap, threads: Iterable<ThreadStack>): RegionRule {
  const bySegment = new Map<number, { sp: bigint; id: number }[]>();
  for (const { id, sp } of threads) {
    const index = sp === undefined ? undefined : map.place(sp)?.index;
    if (sp === undefined || index === undefined) continue;
    const list = bySegment.get(index);
    if (list === undefined) bySegment.set(index, [{ sp, id }]);
    else list.push({ sp, id });
  }
  const owners = new Map<number, StackPointers>();
  for (const [index, list] of bySegment) {
    list.sort((a, b) => (a.sp < b.sp ? -1 : a.sp > b.sp ? 1 : 0));
    owners.set(index, { pointers: list.map(({ sp }) => sp), ids: list.map(({ id }) => id) });
  }
  const at = (address: bigint, segment: number): Region | undefined => {
    const here = owners.get(segment);
    if (here === undefined) return undefined;
    return { kind: 'stack', thread: here.ids[Math.max(0, upperBound(here.pointers, address) - 1)]! };
  };
  return Object.assign(at, { edges: () => [...owners.values()].flatMap(({ pointers }) => pointers) });
}

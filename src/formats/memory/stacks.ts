import { upperBound } from '../../base/bytes/binary-search.js';
import type { RegionRule } from './region-rules.js';
import type { SegmentMap } from './segment-map.js';

/** A thread, and an address on its stack: its stack pointer. */
export interface StackHolder {
  id: number;
  sp?: bigint;
}

/** Stack pointers of one segment, ascending, and whose they are. */
interface Owners {
  pointers: bigint[];
  ids: number[];
}

/** The segment that holds a stack pointer is that thread's stack; of several, the thread whose pointer is next below. */
export function stacksBySegment(map: SegmentMap, threads: Iterable<StackHolder>): RegionRule {
  const bySegment = new Map<number, { sp: bigint; id: number }[]>();
  for (const { id, sp } of threads) {
    const index = sp === undefined ? undefined : map.place(sp)?.index;
    if (sp === undefined || index === undefined) continue;
    const list = bySegment.get(index);
    if (list === undefined) bySegment.set(index, [{ sp, id }]);
    else list.push({ sp, id });
  }
  const owners = new Map<number, Owners>();
  for (const [index, list] of bySegment) {
    list.sort((a, b) => (a.sp < b.sp ? -1 : a.sp > b.sp ? 1 : 0));
    owners.set(index, { pointers: list.map(({ sp }) => sp), ids: list.map(({ id }) => id) });
  }
  return (address, segment) => {
    const here = owners.get(segment);
    if (here === undefined) return undefined;
    return { kind: 'stack', thread: here.ids[Math.max(0, upperBound(here.pointers, address) - 1)]! };
  };
}

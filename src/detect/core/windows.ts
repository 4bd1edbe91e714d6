import type { Window } from '../../formats/memory/types.js';
import type { Rule } from '../../rules/types.js';
import type { Detector, Hit, HitGroup } from './types.js';

/** Bytes before and after a hit that a detector reads. */
export interface Reach {
  before: number;
  after: number;
}

/** A hit with its place in a window. */
export interface WindowHit extends Hit {
  /** Index of its first byte in the window. */
  at: number;
}

export interface HitWindow {
  window: Window;
  /** Ascending by `at`. */
  hits: WindowHit[];
}

/** Bytes of a UTF-16 unit. */
const WIDE = 2;

/** Characters read beyond a rule's window, to judge a token's boundary: an escape has up to six. */
export const MARGIN = 6;

/** Bytes around a hit that the rule's window and its detector need. */
export function reachOf(rule: Rule, own: Reach | undefined): Reach {
  return {
    before: Math.max((rule.window.before + MARGIN) * WIDE, own?.before ?? 0),
    after: Math.max((rule.window.after + MARGIN) * WIDE, own?.after ?? 0),
  };
}

/** Upper bound of the distance between a hit of the rule and any byte that its detector reads. */
export function maxReachOf(rule: Rule, { reach, widest = reach }: Pick<Detector, 'reach' | 'widest'>): Reach {
  const { before, after } = rule.window;
  const within = rule.near?.within ?? 0;
  const window = { before: Math.max(before, within), after: Math.max(after, within) };
  return reachOf({ ...rule, window }, widest);
}

/** Hits tried per window where file order and memory order differ. */
const LOOKAHEAD = 256;

/**
 * Windows that together hold all hits of a group. One window is enough where file order and memory order
 * agree; hits after a seam may be elsewhere in memory and then get their own.
 */
export function* windowsOf(group: HitGroup, reach: Reach): Iterable<HitWindow> {
  const { hits, view, order } = group;
  const [first, last] = [hits[0], hits[hits.length - 1]];
  if (first === undefined || last === undefined) return;
  const span = last.offset + last.length - first.offset;
  if (order === 'file' || view.sameInBothOrders(first.offset, reach.before, span + reach.after)) {
    const window = view.window(first.offset, reach.before, span + reach.after, order);
    yield { window, hits: hits.map((hit) => placedAt(hit, window.at + hit.offset - first.offset)) };
    return;
  }
  let pending = hits.slice();
  while (pending.length > 0) {
    const next = pending.slice(0, LOOKAHEAD);
    const window = view.window(next[0]!.offset, reach.before, 2 * reach.after, order);
    const placed = place(window, next, reach);
    yield { window, hits: placed };
    const done = new Set(placed.map((hit) => hit.offset));
    pending = [...next.filter((hit) => !done.has(hit.offset)), ...pending.slice(LOOKAHEAD)];
  }
}

const placedAt = ({ offset, length, wide, anchor }: Hit, at: number): WindowHit => ({
  offset,
  length,
  wide,
  anchor,
  at,
});

/** The hits that the window holds with their whole reach; always the first one. */
function place(window: Window, hits: readonly Hit[], reach: Reach): WindowHit[] {
  const extents = window.extents(0, window.bytes.length);
  const placed: WindowHit[] = [];
  for (const [i, hit] of hits.entries()) {
    let start = 0;
    for (const extent of extents) {
      const into = hit.offset - extent.offset;
      if (into >= 0 && into < extent.length) {
        const at = start + into;
        const after = at + hit.length + reach.after <= window.bytes.length || window.endsAtEdge;
        const before = at >= reach.before || window.startsAtEdge;
        if (i > 0 && after && before) placed.push(placedAt(hit, at));
        break;
      }
      start += extent.length;
    }
  }
  placed.unshift(placedAt(hits[0]!, window.at));
  return placed.sort((a, b) => a.at - b.at);
}

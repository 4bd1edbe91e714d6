import type { CauseTally } from '../all/fills.js';
import type { Fill } from '../core/fill.js';
import { type FillCause, type FillList, fillList, type ManifestDetail } from './manifest.js';

/** The plan of `--keep all`. `extents`: ascending and disjoint. */
export function fillListOf(
  detail: ManifestDetail,
  tallies: readonly CauseTally[],
  extents: Iterable<Fill>,
): FillList {
  const causes = new Map<string, Required<FillCause>>(
    tallies.map(({ cause, places, bytes }) => [cause, { cause, places, bytes, extents: [] }]),
  );
  for (const { cause, offset, length } of extents) {
    const { extents: ofCause } = causes.get(cause)!;
    const last = ofCause.at(-1);
    if (last !== undefined && last.offset + last.length === offset) last.length += length;
    else ofCause.push({ offset, length });
  }
  return fillList(detail, [...causes.values()]);
}

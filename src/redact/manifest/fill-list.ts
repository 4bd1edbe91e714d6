import { type FillCause, type FillList, fillList, type ManifestDetail } from './manifest.js';

/** A range that was filled, and what for. */
interface FilledExtent {
  readonly offset: number;
  readonly length: number;
  readonly cause: string;
}

/** Ranges of one cause that were added. */
interface Tally {
  readonly cause: string;
  readonly places: number;
  readonly bytes: number;
}

/** The plan of `--keep all`. `extents`: ascending and disjoint. */
export function fillListOf(
  detail: ManifestDetail,
  tallies: readonly Tally[],
  extents: Iterable<FilledExtent>,
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

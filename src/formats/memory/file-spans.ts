import { Intervals } from '../../core/base/bytes/intervals.js';
import type { Extent, Region } from '../../core/model/report.js';
import type { WithEdges } from './types.js';

/** Part of the file that is not memory: a header, a note, a stream. */
export interface FileSpan extends Extent {
  region: Region;
}

/**
 * The region of a file offset outside memory. An earlier layer covers a later one; of overlapping spans in
 * one layer, the one that starts first. Everything else is a gap.
 */
export function fileRegions(
  layers: readonly (readonly FileSpan[])[],
): ((offset: number) => Region) & WithEdges {
  const lookUps = layers.map((spans) => {
    const end = ({ offset, length }: Extent): bigint => BigInt(offset) + BigInt(length);
    const index = new Intervals(
      spans.length,
      (i) => BigInt(spans[i]!.offset),
      (i) => end(spans[i]!),
    );
    return (offset: number): Region | undefined => spans[index.find(BigInt(offset))]?.region;
  });
  const regionAt = (offset: number): Region => {
    for (const at of lookUps) {
      const region = at(offset);
      if (region !== undefined) return region;
    }
    return { kind: 'gap' };
  };
  const edges = (): number[] =>
    layers.flatMap((spans) => spans.flatMap(({ offset, length }) => [offset, offset + length]));
  return Object.assign(regionAt, { edges });
}

import { Intervals } from '../../base/bytes/intervals.js';
import type { Extent, Region } from '../../model/report.js';

/** A stretch of the file that is no memory, and what it is. */
export interface FileSpan extends Extent {
  region: Region;
}

/**
 * What lies at a file offset outside memory: headers, notes, streams. Of spans in one layer that overlap the first holds
 * the place; of layers, the earlier. Everything else is a gap.
 */
export function fileRegions(layers: readonly (readonly FileSpan[])[]): (offset: number) => Region {
  const indices = layers.map((spans) => {
    const end = ({ offset, length }: Extent): bigint => BigInt(offset) + BigInt(length);
    const index = new Intervals(
      spans.length,
      (i) => BigInt(spans[i]!.offset),
      (i) => end(spans[i]!),
    );
    return (offset: number): Region | undefined => spans[index.find(BigInt(offset))]?.region;
  });
  return (offset) => {
    for (const at of indices) {
      const region = at(offset);
      if (region !== undefined) return region;
    }
    return { kind: 'gap' };
  };
}

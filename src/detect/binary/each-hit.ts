import { candidate, type Found } from '../core/candidate.js';
import type { Candidate, HitGroup } from '../core/types.js';
import { type PlacedHit, type Reach, reachOf, windowsOf } from '../core/windows.js';

/** Reads a structure at each narrow hit of a group that is not inside the previous one (ends at `from`). */
export function* candidatesAt(
  group: HitGroup,
  reach: Reach,
  read: (bytes: Buffer, hit: PlacedHit, from: number) => Found | undefined,
): Iterable<Candidate> {
  for (const { window, hits } of windowsOf(group, reachOf(group.rule, reach))) {
    const bytes = Buffer.from(window.bytes.buffer, window.bytes.byteOffset, window.bytes.length);
    let from = 0;
    for (const hit of hits) {
      if (hit.wide || hit.at < from) continue;
      const found = read(bytes, hit, from);
      if (found === undefined) continue;
      from = found.end;
      yield candidate(group.rule, window, found);
    }
  }
}

import { candidate, type DetectedSecret } from '../core/candidate.js';
import type { HitGroup, SecretCandidate } from '../core/types.js';
import { type Reach, reachOf, type WindowHit, windowsOf } from '../core/windows.js';

/** Reads a structure at each narrow hit of a group that is not inside the previous one (ends at `from`). */
export function* candidatesAt(
  group: HitGroup,
  reach: Reach,
  read: (bytes: Buffer, hit: WindowHit, from: number) => DetectedSecret | undefined,
): Iterable<SecretCandidate> {
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

import type { HitList } from '../../../src/sweep/hits.js';
import { hexIn } from '../../../src/sweep/runs/hex.js';
import {
  CHARACTERS,
  memberIn,
  NO_CHARACTER,
  SHORTEST_TEXT,
  TEXT_MARGINS,
} from '../../../src/sweep/runs/texts.js';

/**
 * Finds runs of base64url in data[from, to) that may have a member of a JSON Web Key, or hexadecimal digits
 * of a number, as kernel/texts.as.ts does. Runs near the ends are not tested.
 */
export function scalarTexts(data: Uint8Array, from: number, to: number, base: number, runs: HitList): void {
  let start = from;
  for (let at = from; at <= to; at++) {
    if (at < to && CHARACTERS[data[at]!] !== NO_CHARACTER) continue;
    const run = at - start;
    const cut = start === from || at === to;
    if (run > 0 && (cut || (run >= SHORTEST_TEXT && start < from + TEXT_MARGINS.before)))
      runs.push(base + start, run);
    else if (run >= SHORTEST_TEXT) {
      const member = memberIn(data, start, run);
      if (member) runs.push(base + start + member.skip, run - member.skip);
      else if (hexIn(data, start, run)) runs.push(base + start, run);
    }
    start = at + 1;
  }
}

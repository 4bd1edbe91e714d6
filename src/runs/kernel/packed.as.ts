// n, p, q without a gap. p * q = n mod 2^32 on the lowest limbs rejects nearly all other positions.

import { PACKED, record } from './records.as';
import { BE, LE } from './windows.as';

/**
 * First and last byte, relative to the run, at which n may begin: the net may miss a word, or include e.
 */
const FIRST: i32 = -8;
const LAST: i32 = 15;
/** Words of the shortest run of n, p and q; the net may miss one at either end. */
const SHORTEST: i32 = 30;

/** Tries n of 1,024 to 8,192 bits at the start of the run, within a few bytes. */
export function packed(at: usize, words: i32, before: i32, after: i32): void {
  if (words < SHORTEST) return;
  // Two consecutive words missed by the net end a run early, so up to half of the numbers may lie after
  // it.
  const most = words << 3;
  ofSize(at, 128, most, before, after);
  ofSize(at, 192, most, before, after);
  ofSize(at, 256, most, before, after);
  ofSize(at, 384, most, before, after);
  ofSize(at, 512, most, before, after);
  ofSize(at, 1024, most, before, after);
}

/** n, p and q must be odd. */
function ofSize(at: usize, size: i32, most: i32, before: i32, after: i32): void {
  if (size > most) return;
  const half = <usize>(size >>> 1);
  const end = min(LAST, after - 2 * size);
  for (let x = max(FIRST, -before); x <= end; x++) {
    const p = at + x;
    const low = load<u32>(p);
    if ((low & 1) != 0 && load<u32>(p + size) * load<u32>(p + size + half) == low) record(p, PACKED, LE, size, 0);
    const last = bswap(load<u32>(p + size - 4));
    if ((last & 1) == 0) continue;
    if (bswap(load<u32>(p + size + half - 4)) * bswap(load<u32>(p + 2 * size - 4)) == last) record(p, PACKED, BE, size, 0);
  }
}

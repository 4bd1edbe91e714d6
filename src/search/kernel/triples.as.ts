// What both searches for points in Jacobian coordinates share: who may be Y, and the triples of indices that they find.

/** Numbers on either side of Z that may be Y: the next one in every core that was looked at. */
export const MOST_Y: i32 = 2;
/** Triples that one Z may give for each number that may be X. */
const PER_X: i32 = 2 * MOST_Y;

/** Is there room for all triples of one more Z? Where there is none the search ends before it, and is called again. */
@inline export function hasRoom(found: i32, reach: i32, most: i32): bool {
  return found + 2 * reach * PER_X <= most;
}

/** Writes triple number `found`: i32 indices of X, Y and Z. */
@inline export function keep(hits: usize, found: i32, x: i32, y: i32, z: i32): void {
  const hit = hits + <usize>found * 12;
  store<i32>(hit, x);
  store<i32>(hit, y, 4);
  store<i32>(hit, z, 8);
}

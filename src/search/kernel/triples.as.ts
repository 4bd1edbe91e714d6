// Encodings in which the host passes numbers to `equation`: little-endian words (plain or in Montgomery
// form), or big-endian bytes.

export const MONTGOMERY: i32 = 0;
export const BIG_ENDIAN: i32 = 2;

/** Right side stored for a value >= p. Its left side is 0, which is far from this word. */
export const NEVER: u64 = 1 << 63;

// Shared by the scalar and the pair search for Jacobian points: bound on Y, and the index triples found.

/** List positions on either side of Z tried as Y. In every core examined Y was the next one. */
export const MOST_Y: i32 = 2;
/** Largest number of triples of one Z per candidate X. */
const PER_X: i32 = 2 * MOST_Y;

/** True if all triples of one more Z fit. If not, the search stops and is called again. */
@inline export function hasRoom(found: i32, reach: i32, most: i32): bool {
  return found + 2 * reach * PER_X <= most;
}

/** Writes triple number `found`: indices of X, Y, Z as i32. */
@inline export function keep(hits: usize, found: i32, x: i32, y: i32, z: i32): void {
  const hit = hits + <usize>found * 12;
  store<i32>(hit, x);
  store<i32>(hit, y, 4);
  store<i32>(hit, z, 8);
}

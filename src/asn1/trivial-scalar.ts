/** Bits that are left of a multiplier of a table: windows of 16 bits have no larger ones, and 48 leave room for cubes. */
const FEW_BITS = 48n;

/**
 * Whether a scalar modulo the order n is one that anybody knows: c * 2^k or its cube, for a small c of either sign and k of
 * either sign. Tables for fast multiplication hold the points of such multiples of the generator; R mod n and R^2 mod n of Montgomery's
 * multiplication, 1/2 and the cube roots of one of curves with an endomorphism (GLV) are such scalars, and random to the eye.
 * One in 2^190 random scalars passes.
 */
export function isTrivial(scalar: bigint, n: bigint): boolean {
  const cube = (((scalar * scalar) % n) * scalar) % n;
  // R^2, with R a word longer than the order at most.
  const furthest = 2 * (n.toString(16).length * 4 + 64);
  return isShiftedSmall(scalar, n, furthest) || isShiftedSmall(cube, n, 3 * furthest);
}

function isShiftedSmall(scalar: bigint, n: bigint, furthest: number): boolean {
  const isSmall = (value: bigint) => value >> FEW_BITS === 0n || (n - value) >> FEW_BITS === 0n;
  let [up, down] = [scalar % n, scalar % n];
  for (let k = 0; k <= furthest; k++) {
    if (isSmall(up) || isSmall(down)) return true;
    up <<= 1n;
    if (up >= n) up -= n;
    // n is odd: one of the two is even.
    down = (down & 1n ? down + n : down) >> 1n;
  }
  return false;
}

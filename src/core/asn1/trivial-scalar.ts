/**
 * Upper bound on |c| below, in bits: multipliers of tables with 16-bit windows are shorter, and 48 leaves
 * room for cubes.
 */
const FEW_BITS = 48n;

/**
 * True if a scalar modulo the order n is a public constant: c * 2^k or a cube root of that, for small c and
 * any sign of c and k. Tables for fast multiplication contain such multiples of the generator. R mod n and
 * R^2 mod n of Montgomery multiplication, 1/2, and the cube roots of unity of curves with an endomorphism
 * (GLV) are such scalars too, though they look random. One in 2^190 random scalars passes.
 */
export function isTrivial(scalar: bigint, n: bigint): boolean {
  const cube = (((scalar * scalar) % n) * scalar) % n;
  // Enough for R^2, where R is at most a word longer than the order.
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
    // n is odd, so that one of the two is even.
    down = (down & 1n ? down + n : down) >> 1n;
  }
  return false;
}

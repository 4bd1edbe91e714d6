/** Unsigned big-endian integers as bytes. */

export function toBigint(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** Without leading zeros; zero is one byte. */
export function toBytes(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** Length in bits, without conversion to a bigint. */
export function bitLength(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === 0) at++;
  const first = bytes[at];
  return first === undefined ? 0 : (bytes.length - at) * 8 - Math.clz32(first) + 24;
}

/** Length in bits of the absolute value; 0 for zero. */
export function bitsOf(value: bigint): number {
  const digits = (value < 0n ? -value : value).toString(16);
  return digits.length * 4 - Math.clz32(Number.parseInt(digits[0]!, 16)) + 28;
}

/** `bytes` without leading zeros: a view; the number zero is empty. */
export function trimmed(bytes: Uint8Array): Uint8Array {
  let at = 0;
  while (at < bytes.length && bytes[at] === 0) at++;
  return bytes.subarray(at);
}

/** `bytes` left-padded with zeros to `size` octets (I2OSP, RFC 8017, 4.1); unchanged if longer. */
export function padded(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length >= size) return bytes;
  const out = new Uint8Array(size);
  out.set(bytes, size - bytes.length);
  return out;
}

/** Bits of the leading part on which the Lehmer steps run: quotients and cofactors stay exact as doubles. */
const HEAD = { least: 2 ** 50, bits: 51 };
const MOST_COFACTOR = 2 ** 26;

/**
 * Greatest common divisor by Lehmer's algorithm: Euclid's steps on the first 51 bits, applied to the numbers
 * at once.
 */
export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  if (x < y) [x, y] = [y, x];
  let shift = x.toString(16).length * 4;
  while (y !== 0n) {
    let head = Number(x >> BigInt(shift));
    while (shift > 0 && head < HEAD.least) {
      shift = Math.max(0, shift - HEAD.bits + Math.floor(Math.log2(Math.max(1, head))));
      head = Number(x >> BigInt(shift));
    }
    const steps = shift > 0 ? euclidOnHeads(head, Number(y >> BigInt(shift))) : undefined;
    if (steps === undefined) [x, y] = [y, x % y];
    else {
      const [p, q, r, s] = steps.map(BigInt) as [bigint, bigint, bigint, bigint];
      [x, y] = [p * x + q * y, r * x + s * y];
    }
  }
  return x;
}

/** Least common multiple. */
export const lcm = (a: bigint, b: bigint): bigint => (a / gcd(a, b)) * b;

/**
 * Euclid's steps whose quotients do not depend on the truncated bits, as a matrix with entries up to `most`;
 * undefined if there is no such step.
 */
function euclidOnHeads(
  x: number,
  y: number,
  most = MOST_COFACTOR,
): [number, number, number, number] | undefined {
  let [p, q, r, s] = [1, 0, 0, 1];
  while (y + r > 0 && y + s > 0) {
    const quotient = Math.floor((x + p) / (y + r));
    if (quotient !== Math.floor((x + q) / (y + s))) break;
    const [next, last] = [p - quotient * r, q - quotient * s];
    if (Math.abs(next) > most || Math.abs(last) > most) break;
    [p, q, r, s] = [r, s, next, last];
    [x, y] = [y, x - quotient * y];
  }
  return q === 0 ? undefined : [p, q, r, s];
}

/**
 * Half-way cofactors of the extended Euclidean algorithm for `a` and m, 0 < a < m: s and t with |s| <= |t|
 * and different signs. t and a*t mod m are about half as long as m; a*s mod m is as long or slightly longer.
 */
export function halfGcd(a: bigint, m: bigint): [s: bigint, t: bigint] {
  let [x, y, s, t] = [m, a, 0n, 1n];
  const middle = bitsOf(m) >> 1;
  for (let spare = bitsOf(y) - middle; spare > 0; spare = bitsOf(y) - middle) {
    const shift = BigInt(Math.max(0, bitsOf(x) - HEAD.bits));
    // A remainder shrinks by at most the bits by which the cofactors grow.
    const most = Math.min(MOST_COFACTOR, 2 ** (spare - 1));
    const steps = euclidOnHeads(Number(x >> shift), Number(y >> shift), most);
    if (steps === undefined) {
      const quotient = x / y;
      [x, y, s, t] = [y, x - quotient * y, t, s - quotient * t];
    } else {
      const [p, q, r, u] = steps.map(BigInt) as [bigint, bigint, bigint, bigint];
      [x, y, s, t] = [p * x + q * y, r * x + u * y, p * s + q * t, r * s + u * t];
    }
  }
  return [s, t];
}

/** a^-1 mod m by the extended Euclidean algorithm; undefined if gcd(a, m) is not 1. */
export function inverse(a: bigint, m: bigint): bigint | undefined {
  let [r0, r1] = [m, ((a % m) + m) % m];
  let [t0, t1] = [0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  if (r0 !== 1n) return undefined;
  return t0 < 0n ? t0 + m : t0;
}

/**
 * 2^-bits modulo an odd m, by a few multiplications; Euclid's algorithm takes a division for every bit or
 * two.
 */
export function inverseOfPower(bits: number, m: bigint): bigint {
  // 1/m modulo 2^bits by Newton's iteration: each step doubles the correct bits.
  let reciprocal = 1n;
  for (let right = 1; right < bits; right *= 2)
    reciprocal = BigInt.asUintN(bits, reciprocal * (2n - m * reciprocal));
  const multiple = BigInt.asUintN(bits, -reciprocal);
  return ((1n + m * multiple) >> BigInt(bits)) % m;
}

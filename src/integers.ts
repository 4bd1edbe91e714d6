/** Unsigned big-endian integers as bytes. */

export function toBigint(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** Without leading zeros; zero is one byte. */
export function toBytes(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** Length in bits, without making a bigint of it. */
export function bitLength(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === 0) at++;
  const first = bytes[at];
  return first === undefined ? 0 : (bytes.length - at) * 8 - Math.clz32(first) + 24;
}

/** `bytes` without leading zeros: a view; the number zero is empty. */
export function trimmed(bytes: Uint8Array): Uint8Array {
  let at = 0;
  while (at < bytes.length && bytes[at] === 0) at++;
  return bytes.subarray(at);
}

/** `bytes` with zeros in front up to `size` octets (I2OSP, RFC 8017, 4.1); longer than `size` stays as it is. */
export function padded(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length >= size) return bytes;
  const out = new Uint8Array(size);
  out.set(bytes, size - bytes.length);
  return out;
}

export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x < 0n ? -x : x;
}

/** a^-1 mod m, or undefined where they share a factor (extended Euclid). */
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

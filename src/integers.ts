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

/** I2OSP (RFC 8017, 4.1): big-endian, in exactly `size` octets. The value must fit. */
export const toOctets = (value: bigint, size: number): Buffer =>
  Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');

/** {@link toOctets}, least significant octet first. */
export const toLittleEndian = (value: bigint, size: number): Buffer => toOctets(value, size).reverse();

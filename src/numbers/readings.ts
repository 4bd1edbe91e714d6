import type { Reading } from './types.js';

/** In the order of the kernel's codes. */
export const READINGS: readonly Reading[] = ['limbs-le', 'bytes-be', 'int32-msw'];

const decoders: { [K in Reading]: (bytes: Buffer) => Buffer } = {
  'limbs-le': (bytes) => bytes.reverse(),
  'bytes-be': (bytes) => bytes,
  'int32-msw': (bytes) => bytes.swap32(),
};

/** Words of a run as an unsigned big-endian integer. The length is a multiple of 4 for `int32-msw`. */
export function toBigEndian(bytes: Uint8Array, reading: Reading): Buffer {
  return decoders[reading](Buffer.from(bytes));
}

/** Words of a run as a number. */
export function toNumber(bytes: Uint8Array, reading: Reading): bigint {
  return BigInt(`0x${toBigEndian(bytes, reading).toString('hex')}`);
}

/** Bits of a number. */
export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** The lowest 64 bits of a number: what the joins compare first. */
export function lowWord(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

const stored: { [K in Reading]: (low: bigint) => bigint } = {
  'limbs-le': (low) => low,
  'bytes-be': (low) => Buffer.from(low.toString(16).padStart(16, '0'), 'hex').readBigUInt64LE(),
  'int32-msw': (low) => BigInt.asUintN(64, low << 32n) | (low >> 32n),
};

/** The word of a run, read little-endian, that is the lowest of a number in this reading. */
export function fromLow(low: bigint, reading: Reading): bigint {
  return stored[reading](low);
}

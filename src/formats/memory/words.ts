import type { FieldReader } from '../../core/base/bytes/field-reader.js';

/** An unsigned word of 4 or 8 bytes. */
export function readWord(fields: FieldReader, at: number, size: 4 | 8): bigint {
  return size === 8 ? fields.u64(at) : BigInt(fields.u32(at));
}

/** A 64-bit count, size or offset, capped at 2^53 - 1, which is past the end of every file. */
export function capped(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

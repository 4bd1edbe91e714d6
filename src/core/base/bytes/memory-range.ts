import { FieldReader } from './field-reader.js';

/**
 * Memory decoded from a text dump, as a stream that keeps addresses: ranges in turn, each after a header of a
 * magic (16 bytes), address and length (u64 little-endian each). It exists only between unpacking and
 * sweeping.
 */
export interface MemoryRange {
  address: bigint;
  /** Bytes after the header. */
  length: number;
}

export const RANGE_HEADER = 32;
const MAGIC = Buffer.from('dumpsieve range\0', 'latin1');

export function rangeHeader({ address, length }: MemoryRange): Uint8Array {
  const bytes = Buffer.alloc(RANGE_HEADER);
  MAGIC.copy(bytes);
  bytes.writeBigUInt64LE(address, MAGIC.length);
  bytes.writeBigUInt64LE(BigInt(length), MAGIC.length + 8);
  return bytes;
}

/** The range whose header is at the start of `bytes`, or undefined. */
export function readRangeHeader(bytes: Uint8Array): MemoryRange | undefined {
  if (bytes.length < RANGE_HEADER || !MAGIC.equals(bytes.subarray(0, MAGIC.length))) return undefined;
  const fields = new FieldReader(bytes, 'le');
  const address = fields.u64(MAGIC.length);
  const length = fields.u64(MAGIC.length + 8);
  if (length === 0n || length > BigInt(Number.MAX_SAFE_INTEGER) || address + length > 2n ** 64n)
    return undefined;
  return { address, length: Number(length) };
}

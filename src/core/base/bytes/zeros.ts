/** Bytes that begin the comparison of a range with itself. */
const FIRST = 64;

/** All bytes are zero if the first ones are, and each other byte equals the one `FIRST` before it. */
export function isZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < Math.min(FIRST, bytes.length); i++) if (bytes[i] !== 0) return false;
  if (bytes.length <= FIRST) return true;
  return Buffer.compare(bytes.subarray(FIRST), bytes.subarray(0, bytes.length - FIRST)) === 0;
}

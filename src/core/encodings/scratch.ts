/**
 * Memory for the readings of one text. A report has a million short texts: an ArrayBuffer for each of their
 * forty readings would be the largest part of the time.
 */
const [BYTES, INDICES] = [1 << 18, 1 << 19];
const bytes = new Uint8Array(BYTES);
const indices = new Uint32Array(INDICES);
let usedBytes = 0;
let usedIndices = 0;

/** Uninitialised, valid until {@link releaseScratch}. */
export function scratchBytes(length: number): Uint8Array {
  if (usedBytes + length > BYTES) return new Uint8Array(length);
  usedBytes += length;
  return bytes.subarray(usedBytes - length, usedBytes);
}

/** Uninitialised, valid until {@link releaseScratch}. */
export function scratchIndices(length: number): Uint32Array {
  if (usedIndices + length > INDICES) return new Uint32Array(length);
  usedIndices += length;
  return indices.subarray(usedIndices - length, usedIndices);
}

/** Ends the use of all scratch memory, which may hold decoded secrets: its bytes are zeroed. */
export function releaseScratch(): void {
  bytes.fill(0, 0, usedBytes);
  usedBytes = 0;
  usedIndices = 0;
}

/** Calls a function that uses scratch memory, and ends the use of what it took. */
export function withScratch<T>(use: () => T): T {
  const [firstByte, firstIndex] = [usedBytes, usedIndices];
  try {
    return use();
  } finally {
    bytes.fill(0, firstByte, usedBytes);
    [usedBytes, usedIndices] = [firstByte, firstIndex];
  }
}

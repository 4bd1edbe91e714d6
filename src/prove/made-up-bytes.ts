/** Shorter bytes have too few steps to judge by. */
const LEAST = 8;
/** Steps that may differ: an alphabet wraps, and X25519 clears and sets bits of the first and last byte. */
const EXCEPTIONS = 8;

/** Bytes without the zeros around them: a key padded to a block is no constant. */
function withoutPadding(bytes: Uint8Array): Uint8Array {
  let [from, to] = [0, bytes.length];
  while (from < to && bytes[from] === 0) from++;
  while (to > from && bytes[to - 1] === 0) to--;
  return bytes.subarray(from, to);
}

/**
 * Bytes that people make up as a key: one byte repeated, or bytes that count (00 01 02, 00 11 22, abcdef,
 * 1234567890). Seven of eight steps from byte to byte are equal. Of random bytes, 8 have such steps once in
 * 2^45, 16 once in 2^90.
 */
export function madeUpBytes(bytes: Uint8Array): string | undefined {
  const inner = withoutPadding(bytes);
  if (inner.length === 0) return bytes.length > 0 ? 'bytes of zero' : undefined;
  if (inner.length < LEAST) return undefined;
  const steps = new Uint32Array(256);
  for (let i = 1; i < inner.length; i++) steps[(inner[i]! - inner[i - 1]!) & 0xff]!++;
  const most = steps.indexOf(Math.max(...steps));
  const exceptions = inner.length - 1 - steps[most]!;
  if (exceptions > Math.floor((inner.length - 1) / EXCEPTIONS)) return undefined;
  return most === 0 ? 'one byte repeated' : 'bytes that count';
}

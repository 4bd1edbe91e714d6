// Encodings in which the host passes numbers to `equation`: little-endian words (plain or in Montgomery
// form), or big-endian bytes.

export const MONTGOMERY: i32 = 0;
export const BIG_ENDIAN: i32 = 2;

/** Right side stored for a value >= p. Its left side is 0, which is far from this word. */
export const NEVER: u64 = 1 << 63;

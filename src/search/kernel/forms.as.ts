// How the host has a number whose sides of the curve's equation are formed: little-endian words that stand for themselves or are in Montgomery's
// form, or big-endian bytes.

export const MONTGOMERY: i32 = 0;
export const BIG_ENDIAN: i32 = 2;

/** The right side of what is no field element: its left side is zero, and nothing is near both. */
export const NEVER: u64 = 1 << 63;

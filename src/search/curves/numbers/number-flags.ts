/** Flags of a number (src/sweep/runs/kernel/scalars.as.ts): it may be a scalar. */
export const SCALAR = 1;
/** It likely is a scalar, because it has an object of its own. */
export const LIKELY = 2;
/** An array of 32-bit integers, most significant first, begins here. */
export const ARRAY_START = 4;
/** It lies between two copies of one number, as a private key does between copies of its public key. */
export const BETWEEN_COPIES = 8;

/** A budget, and the seconds of one core for a unit of what exceeds it: one candidate, if not named. */
export type LimitRow = readonly [budget: string, seconds: number | undefined];

/** A bound on memory, which `--deep` has too: what exceeds it is lost. */
export const MEMORY = undefined;

/**
 * Seconds of one core for the private halves of public keys that are written in the artifact or asked for,
 * and more for each byte of the artifact; and for the private halves of all other public keys.
 */
export const IDENTITIES = { least: 20, perByte: 1e-7 } as const;
export const OTHER_IDENTITIES = 5;

/** Seconds for one product of two 64-bit words. */
export const PRODUCT = 2.5e-9;
/** Seconds for one multiple on P-256. */
export const MULTIPLE = 13e-6;
/** Seconds for a block of SHA-256, with the midstates of the keys. */
export const HMAC_BLOCK = 1e-7;

/** What a budget bounds: work, which `--effort deep` does, or memory or a list, at any effort. */
export type Bound = 'work' | 'memory';

export type LimitRow = readonly [budget: string, bound: Bound];

/**
 * Seconds of one core, and more for each byte of the artifact, for likely candidates as private halves of
 * public keys that are written in it, and for all candidates as those of targets. Ordinary dumps need a
 * hundredth; it bounds what a crafted one costs.
 */
export const IDENTITIES = { least: 20, perByte: 1e-7 } as const;

/**
 * Seconds of one core for likely candidates as private halves of all other public keys: a point may be that
 * of the process although it never wrote it as a key.
 */
export const OTHER_IDENTITIES = 5;

/** Seconds of one core for all other candidates: by dense bytes, with a minimum by the length. */
const OTHERS = { perByte: 6e-9, least: 2, small: 0.2, smallBytes: 8 << 20 } as const;
/** Shares of searches whose work grows with candidates times public keys or tokens. */
const SHARES = { rsa: 1 / 4, curves: 1 / 2, hmac: 1 / 4 } as const;

/** The length of an artifact, and of its dense memory (search/core/run-list.ts), in bytes. */
export interface MemorySize {
  length: number;
  dense: number;
}

/** Seconds of one core for candidates that are not likely. */
export function secondsForOthers(search: keyof typeof SHARES, { length, dense }: MemorySize): number {
  const least = length < OTHERS.smallBytes ? OTHERS.small : OTHERS.least;
  return SHARES[search] * Math.max(least, OTHERS.perByte * dense);
}

/** Seconds for one product of two 64-bit words. */
export const PRODUCT = 2.5e-9;
/** Seconds for one multiple on P-256. */
export const MULTIPLE = 13e-6;
/** Seconds for a block of SHA-256, with the midstates of the keys. */
export const HMAC_BLOCK = 1e-7;

import type { SearchId } from './searches.js';

/** Kinds of memory that prices are measured on: bench/price.ts. */
export const PRICED = ['noise', 'code', 'values', 'JVM'] as const;
export type PricedMemory = (typeof PRICED)[number];

/** Seconds of one core a GB of dense memory, by search and kind of memory; not listed: below 0.01. */
export const PRICES: Readonly<Partial<Record<SearchId, readonly number[]>>> = {
  'rsa-two-primes': [17, 0.52, 0, 0.01],
  'rsa-known-primes': [140, 2.3, 2, 0.15],
  'rsa-known-d': [0, 0.57, 0, 0.01],
  'rsa-known-crt': [530, 4.6, 0, 0.23],
  'rsa-known-montgomery': [29, 0.54, 0, 0.01],
  'rsa-n-and-prime': [6.7, 0.78, 0, 0.03],
  'rsa-n-and-d': [4.6, 0.22, 0.13, 0.02],
  'rsa-crt-parts': [3.7, 1.7, 1.2, 0.2],
  'ec-scalars': [180, 5.8, 63, 0.88],
  curve25519: [9.3, 1.3, 8.1, 0.39],
  curve448: [0.13, 0.03, 0.06, 0.01],
  'hmac-secrets': [29, 5.7, 14, 5.4],
  'hmac-states': [8.6, 0.48, 12, 0.06],
};

/** Keys of the recall ledger that this search has found and no detector: bench/recall.ts counts them. */
export const YIELDS: Readonly<Partial<Record<SearchId, number>>> = {
  'rsa-two-primes': 29,
  'rsa-known-crt': 2,
  'rsa-known-montgomery': 2,
  'rsa-prime-parts': 4,
  'rsa-n-and-prime': 2,
  'rsa-n-and-d': 1,
  'rsa-crt-parts': 2,
  'ec-scalars': 55,
  curve25519: 19,
  'openssh-shielded': 6,
};

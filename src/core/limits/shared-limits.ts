import { type LimitRow, MEMORY } from './costs.js';

/** Names in `coverage.limits` that concern all searches, or all of one step. */
export const SHARED_LIMITS = {
  'known-numbers': ['8 lengths of known numbers with one lowest word', 1e-4],
  runs: ['`--effort quick`: 32,768 runs of random-looking words, plus one per 8 KiB', 6e-6],
  numbers: ['2,097,152 runs of random-looking words', MEMORY],
  'inner-numbers': [
    '4,096 numbers of 32 bytes beside others in one run, or one per 192 KiB if more; half of 48',
    40e-6,
  ],
  texts: ['32 MiB of texts of RSA’s sizes, 262,144 of 64 octets, 16,384 of Ed448’s and X448’s', MEMORY],
  'rsa-text-moduli': ['256 members of JSON Web Keys without a public key', 0.05],
  'rsa-numbers': ['the search for RSA keys was stopped by `--time-limit` or a signal', MEMORY],
  'rsa-proofs': ['40,000 units of proof for RSA keys', 1e-3],
} as const satisfies Record<string, LimitRow>;

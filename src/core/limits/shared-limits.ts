import type { LimitRow } from './costs.js';

/** Names in `coverage.limits` that concern all searches, or all of one step. */
export const SHARED_LIMITS = {
  'known-numbers': ['8 lengths of known numbers with one lowest word', 'work'],
  runs: ['`--effort quick`: 32,768 runs of random-looking words, plus one per 8 KiB', 'work'],
  numbers: ['2,097,152 runs of random-looking words', 'memory'],
  'inner-numbers': [
    '4,096 numbers of 32 bytes beside others in one run, or one per 192 KiB if more; half of 48',
    'work',
  ],
  texts: ['32 MiB of texts of RSA’s sizes, 262,144 of 64 octets, 16,384 of Ed448’s and X448’s', 'memory'],
  'rsa-text-moduli': ['256 members of JSON Web Keys without a public key', 'work'],
  'rsa-numbers': ['the search for RSA keys was stopped by `--time-limit` or a signal', 'memory'],
  'rsa-proofs': ['40,000 units of proof for RSA keys', 'work'],
} as const satisfies Record<string, LimitRow>;

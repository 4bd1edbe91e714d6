import type { LimitRow } from '../search/costs.js';
import type { Limit, LimitTarget } from './report.js';

/** `--deep` leaves it out as well: a bound on memory, or on the length of a report. */
const KEPT = undefined;

/**
 * Names in `coverage.limits` outside of the searches (those are in search/search.ts), each with its budget
 * and the seconds of one core for a unit of what exceeds it. docs/keys.md is generated from both tables.
 */
export const OTHER_LIMITS = {
  detect: ['a rule: 100,000 matches (a key counts as ten), 65,536 failed hits plus one per 256 bytes', 10e-6],
  'jwk-reach': ['8 characters read per byte of a window; then 2,048 on each side of a further `kty`', KEPT],
  windows: ['512 segments in the window around a hit', KEPT],
  seams: ['262,144 seams, 524,288 pieces around them, as many bytes as the file has', KEPT],
  'public-keys': ['50,000 public keys', KEPT],
  certificates: ['32 certificates of a key, 16 MiB of all', KEPT],
  jwt: ['tokens of 16 KiB', KEPT],
  tokens: ['131,072 tokens, 32 MiB of them', KEPT],
  'jwt-signatures': ['1,250,000 units (an HMAC is one, a signature 25) for tokens under proven keys', 2e-6],
  'certificate-signatures': ['1,000 certificates under the keys of their issuers', 60e-6],
  proof: ['40,000 units of about 1 ms for proofs', 1e-3],
  'key-evidence': ['20,000 keys that are compared with certificates and tokens', KEPT],
  'hmac-documented': ['200,000 trials of the usual secrets of documentation, as many of all others', 2e-6],
  copies: ['100,000 copies, 10,000 of a value; all encodings of keys in four sweeps of 16,000 pieces', KEPT],
  findings: ['100,000 findings in the report of an artifact', KEPT],
  occurrences: ['200,000 places beyond the 1,000 of a finding', KEPT],
  fingerprint: ['1,000 slow fingerprints of guessable secrets a scan', KEPT],
} as const satisfies Record<string, LimitRow>;

export type OtherLimitName = keyof typeof OTHER_LIMITS;

interface LeftOut {
  left: number;
  /** In the units of the row; one each by default. */
  work?: number;
  target?: LimitTarget;
}

/** A limit outside of the searches. Between `from` and `to`, `left` items were left out. */
export function limitOf(
  search: OtherLimitName,
  { left, work = left, target = 'blind' }: LeftOut,
  { offset, length }: Pick<Limit, 'offset' | 'length'>,
  reason: string,
): Limit {
  const [, seconds]: LimitRow = OTHER_LIMITS[search];
  const estimate = seconds === undefined ? {} : { estimate: work * seconds };
  return { offset, length, search, target, left, ...estimate, reason };
}

import type { Bound } from './costs.js';

const MEMORY = 'memory';
const WORK = 'work';

interface LimitFacts {
  /** What could be missed, as the subject of a sentence. */
  hides: string;
  /** What to do where `--effort deep` leaves it out as well; {@link ALONE} by default. */
  instead?: string;
  /**
   * Without it, bytes or hits of which a rule is certain are not searched: exit status 2, as for bytes that
   * were not read.
   */
  incomplete?: true;
  /** An answer to `--find` needs it: with targets, `asked` is the limit's target. */
  answers?: true;
}

/** A budget, what it bounds, and the parts of its sentence. */
export type OtherLimitRow = readonly [budget: string, bound: Bound, facts: LimitFacts];

/** What to do about a bound on memory. */
export const ALONE = 'scan these bytes as a file of their own';
const ONLY_NAMES = 'nothing needs to be done, keys and secrets are reported all the same';

/**
 * Names in `coverage.limits` outside of the searches (those are in limits/searches.ts). docs/searches.md is
 * generated from both tables.
 */
export const OTHER_LIMITS = {
  detect: [
    'a rule: 100,000 matches (a key counts as ten), 65,536 failed hits plus one per 256 bytes',
    WORK,
    { hides: 'a further secret of that rule', incomplete: true, answers: true },
  ],
  'jwk-reach': [
    '8 characters read per byte of a window; then 2,048 on each side of a further `kty`',
    MEMORY,
    { hides: 'a longer JSON Web Key', instead: ALONE, incomplete: true, answers: true },
  ],
  windows: [
    '512 segments in the window around a hit',
    MEMORY,
    { hides: 'a key or token that spans more segments', instead: ALONE, incomplete: true, answers: true },
  ],
  seams: [
    '262,144 seams, 524,288 pieces around them, as many bytes as the file has',
    MEMORY,
    {
      hides: 'a key or token that lies on both sides of a seam',
      instead: 'convert the dump to a format with fewer segments',
      answers: true,
    },
  ],
  'public-keys': [
    '50,000 public keys',
    MEMORY,
    { hides: 'the private half of one of them', instead: 'search for it with --find' },
  ],
  certificates: [
    '32 certificates of a key, 16 MiB of all; 8 without a signature, 4 MiB',
    MEMORY,
    { hides: 'the name of a key’s owner', instead: ONLY_NAMES },
  ],
  jwt: ['tokens of 16 KiB', MEMORY, { hides: 'the proof that a key signs tokens', instead: ONLY_NAMES }],
  tokens: [
    '131,072 tokens, 32 MiB of them',
    MEMORY,
    { hides: 'a secret that signs one of these tokens alone', instead: ALONE },
  ],
  'jwt-signatures': [
    '1,250,000 units (an HMAC is one, a signature 25) for tokens under proven keys',
    WORK,
    { hides: 'the proof that a key signs tokens' },
  ],
  sessions: [
    '8,192 session tokens, 8 MiB of them',
    MEMORY,
    { hides: 'the proof that a secret signs sessions', instead: ALONE },
  ],
  'session-proofs': [
    '1,250,000 units (an HMAC is one, a key of Rails 1,000) for session tokens under secrets of text',
    WORK,
    { hides: 'the proof that a secret signs sessions' },
  ],
  'session-secrets': [
    '1,250,000 units (an HMAC is one, half for PBKDF2) for texts as secrets of session tokens',
    WORK,
    { hides: 'the secret of a session token' },
  ],
  'certificate-signatures': [
    '1,000 certificates under the keys of their issuers',
    WORK,
    { hides: 'the proof that a key is a certificate authority’s' },
  ],
  proof: [
    '40,000 units of about 1 ms for proofs',
    WORK,
    { hides: 'the proof of a key that is reported without it', answers: true },
  ],
  'key-evidence': [
    '20,000 keys that are compared with certificates and tokens',
    MEMORY,
    { hides: 'the name of a key’s owner', instead: ONLY_NAMES },
  ],
  'hmac-documented': [
    '200,000 trials of the usual secrets of documentation, as many of all others',
    WORK,
    { hides: 'a token that everybody can forge' },
  ],
  copies: [
    '100,000 copies, 10,000 of a value; all encodings of keys in four sweeps of 16,000 pieces',
    MEMORY,
    {
      hides: 'a copy of a reported secret or of a --find target',
      instead: 'keep the whole dump where it is',
      answers: true,
    },
  ],
  owners: [
    '4,194,304 random-looking values, as many objects that hold them',
    MEMORY,
    { hides: 'a secret whose name only pointers lead to', instead: 'take the dump of a smaller heap' },
  ],
  findings: [
    '100,000 findings in the report of an artifact',
    MEMORY,
    { hides: 'a further finding of that rule', instead: 'scan with --only for that rule alone' },
  ],
  occurrences: [
    '200,000 places beyond the 1,000 of a finding',
    MEMORY,
    { hides: 'a further place of a reported secret', instead: ONLY_NAMES },
  ],
  fingerprint: [
    '1,000 slow fingerprints of guessable secrets a scan',
    MEMORY,
    { hides: 'the name under which a baseline accepts a finding', instead: 'scan fewer files at a time' },
  ],
} as const satisfies Record<string, OtherLimitRow>;

export type OtherLimitName = keyof typeof OTHER_LIMITS;

/** The parts of a sentence for a limit outside of the searches; undefined for other names. */
export function factsOf(name: string): LimitFacts | undefined {
  return Object.hasOwn(OTHER_LIMITS, name) ? OTHER_LIMITS[name as OtherLimitName][2] : undefined;
}

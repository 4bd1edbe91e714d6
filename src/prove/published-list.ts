/**
 * Keys that anyone can read in a specification or in a library's source: real keys, and no leak.
 * SHA-256 over the canonical SubjectPublicKeyInfo, lower-case hex, and where it was published.
 * fixtures/published-keys.ts holds the published numbers; a test computes every hash from them.
 */
export const PUBLISHED_KEYS: ReadonlyMap<string, string> = new Map([
  // No numbers of ours: read in the library's binary (Debian 13) and hashed there.
  [
    '9ee7dddbf38cff162f0f90b732cd1271b45c710f8520b2e939e0203e4a87f919',
    'NSS softoken and freebl, RSA-2048 self-test',
  ],
  ['4b29690ed247e0820278f2c92062c1e2932e44744cd131771dbec4d0c865a775', 'GnuTLS 3.8, P-256 self-test'],
]);

/** SHA-256 over the key's bytes, lower-case hex, and where it was published. */
export const PUBLISHED_SYMMETRIC_KEYS: ReadonlyMap<string, string> = new Map([]);

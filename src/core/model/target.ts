import type { Finding, FindReport } from './report.js';

/** A key or value that is asked for: a target of --find. */
export interface Target {
  /**
   * Identifies it, and how it is searched for: `private:` or `public:` and the SPKI digest of a key that the
   * file has, `sha256:` and a digest or `ssh:` and an SSH fingerprint that it names, the fingerprint of a
   * value.
   */
  digest: string;
  /** The file's name, and what distinguishes it from others in the file. */
  name: string;
  /** Further names of the same key or value in the file. */
  alsoNamed?: readonly string[];
  askedBy: FindReport['askedBy'];
  /** Hexadecimal, as `spkiSha256` of a report. */
  spki?: string;
  /** `SHA256:…`, as `sshFingerprint` of a report. */
  ssh?: string;
  /** The `jwkThumbprint` of a report. */
  jwk?: string;
  /** Fingerprints that findings of it would have, by the rules. */
  fingerprints: readonly NonNullable<Finding['fingerprint']>[];
}

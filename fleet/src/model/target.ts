import type { Finding, FindReport } from '../../../src/model/report.js';

/** A key or value that is asked for: a target of --find or --key. */
export interface Target {
  /** Identifies it: `spki:…`, `ssh:…`, `sha256:…` of a public digest, or the fingerprint of a value. */
  digest: string;
  /** The file's name, and what distinguishes it from others in the file. */
  name: string;
  askedBy: FindReport['askedBy'];
  /** Hexadecimal, as `spkiSha256` of a report. */
  spki?: string;
  /** `SHA256:…`, as `sshFingerprint` of a report. */
  ssh?: string;
  /** As `jwkThumbprint` of a report. */
  jwk?: string;
  /** Fingerprints that findings of it would have, by the rules. */
  fingerprints: readonly Finding['fingerprint'][];
}

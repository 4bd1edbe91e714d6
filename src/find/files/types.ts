import type { Secret } from '../../base/crypto/secret.js';

/** One thing that a file asks for. `label` tells it from the others in its file: key id, subject, variable, comment. */
export type FileEntry = { label: string } & (
  | {
      type: 'key';
      /** DER SubjectPublicKeyInfo in canonical form. */
      spki: Uint8Array;
      /** The text or DER that holds the private half, where the file has it in the clear. */
      holder?: Secret;
    }
  | {
      type: 'value';
      value: Secret;
      /** A line of an `.env` that looks like a setting rather than a secret: a word, a path, an address. */
      setting: boolean;
    }
  | {
      type: 'digest';
      /** Lower-case hex of SHA-256 over a SubjectPublicKeyInfo. */
      spkiSha256: string;
    }
  | {
      type: 'ssh-fingerprint';
      /** As `ssh-keygen -l` prints it: `SHA256:` and base64 without padding. */
      sshFingerprint: string;
    }
  | {
      /** Something that asks, as far as its form says, and cannot be read. `label` says what and where. */
      type: 'unread';
    }
);

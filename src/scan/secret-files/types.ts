import type { Secret } from '../../core/base/crypto/secret.js';

/**
 * An entry of a file of targets or allowed secrets. `label`: key id, subject, variable or comment.
 * `alsoNamed`: further labels of the same key or value in the file.
 */
export type FileEntry = { label: string; alsoNamed?: readonly string[] } & (
  | {
      type: 'key';
      /** DER SubjectPublicKeyInfo in canonical form. */
      spki: Uint8Array;
      /** The text or DER with the private half, if the file has it in the clear. */
      holder?: Secret;
    }
  | {
      type: 'value';
      value: Secret;
      /** The value looks like a setting rather than a secret: a word, a path, an address. */
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
      /** An entry by its form that cannot be read. `label`: its kind and place. */
      type: 'unread';
      /** It is encrypted, and none of the passwords that were given fits. */
      isLocked?: true;
    }
);

import { sha256Hex } from '../../core/asn1/spki.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { identifySecret, slowFingerprint } from '../../prove/fingerprint.js';
import type { FileEntry } from '../secret-files/keys.js';

function fingerprintOf(secret: Secret): string {
  const identity = identifySecret(secret);
  return identity.fingerprint ?? slowFingerprint(identity.guessable);
}

/** A digest has no fingerprint: it is another name of the key (`prove/key-identifiers.ts`). */
const FINGERPRINTS: { [T in FileEntry['type']]: (entry: Extract<FileEntry, { type: T }>) => string[] } = {
  key: ({ spki }) => [`v1:${sha256Hex(spki)}`],
  value: ({ value }) => [fingerprintOf(value)],
  digest: ({ spkiSha256 }) => [`v1:${spkiSha256}`],
  'ssh-fingerprint': ({ sshFingerprint }) => [sshFingerprint],
  unread: () => [],
};

/** Fingerprints of known secrets as a report has them, and names of keys. A guessable value costs 40 ms. */
export function knownFingerprints(known: readonly FileEntry[]): Set<string> {
  return new Set(
    known.flatMap((entry) => (FINGERPRINTS[entry.type] as (entry: FileEntry) => string[])(entry)),
  );
}

/** The line end that `echo` and editors append is not part of a token. */
const LINE_END = /\r?\n$/;

/** Fingerprint of a token: of its text without a final line end, or of bytes that are not text. */
export function tokenFingerprint(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  const binary = text.includes('\ufffd') || text.includes('\0');
  return fingerprintOf(binary ? new Secret(bytes) : Secret.text(text.replace(LINE_END, '')));
}

import { sha256Hex } from '../asn1/spki.js';
import { Secret } from '../base/crypto/secret.js';
import type { Wanted } from '../find/files/types.js';
import { identifySecret, slowFingerprint } from '../prove/fingerprint.js';

function ofValue(secret: Secret): string {
  const identity = identifySecret(secret);
  return identity.fingerprint ?? slowFingerprint(identity.guessable);
}

/** Of a digest no fingerprint can be made: it is a name that the fold asks for beside it (`key-identifiers.ts`). */
const PRINTS: { [T in Wanted['type']]: (wanted: Extract<Wanted, { type: T }>) => string[] } = {
  key: ({ spki }) => [`v1:${sha256Hex(spki)}`],
  value: ({ value }) => [ofValue(value)],
  digest: ({ spkiSha256 }) => [`v1:${spkiSha256}`],
  'ssh-fingerprint': ({ sshFingerprint }) => [sshFingerprint],
  unread: () => [],
};

/** The fingerprints that a report would bear for things that their owner knows, and names of keys. A guessable value costs 40 ms. */
export function knownFingerprints(known: readonly Wanted[]): Set<string> {
  return new Set(known.flatMap((wanted) => (PRINTS[wanted.type] as (wanted: Wanted) => string[])(wanted)));
}

/** One line end, as `echo` and editors leave it behind: no part of a token. */
const LINE_END = /\r?\n$/;

/** The fingerprint of a token's own text in bytes; bytes that are no text stay as they are. */
export function tokenFingerprint(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  const binary = text.includes('\ufffd') || text.includes('\0');
  return ofValue(binary ? new Secret(bytes) : Secret.text(text.replace(LINE_END, '')));
}

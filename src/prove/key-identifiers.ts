import { canonicalSpki, sha256Hex } from '../asn1/spki.js';
import { spkiForms } from '../asn1/spki-forms.js';
import type { KeyFacts } from '../model/report.js';

/** Identifiers by which a key may be known, whatever form it was found in. */

/**
 * SHA-256 over a SubjectPublicKeyInfo as given, over its canonical form and over the other forms that
 * programs print; and the SSH fingerprint.
 */
export function keyIdentifiers(spki: Uint8Array, ssh: string | undefined): string[] {
  const canonical = canonicalSpki(spki);
  const digests = [spki, canonical, ...spkiForms(canonical)].map((each) => `v1:${sha256Hex(each)}`);
  return [...new Set(digests), ...(ssh === undefined ? [] : [ssh])];
}

/** The identifiers of a key, from its facts. */
export function identifiersOfFacts(facts: Pick<KeyFacts, 'spki' | 'sshFingerprint'> | undefined): string[] {
  if (facts?.spki === undefined) return [];
  return keyIdentifiers(Buffer.from(facts.spki, 'base64'), facts.sshFingerprint);
}

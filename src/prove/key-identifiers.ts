import { canonicalSpki, sha256Hex } from '../asn1/spki.js';
import { spellings } from '../asn1/spki-forms.js';
import type { KeyFacts } from '../model/report.js';

/** What the owner of a key may know it by, whatever form it has where it was found. */

/** SHA-256 over a SubjectPublicKeyInfo as it is written, over its canonical form and over the others that programs print; SSH's fingerprint. */
export function namesOf(spki: Uint8Array, ssh: string | undefined): string[] {
  const canonical = canonicalSpki(spki);
  const digests = [spki, canonical, ...spellings(canonical)].map((each) => `v1:${sha256Hex(each)}`);
  return [...new Set(digests), ...(ssh === undefined ? [] : [ssh])];
}

/** The names of a key of which these facts are known. */
export function namesOfFacts(facts: Pick<KeyFacts, 'spki' | 'sshFingerprint'> | undefined): string[] {
  if (facts?.spki === undefined) return [];
  return namesOf(Buffer.from(facts.spki, 'base64'), facts.sshFingerprint);
}

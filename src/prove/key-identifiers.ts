import { type Curve, curveByName } from '../core/asn1/curves.js';
import { explicitParameters } from '../core/asn1/ec-parameters.js';
import { canonicalSpki, readSpki, sha256Hex, spkiEc, spkiRsa } from '../core/asn1/spki.js';
import type { KeyFacts } from '../core/model/report.js';

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

/**
 * An uncompressed point in the forms of SEC 1, 2.3.3 (compressed) and X9.62, 4.3.6 (hybrid). OpenSSL keeps
 * the form that a key was written with (`openssl ec -conv_form`).
 */
function pointForms(point: Uint8Array): Uint8Array[] {
  const parity = point.at(-1)! & 1;
  const compressed = point.slice(0, (point.length + 1) / 2);
  compressed[0] = 2 | parity;
  const hybrid = point.slice();
  hybrid[0] = 6 | parity;
  return [point, compressed, hybrid];
}

function ecForms(curve: Curve, point: Uint8Array): Uint8Array[] {
  return pointForms(point).flatMap((form) => {
    const numbers = explicitParameters(curve);
    return [spkiEc(curve, form), ...(numbers === undefined ? [] : [spkiEc(curve, form, numbers)])];
  });
}

/**
 * The encodings in which programs write the public key with this canonical form (`canonicalSpki`): a digest
 * to look up may be of any of them. RSASSA-PSS with parameters is missing, since only the key has these.
 */
function spkiForms(canonical: Uint8Array): Uint8Array[] {
  const key = readSpki(canonical)?.key;
  if (key?.type === 'rsa') return [canonical, spkiRsa(key.n, key.e, { parameters: undefined })];
  const curve = key?.type === 'ec' ? curveByName(key.curve) : undefined;
  if (curve === undefined || key?.type !== 'ec' || key.point[0] !== 4) return [canonical];
  return ecForms(curve, key.point);
}

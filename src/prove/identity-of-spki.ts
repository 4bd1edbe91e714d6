import { curveByName } from '../core/asn1/curves.js';
import { canonicalSpki, readSpki, uncompressed } from '../core/asn1/spki.js';
import { trimmed } from '../core/base/bytes/integers.js';
import { ecIdentity, okpIdentity, type PublicIdentity, rsaIdentity } from './identity.js';
import { publishedKey } from './published.js';
import type { ProofResult } from './types.js';

/** Identity of a public key from its SubjectPublicKeyInfo; undefined for DSA and unknown curves. */
export function identityOfSpki(spki: Uint8Array): PublicIdentity | undefined {
  const key = readSpki(spki)?.key;
  if (key?.type === 'rsa') return rsaIdentity(trimmed(key.n), trimmed(key.e));
  if (key?.type === 'okp') return okpIdentity(key.curve, key.public);
  const curve = key?.type === 'ec' ? curveByName(key.curve) : undefined;
  const point = curve && key?.type === 'ec' ? uncompressed(curve, key.point) : undefined;
  return curve && point && ecIdentity(curve, point);
}

/** The result for a published key of which only the public half is here: anyone has the private one. */
export function publishedHalf(spki: Uint8Array): ProofResult | undefined {
  const published = publishedKey(canonicalSpki(spki));
  const identity = published === undefined ? undefined : identityOfSpki(spki);
  if (published === undefined || identity === undefined) return undefined;
  const statements = [`its private half was published: ${published}`];
  return { status: 'proven', statements, ...identity, components: [], published };
}

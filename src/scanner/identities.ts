import { canonicalSpki, sha256Hex } from '../asn1/spki.js';
import { isPublicRoot } from '../judge/issued-certificates.js';
import type { EffortLevel } from '../model/effort.js';
import type { PublicKey } from '../search/core/types.js';

/**
 * Public keys for the search for bare keys: those of the artifact, and targets. Public roots are marked, so
 * that nothing is searched for them unless they are targets or the effort is `deep`: every TLS process has
 * hundreds, without private halves.
 */
export function publicKeysOf(
  shown: Iterable<PublicKey>,
  asked: readonly PublicKey[],
  effort: EffortLevel,
): PublicKey[] {
  const idOf = ({ spki }: PublicKey): string => sha256Hex(canonicalSpki(spki));
  const wanted = new Set(asked.map(idOf));
  const marked = [...shown].map((key) =>
    effort !== 'deep' && isPublicRoot(key.spki) && !wanted.has(idOf(key))
      ? { ...key, isPublicRoot: true }
      : key,
  );
  return [...marked, ...asked];
}

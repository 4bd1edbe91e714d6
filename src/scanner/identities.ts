import { canonicalSpki, sha256Hex } from '../asn1/spki.js';
import type { Pausing } from '../base/runtime/turns.js';
import { isPublicRoot } from '../judge/issued-certificates.js';
import type { EffortLevel } from '../model/effort.js';
import type { SearchedPublicKey } from '../search/core/types.js';

/**
 * Public keys for the search for bare keys: those of the artifact, and targets. Public roots are marked, so
 * that nothing is searched for them unless they are targets or the effort is `deep`: every TLS process has
 * hundreds, without private halves.
 */
export function* publicKeysOf(
  shown: Iterable<SearchedPublicKey>,
  asked: readonly SearchedPublicKey[],
  effort: EffortLevel,
): Pausing<never, SearchedPublicKey[]> {
  const idOf = ({ spki }: SearchedPublicKey): string => sha256Hex(canonicalSpki(spki));
  const wanted = new Set(asked.map(idOf));
  const marked: SearchedPublicKey[] = [];
  for (const key of shown) {
    const isRoot = effort !== 'deep' && isPublicRoot(key.spki) && !wanted.has(idOf(key));
    marked.push(isRoot ? { ...key, isPublicRoot: true } : key);
    yield;
  }
  return [...marked, ...asked];
}

import { canonicalSpki, sha256Hex } from '../asn1/spki.js';
import { isPublicRoot } from '../judge/public-roots.js';
import type { PublicKey } from '../search/core/types.js';

/**
 * Public keys that the search for bare numbers is held against: those that an artifact shows, and those that are asked for. A
 * public root among them is marked, so that nothing is searched for it, unless somebody asks for it or for everything: any process
 * that speaks TLS has them by the hundred, and their private halves are in no such process.
 */
export function publicKeysOf(
  shown: Iterable<PublicKey>,
  asked: readonly PublicKey[],
  deep: boolean,
): PublicKey[] {
  const idOf = ({ spki }: PublicKey): string => sha256Hex(canonicalSpki(spki));
  const wanted = new Set(asked.map(idOf));
  const marked = [...shown].map((key) =>
    !deep && isPublicRoot(key.spki) && !wanted.has(idOf(key)) ? { ...key, root: true } : key,
  );
  return [...marked, ...asked];
}

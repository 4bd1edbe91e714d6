import { canonicalSpki, sha256Hex } from '../core/asn1/spki.js';
import type { Pausing } from '../core/base/runtime/turns.js';
import type { EffortLevel } from '../core/model/effort.js';
import type { Extent } from '../core/model/report.js';
import type { View } from '../formats/memory/types.js';
import { isPublicRoot } from '../prove/judge/issued-certificates.js';
import type { ShownKey } from '../prove/judge/joiner.js';
import { publishedKey } from '../prove/published.js';
import { foreignBy, type IdentityFacts, isForeign } from '../search/core/foreign.js';
import type { SearchedPublicKey } from '../search/core/types.js';

/** Places of a public key that the searches look around. */
const MOST_PLACES = 33;

/** What is around the public keys of an artifact. */
export interface Surroundings {
  /** See {@link View.isFileBacked}. */
  isFileBacked?: View['isFileBacked'] | undefined;
  /** True beside a marker of private keys. */
  nearMarker(place: Extent): boolean;
  /** Those of the keys that have made a signature of the artifact, or were not tried with all of them. */
  signers(keys: readonly Uint8Array[]): Pausing<never, ReadonlySet<Uint8Array>>;
}

/** What is beside a marker of private keys, if these are the places of all public keys. */
export type MarkersNear = (encodings: readonly Extent[]) => Surroundings['nearMarker'];

/**
 * Public keys for the search for bare keys: those of the artifact, and targets. Public roots are marked, so
 * that nothing is searched for them unless they are targets or the effort is `deep`: every TLS process has
 * hundreds, without private halves. Of the others, those that may be foreign are marked.
 */
export function* publicKeysOf(
  shown: Iterable<ShownKey>,
  asked: readonly SearchedPublicKey[],
  effort: EffortLevel,
  around: Surroundings,
): Pausing<never, SearchedPublicKey[]> {
  const idOf = (spki: Uint8Array): string => sha256Hex(canonicalSpki(spki));
  const wanted = new Set(asked.map(({ spki }) => idOf(spki)));
  const keys: SearchedPublicKey[] = [];
  const facts = new Map<Uint8Array, IdentityFacts>();
  for (const { spki, places, ...evidence } of shown) {
    const key = { spki, places: places.slice(0, MOST_PLACES).map(({ offset }) => offset) };
    const isAsked = wanted.has(idOf(spki));
    const isRoot = effort !== 'deep' && !isAsked && isPublicRoot(spki);
    keys.push(isRoot ? { ...key, isPublicRoot: true } : key);
    if (!isRoot)
      facts.set(spki, {
        ...evidence,
        places: places.map((place) => ({ ...place, inModule: around.isFileBacked?.(place.offset) ?? false })),
        isPublished: publishedKey(canonicalSpki(spki)) !== undefined,
        isAsked,
        hasMarker: places.some(around.nearMarker),
        hasSigned: false,
      });
    yield;
  }
  const doubtful = [...facts].filter(([, each]) => foreignBy(each) !== undefined);
  const signers = doubtful.length > 0 ? yield* around.signers(doubtful.map(([spki]) => spki)) : new Set();
  const foreign = new Map(
    doubtful.map(([spki, each]) => [spki, foreignBy({ ...each, hasSigned: signers.has(spki) })]),
  );
  const marked = keys.map((key) => {
    const own = foreign.get(key.spki);
    return own === undefined ? key : { ...key, foreign: own };
  });
  return [...marked, ...asked];
}

/** What the search has taken a public key for: `written`, `foreign (list)`. */
export function kindOfIdentity({ isTarget, isPublicRoot, foreign }: SearchedPublicKey): string {
  if (isTarget) return 'asked';
  if (isPublicRoot) return 'root';
  return isForeign(foreign) ? `foreign (${foreign!.by})` : 'written';
}

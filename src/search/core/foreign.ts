import { covers, unionOf } from '../../core/base/bytes/intervals.js';
import type { Extent } from '../../core/model/report.js';

/** A place of a public key: its certificate, or one of its encodings. */
interface IdentityPlace extends Extent {
  /** In read-only memory of a program or library, which is as in its file. */
  inModule: boolean;
  /** In a list of identities: known_hosts, a keyring, a bundle of certificates. */
  inList: boolean;
}

/** What the sweep of an artifact has shown of a public key. */
export interface IdentityFacts {
  places: readonly IdentityPlace[];
  /** Some of its places or certificates were dropped, for lack of memory. */
  isDropped: boolean;
  /** Each place is in a certificate of an authority. */
  inAuthorities: boolean;
  /** Its private half was published. */
  isPublished: boolean;
  /** It is a target of `--find`. */
  isAsked: boolean;
  /** A marker of private keys is within 4 KiB of a place. */
  hasMarker: boolean;
  /** A token in the artifact verifies under it. */
  hasSigned: boolean;
}

type Row = readonly [says: string, holds: (facts: IdentityFacts) => boolean];

const everywhere = ({ places }: IdentityFacts, holds: (place: IdentityPlace) => boolean): boolean =>
  places.length > 0 && places.every(holds);

/**
 * What shows that a public key is foreign: of another party, so that its private half is hardly in the
 * artifact. All other public keys are written ones. Printed in docs/searches.md.
 */
export const FOREIGN = {
  authority: ['it is only in certificates of authorities', ({ inAuthorities }) => inAuthorities],
  published: ['it is on the list of published keys', ({ isPublished }) => isPublished],
  module: [
    'all its places are in read-only memory of programs and libraries',
    (facts) => everywhere(facts, ({ inModule }) => inModule),
  ],
  list: [
    'all its places are there, or in lists: 16 identities and more within 64 KiB',
    (facts) => everywhere(facts, ({ inModule, inList }) => inModule || inList),
  ],
} as const satisfies Record<string, Row>;

/** What keeps a public key from being foreign. Printed in docs/searches.md. */
export const NEVER_FOREIGN = {
  asked: ['it is a target of `--find`', ({ isAsked }) => isAsked],
  dropped: ['a place or certificate of it was dropped for lack of memory', ({ isDropped }) => isDropped],
  marker: ['a marker of private keys is within 4 KiB of a place', ({ hasMarker }) => hasMarker],
  signature: ['a token in the artifact verifies under it', ({ hasSigned }) => hasSigned],
} as const satisfies Record<string, Row>;

/** The last exception, which the searches look for. Printed in docs/searches.md. */
export const OUTSIDE = 'its modulus or point is also outside its encodings, as a program computes with it';

/**
 * A public key that is foreign unless its modulus or point is outside its encodings too. The search for its
 * private half settles that; until then it is a written one.
 */
export interface Foreign {
  by: keyof typeof FOREIGN;
  /** Its places, ascending and disjoint. */
  encodings: readonly Extent[];
  isSettled: boolean;
}

/** Why a public key is foreign as far as the sweep has shown, if it is. */
export function foreignBy(facts: IdentityFacts): Foreign | undefined {
  if (Object.values<Row>(NEVER_FOREIGN).some(([, holds]) => holds(facts))) return undefined;
  const by = (Object.keys(FOREIGN) as Foreign['by'][]).find((reason) => FOREIGN[reason][1](facts));
  return by && { by, encodings: unionOf(facts.places), isSettled: false };
}

/** True if all these offsets are in encodings of the key. */
export const isEncoded = ({ encodings }: Foreign, offsets: readonly number[]): boolean =>
  offsets.every((offset) => covers(encodings, offset));

/**
 * True if a search may settle the key. `isCut`: runs were left out, so that it may be outside its encodings
 * unseen. Authorities and published keys are foreign all the same: where they are says nothing of that.
 */
export const maySettle = ({ by }: Foreign, isCut: boolean): boolean =>
  !isCut || by === 'authority' || by === 'published';

/** True if all that state a public key are foreign. */
export const isForeign = (foreign: readonly Foreign[] | Foreign | undefined): boolean =>
  foreign !== undefined && [foreign].flat().every(({ isSettled }) => isSettled);

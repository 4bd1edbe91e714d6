import type { Component } from '../model/key-material.js';
import type { Identity } from './identity.js';
import { publishedKey } from './published.js';
import type { ProofResult } from './types.js';

/**
 * A private half with no public one beside it. Any number in range has a public half, so nothing is proven;
 * `statement` will hold as soon as that public half is seen elsewhere in the artifact.
 */
export function derivedOnly(
  { facts, canonicalSpki }: Identity,
  components: Component[],
  statement: string,
): ProofResult {
  const published = publishedKey(canonicalSpki);
  return {
    status: 'unproven',
    why: 'the public half was computed, and none stands beside it to compare',
    facts,
    pending: { canonicalSpki, components, statement, ...(published && { published }) },
  };
}

/** The private half gives the public one that stands beside it. */
export function derivedEqual(identity: Identity, components: Component[], statement: string): ProofResult {
  const published = publishedKey(identity.canonicalSpki);
  return {
    status: 'proven',
    statements: [statement],
    ...identity,
    components,
    ...(published && { published }),
  };
}

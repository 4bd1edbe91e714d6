import { definedFields } from '../core/base/runtime/defined.js';
import type { Component } from '../core/model/key-material.js';
import type { PublicIdentity } from './identity.js';
import { madeUpBytes } from './made-up-bytes.js';
import { publishedKey } from './published.js';
import { type ProofResult, weigh } from './types.js';

/** Where the key was published; a scalar or seed of made-up bytes is as good as published. */
function publishedIn(canonicalSpki: Uint8Array, components: readonly Component[]): string | undefined {
  const whole = components.length === 1 ? components[0]?.value.reveal() : undefined;
  return publishedKey(canonicalSpki) ?? (whole && madeUpBytes(whole));
}

/**
 * A private half alone. Any number in range has a public half, so nothing is proven yet: `statement` holds
 * once that public half is found elsewhere in the artifact.
 */
export function pendingResult(
  { facts, canonicalSpki }: PublicIdentity,
  components: Component[],
  statement: string,
  why = 'not proven: its public half was only computed, and nothing was found that confirms it',
): ProofResult {
  const published = publishedIn(canonicalSpki, components);
  const [half, ...others] = components;
  // Numbers that determine each other, such as two primes, are no arbitrary octets.
  const weight = half && others.length === 0 ? weigh(half.value.reveal()) : undefined;
  return {
    status: 'unproven',
    why,
    facts,
    pending: definedFields({ canonicalSpki, components, statement, published, weight }),
  };
}

/** The public half computed from the private one is the one found with it. */
export function provenResult(
  identity: PublicIdentity,
  components: Component[],
  ...statements: string[]
): ProofResult {
  const published = publishedIn(identity.canonicalSpki, components);
  return { status: 'proven', statements, ...identity, components, ...definedFields({ published }) };
}

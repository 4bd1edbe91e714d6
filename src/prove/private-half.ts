import { definedFields } from '../core/base/runtime/defined.js';
import type { Component } from '../core/model/key-material.js';
import type { ProofResult, ProvenResult } from './types.js';

/** A private half with what was computed from it. */
export interface PrivateHalf {
  /** Canonical DER SubjectPublicKeyInfo. */
  canonicalSpki: Uint8Array;
  components: readonly Component[];
  published?: string;
}

/**
 * The private half of a proven key, or of one whose public half was only computed: its copies are secrets in
 * either case. Undefined for parts that contradict each other, and for symmetric keys that verify nothing.
 */
export function privateHalf(proof: ProofResult | undefined): PrivateHalf | undefined {
  if (proof?.status === 'proven') return proof;
  const pending = proof?.status === 'unproven' ? proof.pending : undefined;
  return pending?.weight && pending;
}

/** A key of which the private half is known: what equals a part of it is a part of the key. */
export const knownKey = (
  { canonicalSpki, components, published }: PrivateHalf,
  facts: ProvenResult['facts'],
): ProvenResult => ({
  status: 'proven',
  statements: [],
  facts,
  canonicalSpki,
  components: [...components],
  ...definedFields({ published }),
});

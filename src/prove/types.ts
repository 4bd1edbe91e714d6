import type { Component, KeyMaterial } from '../core/model/key-material.js';
import type { KeyFacts } from '../core/model/report.js';
import type { ProofBudget } from './attempt.js';
import type { KeyWeight } from './key-weight.js';

/** Result of a proof of a key's parts. */
export type ProofResult =
  | ProvenResult
  | {
      /** The parts contradict each other. */
      status: 'contradicted';
      why: string;
      /** Public identity, if the public half is known. */
      facts?: Omit<KeyFacts, 'encoding'>;
      /** The result for the private half alone, without the public half that does not match. */
      remains?: Unproven;
    }
  | Unproven;

export interface ProvenResult {
  status: 'proven';
  /** Such as "n = p*q", "e*d = 1 mod lcm(p-1, q-1)", "d*G = Q", "seed gives the public key". */
  statements: string[];
  /** Public identity; the caller adds `encoding`. */
  facts: Omit<KeyFacts, 'encoding'>;
  /**
   * Canonical DER SubjectPublicKeyInfo (rsaEncryption with NULL, named curve, uncompressed); empty for a
   * symmetric key.
   */
  canonicalSpki: Uint8Array;
  /** Every private component, including derived ones: the copies sweep searches for all. */
  components: Component[];
  /** Where it was published, if it is a known test key: an RFC, vector file or library self-test. */
  published?: string;
  /** What other parts, which are not needed for the proof, contradict. */
  damaged?: string;
}

interface Unproven {
  /** Too little is known to decide. */
  status: 'unproven';
  why: string;
  facts?: Omit<KeyFacts, 'encoding'>;
  /** Set if only the public half is missing: found elsewhere in the artifact, it completes the proof. */
  pending?: Pending;
  /** Where it was published, if it is a known symmetric test key. */
  published?: string;
  /** Why the key is damaged: see a proven result. */
  damaged?: string;
}

/** What a private half proves once its public half is found. */
interface Pending {
  /** Canonical DER SubjectPublicKeyInfo, derived from the private half; empty for a symmetric key. */
  canonicalSpki: Uint8Array;
  components: Component[];
  /** The statement that then holds, without the place: "d*G = Q". */
  statement: string;
  /** Where the key was published: see a proven result. */
  published?: string;
  /** How likely the private half is a key, if any number of its size has a public half. */
  weight?: KeyWeight;
}

/** Prover of one type of key material. */
export type Prover<K extends KeyMaterial['type']> = (
  material: Extract<KeyMaterial, { type: K }>,
  budget?: ProofBudget,
) => ProofResult;

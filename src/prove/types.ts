import type { Component, KeyMaterial } from '../model/key-material.js';
import type { KeyFacts } from '../model/report.js';
import type { ProofBudget } from './attempt.js';

/** What arithmetic says of a key's parts. */
export type ProofResult =
  | {
      status: 'proven';
      /** "n = p*q", "e*d = 1 mod lcm(p-1, q-1)", "d*G = Q", "seed gives the public key". */
      statements: string[];
      /** Public identity; `encoding` is filled in by the caller. */
      facts: Omit<KeyFacts, 'encoding'>;
      /** DER SubjectPublicKeyInfo in canonical form (rsaEncryption with NULL, named curve, uncompressed); empty for a symmetric key. */
      canonicalSpki: Uint8Array;
      /** Every private component, also those that had to be derived: the copies sweep looks for all. */
      components: Component[];
      /** Where it was published, if it is a known test key: RFC, vector file, library's self-test. */
      published?: string;
      /** What is not true of other parts that stand beside those that prove it. */
      damaged?: string;
    }
  | {
      /** The parts contradict each other. */
      status: 'contradicted';
      why: string;
      /** Public identity where the public half is known all the same. */
      facts?: Omit<KeyFacts, 'encoding'>;
      /** The private half without the public one that does not belong to it. */
      remains?: Unproven;
    }
  | Unproven;

interface Unproven {
  /** Too little is there to decide. */
  status: 'unproven';
  why: string;
  facts?: Omit<KeyFacts, 'encoding'>;
  /** Set where one thing alone is missing: the public half, seen anywhere else in the artifact, makes it a proof. */
  pending?: Pending;
  /** Where it was published, if it is a known symmetric test key. */
  published?: string;
  /** As in a proven result. */
  damaged?: string;
}

/** What a private half without a public one beside it would be, should its public half turn up. */
interface Pending {
  /** DER SubjectPublicKeyInfo in canonical form, derived from the private half; empty for a symmetric key. */
  canonicalSpki: Uint8Array;
  components: Component[];
  /** The statement that then holds, without its place: "d*G = Q". */
  statement: string;
  /** As in a proven result. */
  published?: string;
}

/** One row of the table of proofs, by material type. */
export type Prover<K extends KeyMaterial['type']> = (
  material: Extract<KeyMaterial, { type: K }>,
  budget?: ProofBudget,
) => ProofResult;

import type { Component, KeyMaterial } from '../core/model/key-material.js';
import type { KeyFacts } from '../core/model/report.js';
import type { ProofBudget } from './attempt.js';

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

/** How likely the octets of a scalar or seed are a key, if nothing but they themselves speak for it. */
export interface KeyWeight {
  /** `unlikely`: zeros or text rather than a key. */
  likelihood: 'high' | 'medium' | 'unlikely';
  /** Printed in the report: counts of octets, never the octets. */
  reason: string;
}

/** Octets by which the bounds below are meant; a longer key may have proportionally more. */
const NORMAL = 32;
/** Zero octets. Of 32 random octets, more are zero once in 130,000 cases. */
const MOST_ZEROS = 3;
/** Share of octets that are printable ASCII or zero. 24 of 32 random octets are such once in 55,000 cases. */
const TEXT = 3 / 4;
/** From here on a part may be text: 20 of 32 random octets are printable once in 300 cases. */
const PARTLY_TEXT = 20 / 32;
/** Share of distinct octets: 32 random octets have fewer than 25 distinct ones once in 6,700 cases. */
const LEAST_DISTINCT = 25 / 32;
/** Octets whose distinct values are counted: in longer keys values repeat, since there are only 256. */
const MOST_DISTINCT = 32;

/** Weighs the octets of a scalar or seed: most numbers of the right size are valid keys. */
export function weigh(octets: Uint8Array): KeyWeight {
  const { length } = octets;
  const zeros = octets.reduce((sum, octet) => sum + Number(octet === 0), 0);
  const printable = octets.reduce((sum, octet) => sum + Number(octet >= 0x20 && octet < 0x7f), 0);
  const distinct = new Set(octets.subarray(0, MOST_DISTINCT)).size;
  const of = `of its ${length} octets`;
  if (zeros > MOST_ZEROS * Math.max(1, length / NORMAL))
    return { likelihood: 'unlikely', reason: `${zeros} ${of} are zero` };
  if (zeros + printable >= TEXT * length)
    return { likelihood: 'unlikely', reason: `${zeros + printable} ${of} are text or zero` };
  if (printable >= PARTLY_TEXT * length)
    return { likelihood: 'medium', reason: `${printable} ${of} are printable` };
  if (distinct < LEAST_DISTINCT * Math.min(length, MOST_DISTINCT))
    return { likelihood: 'medium', reason: `its ${length} octets have few different values` };
  return { likelihood: 'high', reason: `its ${length} octets look random` };
}

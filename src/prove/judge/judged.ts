import type { Location } from '../../core/model/occurrence.js';
import type { CertificateFacts, Confidence, KeyNames } from '../../core/model/report.js';
import type { SecretCandidate } from '../../detect/core/types.js';
import type { KeyWeight, ProofResult } from '../types.js';
import type { VerifiedToken } from './token-store.js';

/** A candidate with everything known about it: the input of the policy. */
export interface Judged extends Location {
  candidate: SecretCandidate;
  proof?: ProofResult;
  /** Certificates in the dump with the key. */
  certificates?: CertificateFacts[];
  /** Names that the dump has beside the key's public half. */
  names?: KeyNames;
  /** Tokens of the artifact that verify under the key. */
  tokens?: readonly VerifiedToken[];
  /** Further true statements: "verifies the JWT at 0x…". */
  statements?: string[];
  /** According to the artifact the key was generated for one handshake. */
  ephemeral?: boolean;
  /** An object of a handshake holds it, and nothing shows another use. */
  ofHandshake?: boolean;
  /** The key verifies a token of the dump: it is in use, and critical. */
  verifiesToken?: boolean;
}

/**
 * Evidence decides: a proof makes a candidate proven, a contradiction lowers its confidence. A private half
 * of which the public half was only computed is as likely as its octets.
 */
export function confidenceOf(judged: Judged): Confidence {
  const { candidate, proof, verifiesToken } = judged;
  if (proof?.status === 'proven' || verifiesToken) return 'proven';
  if (proof?.status === 'contradicted') return 'low';
  switch (weightOf(judged)?.likelihood) {
    case 'unlikely':
      return 'low';
    case 'medium':
      return candidate.confidence === 'low' ? 'low' : 'medium';
    default:
      return candidate.confidence;
  }
}

/** Weight of a private half that only its own octets speak for; undefined for all else. */
export const weightOf = ({ proof }: Judged): KeyWeight | undefined =>
  proof?.status === 'unproven' ? proof.pending?.weight : undefined;

/** Why a key is not proven; refuted as soon as its public half is found. */
export function doubtsOf(judged: Judged): string[] {
  const weight = weightOf(judged);
  return weight === undefined || judged.proof?.status !== 'unproven'
    ? []
    : [`${judged.proof.why}; ${weight.reason}`];
}

/** Without the doubts of {@link doubtsOf}. */
export function notesOf(judged: Judged): string[] {
  const { candidate, proof } = judged;
  if (proof === undefined) return candidate.notes;
  const published = publishedIn(proof);
  return [
    ...candidate.notes,
    ...(proof.status === 'proven' ? damageNotes(proof) : weightOf(judged) ? [] : [proof.why]),
    ...(published === undefined ? [] : [`published test key: ${published}`]),
  ];
}

const damageNotes = ({ damaged }: { damaged?: string }): string[] =>
  damaged === undefined ? [] : [`damaged, but proven without the parts that contradict it: ${damaged}`];

/** Where the key was published. A private half suffices, since its public half can be computed. */
export function publishedIn(proof: ProofResult | undefined): string | undefined {
  if (proof === undefined || proof.status === 'contradicted') return undefined;
  return proof.published ?? (proof.status === 'unproven' ? proof.pending?.published : undefined);
}

export function proofOf({ candidate, proof, statements }: Judged): string[] {
  const arithmetic = proof?.status === 'proven' ? proof.statements : [];
  return [...new Set([...arithmetic, ...(statements ?? []), ...candidate.evidence])];
}

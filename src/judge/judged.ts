import type { SecretCandidate } from '../detect/core/types.js';
import type { Location } from '../model/occurrence.js';
import type { CertificateFacts, Confidence } from '../model/report.js';
import type { ProofResult } from '../prove/types.js';

/** A candidate with everything known about it: the input of the policy. */
export interface Judged extends Location {
  candidate: SecretCandidate;
  proof?: ProofResult;
  /** Certificates in the dump with the key. */
  certificates?: CertificateFacts[];
  /** Further true statements: "verifies the JWT at 0x…". */
  statements?: string[];
  /** According to the artifact the key was generated for one handshake. */
  ephemeral?: boolean;
  /** The key verifies a token of the dump: it is in use, and critical. */
  verifiesToken?: boolean;
}

/** Arithmetic decides: a proof makes a candidate proven, a contradiction lowers its confidence. */
export function confidenceOf({ candidate, proof, verifiesToken }: Judged): Confidence {
  if (proof?.status === 'proven' || verifiesToken) return 'proven';
  return proof?.status === 'contradicted' ? 'low' : candidate.confidence;
}

export function notesOf({ candidate, proof }: Judged): string[] {
  if (proof === undefined) return candidate.notes;
  const published = publishedIn(proof);
  return [
    ...candidate.notes,
    ...(proof.status === 'proven' ? damageNotes(proof) : [proof.why]),
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

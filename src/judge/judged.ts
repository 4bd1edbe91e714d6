import type { Candidate } from '../detect/core/types.js';
import type { Location } from '../model/occurrence.js';
import type { CertificateFacts, Confidence } from '../model/report.js';
import type { ProofResult } from '../prove/types.js';

/** A candidate with all that is known of it when it reaches the verdict. */
export interface Judged extends Location {
  candidate: Candidate;
  proof?: ProofResult;
  /** Certificates in the dump that bear the key. */
  certificates?: CertificateFacts[];
  /** Further statements that hold: "verifies the JWT at 0x…". */
  statements?: string[];
  /** The key was made for one handshake, as far as the artifact shows. */
  ephemeral?: boolean;
  /** The key verifies a token found in a dump: it is in use, and critical. */
  verifiesToken?: boolean;
}

/** Arithmetic has the last word: it lifts a candidate to proven, or pulls one down whose parts contradict each other. */
export function confidenceOf({ candidate, proof, verifiesToken }: Judged): Confidence {
  if (proof?.status === 'proven' || verifiesToken) return 'proven';
  return proof?.status === 'contradicted' ? 'low' : candidate.confidence;
}

export function notesOf({ candidate, proof }: Judged): string[] {
  if (proof === undefined) return candidate.notes;
  const published = publishedIn(proof);
  return [
    ...candidate.notes,
    ...(proof.status === 'proven' ? damageOf(proof) : [proof.why]),
    ...(published === undefined ? [] : [`published test key: ${published}`]),
  ];
}

const damageOf = ({ damaged }: { damaged?: string }): string[] =>
  damaged === undefined ? [] : [`damaged, and whole without the parts that do not belong to it: ${damaged}`];

/** Where the key was published. A private half alone will do: the public half that is computed from it tells the key. */
export function publishedIn(proof: ProofResult | undefined): string | undefined {
  if (proof === undefined || proof.status === 'contradicted') return undefined;
  return proof.published ?? (proof.status === 'unproven' ? proof.pending?.published : undefined);
}

export function proofOf({ candidate, proof, statements }: Judged): string[] {
  const arithmetic = proof?.status === 'proven' ? proof.statements : [];
  return [...new Set([...arithmetic, ...(statements ?? []), ...candidate.evidence])];
}

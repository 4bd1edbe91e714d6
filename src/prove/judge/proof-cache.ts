import { createHash } from 'node:crypto';
import { canonicalPrivateKey } from '../../core/asn1/private-key.js';
import type { KeyMaterial } from '../../core/model/key-material.js';
import type { ProofBudget } from '../attempt.js';
import { proveDamaged } from '../damaged-key.js';
import { prove } from '../prove.js';
import type { ProofResult } from '../types.js';

/** Upper bound on the proofs kept of one artifact. */
const MOST = 20_000;

/** How the structure wrote the key: the facts of a proof differ by it where the numbers do not. */
function writtenAs(material: KeyMaterial): string | Uint8Array {
  if (material.type === 'ec') return material.explicit ?? '';
  return material.type === 'rsa' && material.pss ? (material.pssParameters ?? 'pss') : '';
}

/**
 * Digest of a key: of its canonical encoding, its public half (the encoding of a seed has none) and its form.
 */
function idOf(material: KeyMaterial, encoded: Uint8Array): string {
  return createHash('sha256')
    .update(material.type)
    .update(encoded)
    .update(writtenAs(material))
    .update(('public' in material && material.public) || '')
    .digest('base64');
}

/**
 * The proofs of one artifact's keys, each made once: fifty copies of a PEM, and bare keys, which the search
 * has proven before they are judged.
 */
export class ProofCache {
  readonly #budget: ProofBudget;
  readonly #proofs = new Map<string, ProofResult>();
  /** Proofs made under another budget, with the units that they took. */
  readonly #foreign = new Map<string, { proof: ProofResult; units: number }>();

  constructor(budget: ProofBudget) {
    this.#budget = budget;
  }

  /** `encoded`: the canonical encoding of the key. */
  proofOf(material: KeyMaterial, encoded: Uint8Array): ProofResult {
    const id = idOf(material, encoded);
    const known = this.#proofs.get(id) ?? this.#charged(id);
    if (known) return known;
    const whole = prove(material, this.#budget);
    const proof = whole.status === 'contradicted' ? proveDamaged(material, whole, this.#budget) : whole;
    this.#keep(id, proof);
    return proof;
  }

  /**
   * True if all parts of a bare key together are proven. Other results are not kept: such a key is not
   * judged.
   */
  proves(material: KeyMaterial): boolean {
    const id = idOf(material, canonicalPrivateKey(material));
    const known = this.#proofs.get(id);
    if (known?.status === 'proven' && known.damaged === undefined) return true;
    const proof = prove(material, this.#budget);
    if (proof.status !== 'proven') return false;
    if (known === undefined) this.#keep(id, proof);
    return true;
  }

  /** Keeps a proof that the search for RSA keys has made on this thread, under a budget of its own. */
  add(material: KeyMaterial, proof: ProofResult, units: number): void {
    if (this.#foreign.size < MOST)
      this.#foreign.set(idOf(material, canonicalPrivateKey(material)), { proof, units });
  }

  /**
   * A foreign proof, paid from this budget: what is judged must not depend on which thread has searched. Near
   * the budget's end, where the proof might have been refused, it is made anew.
   */
  #charged(id: string): ProofResult | undefined {
    const foreign = this.#foreign.get(id);
    if (foreign === undefined || !this.#budget.covers(foreign.units)) return undefined;
    this.#budget.charge(foreign.units);
    this.#keep(id, foreign.proof);
    return foreign.proof;
  }

  #keep(id: string, proof: ProofResult): void {
    if (this.#proofs.size < MOST) this.#proofs.set(id, proof);
  }
}

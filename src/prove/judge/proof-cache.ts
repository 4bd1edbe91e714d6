import { createHash } from 'node:crypto';
import { canonicalPrivateKey } from '../../core/asn1/private-key.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { KeyMaterial, RsaMaterial } from '../../core/model/key-material.js';
import type { ProofBudget } from '../attempt.js';
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

/**
 * Keys with damaged parts: reused memory, a missing page, or a byte changed on purpose to hide the key. The
 * remaining parts may still determine the key.
 */

type Part = Exclude<keyof RsaMaterial, 'type' | 'pss' | 'pssParameters' | 'others'>;

/**
 * Sets of parts that determine a key, the most conclusive first; those that need exponentiations modulo n
 * last.
 */
const RSA_SUBSETS: readonly (readonly Part[])[] = [
  ['n', 'e', 'p', 'q', 'd'],
  ['n', 'p', 'q', 'd'],
  ['n', 'e', 'p', 'q', 'dp'],
  ['n', 'e', 'p', 'q'],
  ['n', 'e', 'p'],
  ['n', 'e', 'q'],
  ['e', 'p', 'q', 'd'],
  ['e', 'p', 'q', 'dp', 'dq'],
  ['n', 'e', 'd'],
  ['n', 'e', 'dp'],
  ['n', 'e', 'dq'],
  ['e', 'q', 'dp', 'qinv'],
  ['e', 'p', 'dq', 'qinv'],
];

function* rsaSubsets(material: RsaMaterial): Generator<RsaMaterial> {
  const { pss, pssParameters } = material;
  for (const parts of RSA_SUBSETS) {
    if (parts.some((part) => material[part] === undefined)) continue;
    yield {
      type: 'rsa',
      ...definedFields({ pss, pssParameters }),
      ...Object.fromEntries(parts.map((part) => [part, material[part]])),
    };
  }
}

/** Private halves without their public ones: a public half elsewhere may match. */
type Subsets = {
  [K in KeyMaterial['type']]?: (key: Extract<KeyMaterial, { type: K }>) => Iterable<KeyMaterial>;
};

const subsets: Subsets = {
  rsa: rsaSubsets,
  *ec({ point, ...rest }) {
    if (point) yield rest;
  },
  *okp({ public: given, ...rest }) {
    if (given) yield rest;
  },
};

/** Proves a contradicted key from some of its parts. */
export function proveDamaged(
  material: KeyMaterial,
  contradicted: ProofResult & { status: 'contradicted' },
  budget?: ProofBudget,
): ProofResult {
  const damaged = contradicted.why;
  const parts = subsets[material.type] as ((key: KeyMaterial) => Iterable<KeyMaterial>) | undefined;
  for (const part of parts?.(material) ?? []) {
    const result = prove(part, budget);
    if (result.status === 'proven') return { ...result, damaged };
    // Two primes without their product prove no key.
    if (result.status === 'unproven' && result.pending && part.type !== 'rsa')
      return { ...contradicted, remains: { ...result, damaged } };
  }
  return contradicted;
}

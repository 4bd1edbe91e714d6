import { type ByteReader, lenient, openStorage, type Storage } from '../core/base/bytes/storage.js';
import { budgetOf } from '../core/model/effort.js';
import type { KeyMaterial } from '../core/model/key-material.js';
import { ProofBudget } from '../prove/attempt.js';
import { isComposite } from '../prove/primes.js';
import { prove } from '../prove/prove.js';
import type { ProofResult } from '../prove/types.js';
import type { RsaAnswer } from '../search/rsa/rsa-key.js';
import { isHeavy, type RsaRequest } from '../search/rsa/rsa-request.js';
import { searchRsa } from '../search/rsa/rsa-search.js';
import { forgetKernels } from '../sweep/kernel-select.js';

/** Budget of proof, in the units of the judge, which proves each key once more. */
const BUDGET = 40_000;

/** The search for RSA keys. `units`: budget of proof at normal effort. `keep` receives the proofs. */
export function searchKeys(
  request: RsaRequest,
  reader: ByteReader,
  units = BUDGET,
  keep?: (material: KeyMaterial, proof: ProofResult, units: number) => void,
): RsaAnswer {
  const budget = new ProofBudget(budgetOf(request)(units));
  const answer = searchRsa(request, reader, {
    isProven(material) {
      const before = budget.spent;
      const proof = prove(material, budget);
      if (proof.status !== 'proven') return false;
      keep?.(material, proof, budget.spent - before);
      return true;
    },
    isComposite: (value) => isComposite(value, budget),
  });
  if (budget.refused === 0) return answer;
  const unproven = {
    ...({ search: 'rsa-proofs', what: 'RSA keys were not proven' } as const),
    // Their numbers fit: likelier to be keys than what no other search tries.
    target: request.publicKeys.some(({ isTarget }) => isTarget) ? ('asked' as const) : ('written' as const),
    ...{ left: budget.refused, likely: budget.refused },
    ...{ from: 0, to: request.length },
  };
  return { ...answer, skipped: [...answer.skipped, unproven] };
}

/** {@link searchKeys} as a job of the pool. */
export function job({ storage, request }: { storage: Storage; request: RsaRequest }): RsaAnswer {
  if (isHeavy(request)) forgetKernels();
  return searchKeys(request, lenient(openStorage(storage)));
}

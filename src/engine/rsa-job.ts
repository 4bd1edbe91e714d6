import { type RsaAnswer, type RsaRequest, searchRsa } from '../numbers/rsa-search.js';
import { ProofBudget } from '../prove/attempt.js';
import { prove } from '../prove/prove.js';
import { lenient, openStorage, type Reader, type Storage } from '../storage.js';

/** Work that tells whether a key is one, in the units of the desk, which proves it once more. */
const BUDGET = 40_000;

/** The search for RSA keys in the artifact that `reader` reads, with so many units of proof. */
export function searchKeys(request: RsaRequest, reader: Reader, units = BUDGET): RsaAnswer {
  const budget = new ProofBudget(request.deep ? Number.POSITIVE_INFINITY : units);
  const answer = searchRsa(request, reader, (material) => prove(material, budget).status === 'proven');
  if (budget.refused === 0) return answer;
  const unproven = { from: 0, to: request.length, count: budget.refused, what: 'RSA keys were not proven' };
  return { ...answer, left: new Map([...answer.left, ['rsa-proofs', unproven]]) };
}

/** The same for a worker of the sweep's pool. */
export default function job({ storage, request }: { storage: Storage; request: RsaRequest }): RsaAnswer {
  return searchKeys(request, lenient(openStorage(storage)));
}

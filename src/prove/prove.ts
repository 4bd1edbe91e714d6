import type { KeyMaterial } from '../core/model/key-material.js';
import type { ProofBudget } from './attempt.js';
import { proveDsa } from './dsa.js';
import { proveEc } from './ec.js';
import { proveEdwardsScalar } from './edwards.js';
import { proveHmacStates, proveOct } from './oct.js';
import { proveOkp } from './okp.js';
import { proveRsa } from './rsa.js';
import type { ProofResult, Prover } from './types.js';

const provers: { [K in KeyMaterial['type']]: Prover<K> } = {
  rsa: proveRsa,
  ec: proveEc,
  okp: proveOkp,
  'edwards-scalar': proveEdwardsScalar,
  dsa: proveDsa,
  oct: proveOct,
  'hmac-states': proveHmacStates,
};

/**
 * Proves the parts of a key by arithmetic. Deterministic except for the random bases of primality tests. A
 * hostile key costs at most a few seconds (16,384 bits); `budget` bounds the sum over an artifact.
 */
export function prove(material: KeyMaterial, budget?: ProofBudget): ProofResult {
  const prover = provers[material.type] as (material: KeyMaterial, budget?: ProofBudget) => ProofResult;
  return prover(material, budget);
}

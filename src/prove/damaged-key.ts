import type { KeyMaterial, RsaMaterial } from '../model/key-material.js';
import type { ProofBudget } from './attempt.js';
import { prove } from './prove.js';
import type { ProofResult } from './types.js';

/**
 * Keys of which some parts are damaged: memory that was used again, a page that is missing, or somebody who hides a key by a byte of
 * a part that it does not need. Whoever finds the rest has the key all the same.
 */

type Part = Exclude<keyof RsaMaterial, 'type' | 'pss' | 'pssParameters' | 'others'>;

/** Parts that are a key without the others: those that tell most first, and last those that only powers of the length of n tell. */
const RSA: readonly (readonly Part[])[] = [
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

function* rsaRemains(material: RsaMaterial): Generator<RsaMaterial> {
  const { pss, pssParameters } = material;
  for (const parts of RSA) {
    if (parts.some((part) => material[part] === undefined)) continue;
    yield {
      type: 'rsa',
      ...(pss === undefined ? {} : { pss }),
      ...(pssParameters === undefined ? {} : { pssParameters }),
      ...Object.fromEntries(parts.map((part) => [part, material[part]])),
    };
  }
}

/** Private halves without the public ones beside them: what stands elsewhere may be theirs. */
type Remains = {
  [K in KeyMaterial['type']]?: (key: Extract<KeyMaterial, { type: K }>) => Iterable<KeyMaterial>;
};

const remains: Remains = {
  rsa: rsaRemains,
  *ec({ point, ...rest }) {
    if (point) yield rest;
  },
  *okp({ public: given, ...rest }) {
    if (given) yield rest;
  },
};

/** What some of the parts of a key prove, of which all together contradict each other. */
export function proveRemains(
  material: KeyMaterial,
  contradicted: ProofResult & { status: 'contradicted' },
  budget?: ProofBudget,
): ProofResult {
  const damaged = contradicted.why;
  const parts = remains[material.type] as ((key: KeyMaterial) => Iterable<KeyMaterial>) | undefined;
  for (const part of parts?.(material) ?? []) {
    const result = prove(part, budget);
    if (result.status === 'proven') return { ...result, damaged };
    // Two primes without their product are nobody's key.
    if (result.status === 'unproven' && result.pending && part.type !== 'rsa')
      return { ...contradicted, remains: { ...result, damaged } };
  }
  return contradicted;
}

import { definedFields } from '../core/base/runtime/defined.js';
import type { KeyMaterial, RsaMaterial } from '../core/model/key-material.js';
import type { ProofBudget } from './attempt.js';
import { prove } from './prove.js';
import type { ProofResult } from './types.js';

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

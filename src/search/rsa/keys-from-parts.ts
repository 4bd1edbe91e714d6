import type { KeyFromPart } from './key-from-part.js';
import { type KnownModulusRequest, searchKnownModuli } from './known-modulus-search.js';
import type { Modulus } from './modulus.js';
import type { FoundRsaKey } from './rsa-answer.js';
import type { RsaProver } from './rsa-request.js';

/** Keys of known moduli from one part. */
export function* keysFromParts(
  moduli: readonly Modulus[],
  request: KnownModulusRequest,
  prover: RsaProver,
): Generator<FoundRsaKey> {
  const proven = new Set<bigint>();
  const refused = new Map<bigint, KeyFromPart>();
  for (const found of searchKnownModuli(moduli, request)) {
    const { modulus, material } = found;
    if (modulus.solved) continue;
    if (prover.isProven(material)) {
      modulus.solved = true;
      proven.add(modulus.n);
      yield describePart(found);
    } else if (material.d === undefined) refused.set(modulus.n, found);
  }
  // A prime of n proves the key even if every e known with n is crafted.
  for (const [n, found] of refused) {
    const { e: _, ...material } = found.material;
    if (!proven.has(n) && prover.isProven(material)) yield describePart({ ...found, material });
  }
}

function describePart({ modulus: _, material, part, lost, ...place }: KeyFromPart): FoundRsaKey {
  const evidence = lost
    ? `the ${lost.end} ${lost.bytes} bytes of ${part} are lost and were computed`
    : `the number here is ${part}`;
  return { material, place, evidence: [evidence], component: part, ...(lost ? { partial: true } : {}) };
}
